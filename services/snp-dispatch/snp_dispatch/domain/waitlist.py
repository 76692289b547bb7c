"""The order of the waitlist (*liste d'attente*): clinical priority, then deadline, then who asked first.

A level is worth its rank on its own scale, so that FRENCH 3B comes before FRENCH 5. Two scales are not
comparable beyond that; a call without a level comes after all that were assessed.
"""

from snp_dispatch.domain.catalogue import Catalogue

UNASSESSED = 100
"""Rank of a call without a triage level."""


def priority_of(catalogue: Catalogue, triage: tuple[str, str] | None) -> int:
    """Rank of a level (scale, level) on its scale, 0 the most urgent. The codes were checked at receipt."""
    if triage is None:
        return UNASSESSED
    scale, level = triage
    return list(catalogue.triage_scales[scale].levels).index(level)
