"""Turning the places of a search into communes. An unknown one is refused by the name of its field."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.store import communes
from directory.store.communes import Around
from directory.usecases.known_codes import unknown_commune
from directory.usecases.load_reference import Reference
from kit.problems import field_problem
from kit.work import Work

MINE = "mine"
"""Stands for the caller's own territory."""

DEFAULT_RADIUS_KM = 30.0


@dataclass(frozen=True)
class Where:
    """Places as a caller names them: INSEE codes (old ones too), a radius around a commune, a territory."""

    commune: str | None = None
    near: str | None = None
    max_distance_km: float | None = None
    territory: str | None = None


async def around(work: Work, where: Where) -> Around | None:
    """The point and radius of `near`. Raises Problem 422."""
    if where.near is None:
        if where.max_distance_km is not None:
            raise field_problem(
                "max_distance_km", "near_missing", "A distance needs `near`, the commune to measure from"
            )
        return None
    row = await communes.find(work, where.near)
    if row is None:
        raise unknown_commune("near", where.near)
    radius = DEFAULT_RADIUS_KM if where.max_distance_km is None else where.max_distance_km
    return Around(row["latitude"], row["longitude"], radius)


async def within(work: Work, where: Where, reference: Reference) -> Sequence[str] | None:
    """The communes of `commune` and `territory`, those of both when both are given. Raises Problem 422."""
    chosen: set[str] | None = None
    if where.territory is not None:
        slug = work.territory if where.territory == MINE else where.territory
        if slug not in reference.territories:
            raise field_problem("territory", "territory_unknown", f"No territory {slug!r}: see /v1/territories")
        chosen = set(reference.territories[slug].communes)
    if where.commune is not None:
        row = await communes.find(work, where.commune)
        if row is None:
            raise unknown_commune("commune", where.commune)
        chosen = {row["insee"]} & (chosen if chosen is not None else {row["insee"]})
    return None if chosen is None else sorted(chosen)
