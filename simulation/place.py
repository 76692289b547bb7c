"""The territory that is played: its communes, its policy and the distances, as the dispatch reads them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from snp_dispatch.domain.geography import Gazetteer
from snp_dispatch.domain.policy import Policy
from snp_dispatch.settings import Settings
from snp_dispatch.store.rules import COMMUNES, load_rules

ROOT = Path(__file__).resolve().parents[1]
_NONE = SecretStr("none")
"""Nothing here connects anywhere."""


@dataclass(frozen=True)
class Place:
    """`populations` by commune, in the order of their codes."""

    populations: dict[str, int]
    policy: Policy
    gazetteer: Gazetteer


@cache
def place(territory: str) -> Place:
    """Raises BadFileError, and ValueError for a territory without communes or policy."""
    deploy = ROOT / "deploy"
    settings = Settings(
        database_url=_NONE,
        nats_url=_NONE,
        encryption_keys=_NONE,
        blind_index_key=_NONE,
        territories_dir=deploy / "territories",
        reference_dir=deploy / "reference",
    )
    rules = load_rules(settings)
    versions, codes = rules.policies.get(territory), sorted(rules.territories[territory].communes)
    if versions is None or not codes:
        raise ValueError(f"{territory} has no policy or names no communes: it cannot be played")
    counts = _populations(deploy / "reference" / COMMUNES)
    return Place({code: counts[code] for code in codes}, versions.versions[-1], rules.gazetteer)


def _populations(path: Path) -> dict[str, int]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["insee_code"]: int(row["population"] or 0) for row in csv.DictReader(lines)}
