"""Ends a step: done, or skipped with a reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.pathways import StepDone
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import Plan, Window, date_steps, local_day
from pathways.domain.layout import Rule
from pathways.store import enrolments, steps
from pathways.usecases.access import Access


async def complete_step(work: Work, access: Access, step_id: UUID, done_at: datetime | None) -> Record:
    """Marks it done (now, unless told when), moves what hangs on it, tells StepDone. Raises Problem 403 to 422."""
    at = done_at or work.now
    if at > work.now:
        raise field_problem("done_at", "done_in_future", "A step is done once it is done")
    enrolment = await _lock(work, access, step_id)
    step = await _close(work, step_id, "done", done_at=at)
    await _move_what_follows(work, enrolment)
    await enrolments.complete_when_over(work, enrolment["id"])
    told = StepDone(
        step_id=step_id, enrolment_id=enrolment["id"], template=step["template"], step=step["key"], done_at=at
    )
    work.emit(told, version=step["version"])
    return step


async def skip_step(work: Work, access: Access, step_id: UUID, reason: str) -> Record:
    """Takes it out of the plan; what hangs on it keeps its dates. Raises Problem 403, 404 or 409."""
    enrolment = await _lock(work, access, step_id)
    step = await _close(work, step_id, "skipped", skip_reason=reason)
    await enrolments.complete_when_over(work, enrolment["id"])
    return step


async def _lock(work: Work, access: Access, step_id: UUID) -> Record:
    enrolment = await enrolments.lock_of_step(work, step_id)
    if enrolment is None:
        raise Problem(404, "step_unknown", "No such step on this territory")
    await access.check(enrolment["patient_id"], "pathway", "write", enrolment_id=enrolment["id"])
    return enrolment


async def _close(work: Work, step_id: UUID, state: str, **details: Any) -> Record:
    step = await steps.close(work, step_id, state, **details)
    if step is None:
        known = await steps.find(work, step_id)
        raise Problem(409, "step_closed", "This step was closed before", state=known["state"] if known else None)
    return step


async def _move_what_follows(work: Work, enrolment: Record) -> None:
    rows = await steps.of_enrolment(work, enrolment["id"])
    rules = [Rule(row["key"], row["anchor"], row["from_days"], row["to_days"]) for row in rows]
    done_on = {row["key"]: local_day(row["done_at"]) for row in rows if row["done_at"]}
    windows = date_steps(rules, Plan(enrolment["started_on"], done_on=done_on))
    planned = {row["key"]: Window(row["from_on"], row["due_on"]) for row in rows if row["state"] == "planned"}
    await steps.move(work, enrolment["id"], {key: windows[key] for key, old in planned.items() if windows[key] != old})
