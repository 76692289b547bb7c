"""What changed since a period was approved, and the facts that arrived since."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.reporting import CLOSED
from indicators.domain.sources import SOURCES
from indicators.store import late_facts, periods
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.show_figures import approved_figures
from kit.problems import Problem
from kit.work import Record, Work

SHOWN = 10
"""Late facts that are listed with a figure."""
_READ = 10_000


@dataclass(frozen=True)
class Change:
    """One figure that would come out otherwise now, and the newest late facts that may have moved it."""

    approved: Figure
    now: Figure
    late: Sequence[Record]
    late_total: int


async def compare_with_approval(work: Work, catalogue: Catalogue, period: Period) -> list[Change]:
    """The figures that differ, in the order of the catalogue. Raises Problem 409 `period_not_approved`."""
    row = await periods.find(work, period.id)
    if row is None or row["state"] not in CLOSED:
        raise Problem(409, "period_not_approved", f"{period.id} is not approved: there is nothing to compare with")
    approved = await approved_figures(work, row, catalogue.indicators, period)
    wanted = {figure.indicator.id for figure in approved}
    now = await compute_figures(work, [it for it in catalogue.indicators if it.id in wanted], period)
    late = await late_facts.since(work, period.id, row["approvals"], _READ)
    return [_change(before, after, late) for before, after in zip(approved, now, strict=True) if _differ(before, after)]


def _differ(approved: Figure, now: Figure) -> bool:
    """Whether another number, or the same one by another definition, would be approved now."""
    return _said(approved) != _said(now)


def _said(figure: Figure) -> tuple[object, ...]:
    return figure.indicator.definition_version, figure.status, figure.value, figure.tally, figure.masked


def _change(approved: Figure, now: Figure, late: Sequence[Record]) -> Change:
    kinds = {kind for source in now.indicator.sources for kind in SOURCES[source].fed_by}
    moving = [row for row in late if row["kind"] in kinds]
    return Change(approved, now, moving[:SHOWN], len(moving))
