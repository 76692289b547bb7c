"""Which figures of a period are wanted, and which of their breakdowns."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Query

from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.figures import Figure
from kit.problems import field_problem

BreakdownQuery = Annotated[
    str | None,
    Query(max_length=40, description="The one breakdown that is wanted; left out: all", examples=["profession"]),
]


def wanted_indicators(catalogue: Catalogue, ids: str | None) -> tuple[Indicator, ...]:
    """Those that are named, in this order; all that the territory follows when none is.

    Raises Problem 422 `indicator_unknown`.
    """
    if ids is None:
        return catalogue.followed
    names = dict.fromkeys(name.strip() for name in ids.split(","))
    found = {name: catalogue.find(name) for name in names}
    if unknown := [name for name, indicator in found.items() if indicator is None]:
        raise field_problem("ids", "indicator_unknown", f"The catalogue has no indicator {unknown[0]!r}")
    return tuple(indicator for indicator in found.values() if indicator is not None)


def filtered(figures: Sequence[Figure], breakdown: str | None) -> list[Figure]:
    """With the one breakdown that is asked for. Raises Problem 422 `breakdown_unknown` when none of them has it."""
    if breakdown is None:
        return list(figures)
    has = {name for it in figures if it.indicator.numerator for name in it.indicator.numerator.by}
    has |= {name for it in figures if it.tally for name in it.tally.breakdown}
    if breakdown not in has:
        raise field_problem("breakdown", "breakdown_unknown", f"One of {', '.join(sorted(has)) or 'none'}")
    return [_only(figure, breakdown) for figure in figures]


def _only(figure: Figure, breakdown: str) -> Figure:
    if figure.tally is None:
        return figure
    parts = {name: it for name, it in figure.tally.breakdown.items() if name == breakdown}
    return replace(figure, tally=replace(figure.tally, breakdown=parts))
