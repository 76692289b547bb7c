"""Note what happened on an action sheet or a step of it, with its proof; what was noted stays."""

from dataclasses import dataclass
from datetime import date, tzinfo

from indicators.domain.action_plan import ActionPlan, Sheet
from indicators.domain.plan_progress import BadProgressError, State, check_progress, day_of
from indicators.store import action_plan as notes
from indicators.usecases.show_plan import progress_of
from kit.auth import Caller
from kit.problems import field_problem
from kit.work import Record, Work

TABLE = "progress_note"


@dataclass(frozen=True)
class Noted:
    """A note as it comes in. Without `state` the step stays where it is; without `on_day` it is of today."""

    text: str
    step: str | None = None
    state: State | None = None
    on_day: date | None = None
    proof_link: str | None = None
    proof_reference: str | None = None


async def note_progress(
    work: Work, caller: Caller, plan: ActionPlan, sheet: Sheet, noted: Noted, *, zone: tzinfo
) -> Record:
    """Stores the note. Raises Problem 422 `step_unknown`, `step_missing` and those of `check_progress`."""
    if noted.step is not None and sheet.step(noted.step) is None:
        raise field_problem("step", "step_unknown", f"Sheet {sheet.number} has no step {noted.step}")
    if noted.step is None and noted.state is not None:
        raise field_problem("step", "step_missing", "A state is that of a step: say which")
    await notes.lock(work, sheet.number)
    today = day_of(work.now, None, zone)
    on_day = noted.on_day or today
    await _check(work, sheet, noted, on_day, today)
    values = vars(noted) | {"on_day": on_day, "plan_version": plan.version}
    return await notes.add(work, TABLE, sheet.number, caller.subject, **values)


async def _check(work: Work, sheet: Sheet, noted: Noted, on_day: date, today: date) -> None:
    states = await notes.states(work, None, sheet.number)
    present = progress_of(states.get(noted.step)) if noted.step else progress_of(None)
    proved = bool(noted.proof_link or noted.proof_reference)
    try:
        check_progress(present, noted.state, on_day, today, proved=proved)
    except BadProgressError as error:
        raise field_problem(error.field, error.code, str(error)) from None
