"""Show the facts behind a figure, down to the event."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from indicators.domain.catalogue import Count, Indicator
from indicators.domain.periods import Period
from indicators.store import evidence, figures
from indicators.store.evidence import CountedUnit, Proof
from kit.problems import field_problem
from kit.work import Work

Part = Literal["numerator", "denominator"]


async def list_evidence(
    work: Work, indicator: Indicator, part: Part, period: Period, *, after: str | None, limit: int
) -> tuple[int, list[CountedUnit]]:
    """How many units the part counts, and `limit` of them after `after`. Raises Problem 422 for an absent part."""
    count = _part(indicator, part)
    if count is None:
        return 0, []
    total, _ = await figures.tally(work, count, period)
    return total, await evidence.units(work, count, period, after, limit)


async def list_facts_of_unit(
    work: Work,
    indicator: Indicator,
    part: Part,
    period: Period,
    *,
    unit: str,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Proof]:
    """The facts that prove one counted unit, oldest first. Raises Problem 422 for an absent part."""
    count = _part(indicator, part)
    return [] if count is None else await evidence.facts_of(work, count, period, unit=unit, after=after, limit=limit)


def _part(indicator: Indicator, part: Part) -> Count | None:
    """What the part counts; None for an indicator that nothing feeds."""
    if not indicator.is_fed:
        return None
    count = indicator.numerator if part == "numerator" else indicator.denominator
    if count is None:
        raise field_problem("part", "part_absent", f"{indicator.id} is a count: it has no denominator")
    return count
