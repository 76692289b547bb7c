"""List what was noted about an action: the history of its maturity, its progress."""

from datetime import datetime, tzinfo

from indicators.domain.action_plan import ActionPlan, Sheet
from indicators.domain.maturity import MaturityEntry
from indicators.store import action_plan as notes
from indicators.usecases.note_maturity import TABLE as MATURITY
from indicators.usecases.note_progress import TABLE as PROGRESS
from indicators.usecases.show_plan import adopted, entry_of
from kit.work import Record, Work


async def list_maturity(
    work: Work,
    plan: ActionPlan,
    sheet: Sheet,
    zone: tzinfo,
    *,
    until: datetime | None,
    before: int | None,
    limit: int,
) -> list[MaturityEntry]:
    """The latest first, from below the number `before`; the last one is what the plan states."""
    rows = await notes.notes(work, MATURITY, sheet.number, until=until, before=before, limit=limit)
    first = adopted(plan, sheet, zone)
    ends = len(rows) < limit and before != 0 and (until is None or first.noted_at < until)
    return [entry_of(row) for row in rows] + ([first] if ends else [])


async def list_progress(
    work: Work, sheet: Sheet, *, until: datetime | None, before: int | None, limit: int
) -> list[Record]:
    """The latest first, of the sheet and its steps, from below the number `before`."""
    return await notes.notes(work, PROGRESS, sheet.number, until=until, before=before, limit=limit)


async def latest_of_steps(work: Work, until: datetime | None) -> dict[str, Record]:
    """The latest note on each step of the plan, by step."""
    return await notes.latest_notes(work, until)
