"""Who may see the facts behind a small number of patients."""

from collections.abc import Mapping

from indicators.domain.catalogue import Indicator
from indicators.domain.figures import Tally
from indicators.domain.masking import masked
from indicators.domain.periods import Period
from indicators.domain.small_cells import SmallCells
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.list_evidence import Part
from indicators.usecases.show_figures import threshold
from kit.problems import Problem
from kit.work import Work

PATIENTS = "indicators:patients"
"""Scope of the roles that may see the patients."""


async def guard_evidence(
    work: Work, small_cells: Mapping[str, SmallCells], indicator: Indicator, part: Part, period: Period
) -> None:
    """Raises Problem 403 `masked` for a caller without that scope, where the number is hidden when it is published."""
    part_is_absent = part == "denominator" and indicator.denominator is None
    may_see = work.caller is not None and PATIENTS in work.caller.scopes
    if not indicator.counts_patients or part_is_absent or may_see:
        return
    (figure,) = await compute_figures(work, [indicator], period)
    if figure.tally and _is_hidden(masked(figure, threshold(small_cells, work.territory)).tally, part):
        raise Problem(403, "masked", f"Too few patients to be told of without the scope {PATIENTS}")


def _is_hidden(tally: Tally | None, part: Part) -> bool:
    """The evidence of a numerator is that of all its parts."""
    if tally is None:
        return False
    if part == "denominator":
        return tally.denominator is None
    return tally.numerator is None or any(None in parts.values() for parts in tally.breakdown.values())
