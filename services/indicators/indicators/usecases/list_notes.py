"""List the history of an action's maturity."""

from datetime import datetime, tzinfo

from indicators.domain.action_plan import ActionPlan, Sheet
from indicators.domain.maturity import MaturityEntry
from indicators.store import action_plan as notes
from indicators.usecases.note_maturity import TABLE
from indicators.usecases.show_plan import adopted, entry_of
from kit.work import Work


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
    rows = await notes.notes(work, TABLE, sheet.number, until=until, before=before, limit=limit)
    first = adopted(plan, sheet, zone)
    ends = len(rows) < limit and before != 0 and (until is None or first.noted_at < until)
    return [entry_of(row) for row in rows] + ([first] if ends else [])
