"""A plan in force: started, its journal kept line by line, ended."""

from datetime import datetime
from uuid import UUID

from contracts.directory import CrisisActivationEnded, CrisisActivationStarted
from directory.store import crisis
from directory.usecases.keep_crisis_plans import find_plan
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work

_TABLE = "crisis_activation"


async def start_activation(work: Work, caller: Caller, plan_id: UUID, reason: str) -> Record:
    """Puts the adopted version of a plan in force now, and tells it.

    Raises Problem 404, 409 `plan_not_adopted`, `plan_running`.
    """
    plan = await find_plan(work, plan_id, lock=True)
    if plan["state"] not in ("adopted", "revised"):
        raise Problem(409, "plan_not_adopted", "Only an adopted plan can be put in force")
    if await crisis.running(work, plan_id):
        raise Problem(409, "plan_running", "The plan is in force already")
    frozen = (await crisis.versions(work, plan_id))[0]
    values = {name: frozen[name] for name in ("plan_id", "number", "type")}
    row = await rows.add(work, _TABLE, caller.subject, **values, reason=reason, started_at=work.now)
    told = {name: row[name] for name in ("plan_id", "type", "number", "started_at")}
    work.emit(CrisisActivationStarted(activation_id=row["id"], **told), version=row["version"])
    return row


async def end_activation(work: Work, caller: Caller, activation_id: UUID, reason: str) -> Record:
    """Ends it now, and tells it; a repeat changes nothing. Raises Problem 404."""
    row = await find_activation(work, activation_id, lock=True)
    if row["ended_at"] is not None:
        return row
    row = await rows.change(work, _TABLE, activation_id, caller.subject, ended_at=work.now, end_reason=reason)
    told = {name: row[name] for name in ("plan_id", "type", "number", "started_at", "ended_at")}
    work.emit(CrisisActivationEnded(activation_id=activation_id, **told), version=row["version"])
    return row


async def find_activation(work: Work, activation_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, _TABLE, activation_id, lock=lock), "activation_unknown")


async def list_activations(
    work: Work, *, plan_id: UUID | None, running: bool | None, until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """Activations, the latest first."""
    filters = [("plan_id = ?", plan_id), ("(ended_at IS NULL) = ?", running)]
    return await rows.listed(
        work, "crisis_activation", filters, until=until, after=after, latest_first=True, limit=limit
    )


async def note_line(
    work: Work,
    reference: Reference,
    caller: Caller,
    activation_id: UUID,
    *,
    kind: str,
    text: str,
    happened_at: datetime | None,
) -> Record:
    """One more line of the journal, also after the end (a late note). It is never changed: a correction is a line.

    Raises Problem 404, 422 `code_unknown`, `happens_later`.
    """
    check_code("kind", kind, reference.crisis.journal_kinds)
    await find_activation(work, activation_id)
    if happened_at is not None and happened_at > work.now:
        raise field_problem("happened_at", "happens_later", "The journal tells what has happened")
    values = {"activation_id": activation_id, "kind": kind, "text": text, "happened_at": happened_at or work.now}
    return await rows.add(work, "crisis_journal", caller.subject, **values)


async def list_journal(work: Work, activation_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """The journal in the order in which it was written. Raises Problem 404."""
    await find_activation(work, activation_id)
    filters = [("activation_id = ?", activation_id)]
    return await rows.listed(work, "crisis_journal", filters, after=after, limit=limit)
