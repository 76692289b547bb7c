"""Reads what a search of a *médecin traitant* goes by."""

from collections.abc import Iterable
from pathlib import Path

from pathways.domain.geography import Centroids
from pathways.store.files import load_centroids, load_search_rules
from pathways.usecases.propose_doctor import Matching


def load_matching(territories_dir: Path, reference_dir: Path, territories: Iterable[str]) -> Matching:
    """Raises BadFileError."""
    rules = load_search_rules(territories_dir, reference_dir, territories)
    return Matching(rules, Centroids(load_centroids(reference_dir)))
