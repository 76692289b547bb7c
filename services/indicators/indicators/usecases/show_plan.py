"""Show how far the action plan is: maturity, steps, what is late, the figures of a sheet's indicators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from indicators.domain.action_plan import ActionPlan, Axis, Sheet
from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.figures import Figure
from indicators.domain.maturity import MaturityEntry
from indicators.domain.movement import Movement, movement
from indicators.domain.periods import Period, before
from indicators.domain.plan_progress import Progress, State, StepStanding, day_of, sheet_state, standing_of
from indicators.domain.small_cells import SmallCells
from indicators.store import action_plan as notes
from indicators.usecases.show_figures import View, show_periods
from kit.work import Record, Work


@dataclass(frozen=True)
class SheetStanding:
    """A sheet on a day. `maturity` is None before the plan was adopted."""

    axis: Axis
    sheet: Sheet
    day: date
    maturity: MaturityEntry | None
    steps: Sequence[StepStanding]

    @property
    def state(self) -> State:
        return sheet_state(self.steps)

    @property
    def late(self) -> list[StepStanding]:
        """Its steps that are late."""
        return [step for step in self.steps if step.late]


@dataclass(frozen=True)
class Followed:
    """A figure beside that of the period before, where there was one: before a first campaign there is none."""

    figure: Figure
    before: Figure | None
    movement: Movement | None


async def show_sheets(
    work: Work, plan: ActionPlan, zone: tzinfo, until: datetime | None, only: Sheet | None = None
) -> list[SheetStanding]:
    """Every sheet of the plan (or one) as it stands, or stood before `until`, in the order of the plan."""
    number = only.number if only else None
    levels, states = await notes.levels(work, until, number), await notes.states(work, until, number)
    day = day_of(work.now, until, zone)
    return [
        SheetStanding(axis, sheet, day, _maturity(plan, sheet, levels, zone, until), _steps(sheet, states, day))
        for axis, sheet in plan.sheets
        if only is None or sheet.number == number
    ]


def select(
    sheets: Sequence[SheetStanding], axis: int | None, late: bool | None, level: int | None
) -> list[SheetStanding]:
    """Those of an axis, with or without something late, of a level; None asks nothing."""
    return [
        it
        for it in sheets
        if axis in (None, it.axis.number)
        and late in (None, bool(it.late))
        and (level is None or (it.maturity is not None and it.maturity.level == level))
    ]


async def follow(
    work: Work,
    small_cells: Mapping[str, SmallCells],
    catalogue: Catalogue,
    ids: Sequence[str],
    *,
    period: Period,
    view: View,
) -> dict[str, Followed]:
    """The figures of these indicators in a period and in the one before, by id, as any reader sees them."""
    indicators, periods = _known(catalogue, ids), [it for it in (before(period), period) if it]
    *earlier, present = await show_periods(work, small_cells, indicators, periods, view)
    befores = {then.indicator.id: then for figures in earlier for then in figures}
    return {now.indicator.id: _followed(now, befores.get(now.indicator.id)) for now in present}


def entry_of(row: Record) -> MaturityEntry:
    """The line of the history that a stored note is."""
    return MaturityEntry(**{name: row[name] for name in ("number", "level", "was", "reason", "noted_by", "noted_at")})


def adopted(plan: ActionPlan, sheet: Sheet, zone: tzinfo) -> MaturityEntry:
    """The first line of every history: what the plan itself states."""
    at = datetime.combine(plan.adopted_on, time(), zone)
    return MaturityEntry(0, sheet.maturity, None, plan.source, None, at)


def _maturity(
    plan: ActionPlan, sheet: Sheet, levels: Mapping[str, Record], zone: tzinfo, until: datetime | None
) -> MaturityEntry | None:
    if sheet.number in levels:
        return entry_of(levels[sheet.number])
    first = adopted(plan, sheet, zone)
    return first if until is None or first.noted_at < until else None


def _steps(sheet: Sheet, states: Mapping[str, Record], day: date) -> list[StepStanding]:
    return [standing_of(step, progress_of(states.get(step.number)), day) for step in sheet.steps]


def progress_of(row: Record | None) -> Progress:
    """What a stored note says of its step."""
    return Progress() if row is None else Progress(row["state"], row["on_day"])


def _followed(now: Figure, then: Figure | None) -> Followed:
    return Followed(now, then, movement(now.value, then.value if then else None))


def _known(catalogue: Catalogue, ids: Sequence[str]) -> list[Indicator]:
    return [indicator for indicator in catalogue.indicators if indicator.id in set(ids)]
