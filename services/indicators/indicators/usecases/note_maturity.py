"""Note how mature an action is, with the reason; what was noted stays."""

from contracts.indicators import MaturityNoted
from indicators.domain.action_plan import ActionPlan, Sheet
from indicators.domain.maturity import MaturityEntry
from indicators.store import action_plan as notes
from indicators.usecases.show_plan import entry_of
from kit.auth import Caller
from kit.work import Work

TABLE = "maturity_note"


async def note_maturity(
    work: Work, caller: Caller, plan: ActionPlan, sheet: Sheet, *, level: int, reason: str
) -> MaturityEntry:
    """Stores and tells the level. The same level again is an assessment too."""
    await notes.lock(work, sheet.number)
    present = (await notes.levels(work, None, sheet.number)).get(sheet.number)
    row = await notes.add(
        work,
        TABLE,
        sheet.number,
        caller.subject,
        level=level,
        was=present["level"] if present else sheet.maturity,
        reason=reason,
        plan_version=plan.version,
    )
    told = MaturityNoted(sheet=sheet.number, level=level, was=row["was"], plan_version=plan.version)
    work.emit(told, version=row["number"])
    return entry_of(row)
