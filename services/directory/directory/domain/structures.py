"""A structure (hospital site, health centre, pharmacy ...) as the lines of the RPPS name it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from directory.domain.professionals import Places


class StructureMention(NamedTuple):
    """One way in which lines name a FINESS site, and on how many of them."""

    finess: str
    name: str
    sector: str
    postal_line: str
    postal_code: str
    commune: str
    commune_name: str
    times: int


@dataclass(frozen=True)
class Structure:
    """A site known by its FINESS number (*numéro FINESS géographique*)."""

    finess: str
    name: str
    sector: str | None
    postal_code: str | None
    commune: str | None

    def digest(self) -> bytes:
        """Equal for equal content."""
        return hashlib.sha256(json.dumps(vars(self), sort_keys=True).encode()).digest()


def structure_of(mentions: Sequence[StructureMention], places: Places) -> Structure:
    """The structure behind the mentions of one FINESS number (at least one).

    The most frequent mention names it (ties: alphabetical order, so that the file's order does not
    matter); the commune is that of the most frequent mention that has one.
    """
    ranked = sorted(mentions, key=lambda mention: (-mention.times, mention))
    first = ranked[0]
    communes = (places.resolve(m.commune, m.postal_code, (m.commune_name, m.postal_line)) for m in ranked)
    return Structure(
        finess=first.finess,
        name=first.name or first.finess,
        sector=first.sector or None,
        postal_code=first.postal_code or None,
        commune=next((commune for commune in communes if commune), None),
    )
