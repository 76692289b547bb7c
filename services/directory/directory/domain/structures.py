"""A structure (hospital site, nursing home, pharmacy ...): as FINESS describes it, or as lines of the RPPS name it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from directory.domain.finess_codes import FinessCodes
from directory.domain.professionals import Places

Source = Literal["rpps", "finess"]


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
    """A site known by its FINESS number (*numéro FINESS géographique*).

    `source` is who described it last with authority: what FINESS said, the RPPS does not overwrite. Dates are ISO.
    `places` counts beds or places by discipline; `capacity` sums those that count (`FinessCodes.capacity`).
    Degrees are WGS84.
    """

    finess: str
    name: str
    sector: str | None = None
    postal_code: str | None = None
    commune: str | None = None
    source: Source = "rpps"
    listed: bool = True
    legal_entity: str | None = None
    category: str | None = None
    street: str | None = None
    city: str | None = None
    phone: str | None = None
    siret: str | None = None
    opened_on: str | None = None
    closed_on: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    capacity: int | None = None

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


def mentioned(before: Structure | None, now: Structure) -> Structure:
    """What the lines of the RPPS add: everything of a site that FINESS did not describe, else its sector alone."""
    if before is None:
        return now
    if before.source == "finess":
        return replace(before, sector=now.sector or before.sector)
    told = {name: getattr(now, name) for name in ("name", "sector", "postal_code", "commune", "listed")}
    return replace(before, **told)


class Item(NamedTuple):
    """One record of a FINESS file. `facts` is what it says, by the names of `Structure` unless said otherwise.

    A site may carry `insee` and `city` to find its commune by; an equipment has `discipline` and `count`.
    """

    kind: Literal["site", "point", "equipment"]
    finess: str
    facts: dict[str, str | float | bool | None]


def described(before: Structure | None, items: Sequence[Item], places: Places, codes: FinessCodes) -> Structure | None:
    """A structure after the records of one file on it; None when they do not name it and nobody did before."""
    sites = [item.facts for item in items if item.kind == "site"]
    now = _site(before, items[0].finess, sites[-1], places) if sites else before
    if now is None:
        return None
    for point in (item.facts for item in items if item.kind == "point"):
        now = replace(now, latitude=point["latitude"], longitude=point["longitude"])  # type: ignore[arg-type]
    equipment = [item.facts for item in items if item.kind == "equipment"]
    if equipment:
        now = replace(now, places=_places(equipment))
    return replace(now, capacity=codes.capacity(now.category, now.places))


def _site(
    before: Structure | None, finess: str, facts: Mapping[str, str | float | bool | None], places: Places
) -> Structure:
    known = before or Structure(finess=finess, name=finess)
    told = {name: value for name, value in facts.items() if name != "insee"}
    city, postal_code = str(facts["city"] or ""), str(facts["postal_code"] or "")
    commune = places.resolve(str(facts["insee"] or ""), postal_code, (city,))
    # A file without points says nothing of where the site stands.
    point = {name: told.pop(name, None) for name in ("latitude", "longitude")}
    located = point if None not in point.values() else {}
    return replace(known, source="finess", commune=commune, **told, **located)  # type: ignore[arg-type]


def _places(equipment: Sequence[Mapping[str, str | float | bool | None]]) -> dict[str, int]:
    """Places by discipline: one discipline has a line for each kind of client."""
    found: dict[str, int] = {}
    for facts in equipment:
        discipline = str(facts["discipline"])
        found[discipline] = found.get(discipline, 0) + int(facts["count"] or 0)
    return found
