"""Crisis plans: written, adopted as a numbered version that never changes, revised, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.directory import CrisisPlanAdopted, CrisisPlanWithdrawn
from directory.domain.as_of import paris_day
from directory.domain.crisis_plans import review_day
from directory.store import crisis
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work

_TABLE = "crisis_plan"
_MOST_DOCUMENTS = 500


@dataclass(frozen=True)
class PlanAsked:
    """What a plan says. `steps`: action, responsible role, within how many minutes."""

    type: str
    title: str
    responsible: str
    steps: Sequence[dict[str, Any]]

    def values(self) -> dict[str, Any]:
        return {**vars(self), "steps": orjson.dumps(list(self.steps)).decode()}


async def draft_plan(work: Work, reference: Reference, caller: Caller, asked: PlanAsked) -> Record:
    """A plan that nobody has adopted yet. Raises Problem 422 `code_unknown`."""
    check_code("type", asked.type, reference.crisis.plan_types)
    return await rows.add(work, _TABLE, caller.subject, **asked.values(), state="draft", number=0)


async def find_plan(work: Work, plan_id: UUID, *, lock: bool = False, until: datetime | None = None) -> Record:
    """A plan of the territory, as it was before `until` when given. Raises Problem 404."""
    return or_404(await rows.find(work, _TABLE, plan_id, lock=lock, until=until), "plan_unknown")


async def change_plan(
    work: Work, reference: Reference, caller: Caller, plan_id: UUID, asked: PlanAsked, *, if_match: str | None
) -> Record:
    """Writes on it; what was adopted stays as it was. Raises Problem 404, 409 `plan_withdrawn`, 412, 422."""
    check_code("type", asked.type, reference.crisis.plan_types)
    plan = await _standing(work, plan_id)
    check_version(if_match, plan["version"])
    state = "draft" if plan["number"] == 0 else "revised"
    return await rows.change(work, _TABLE, plan_id, caller.subject, **asked.values(), state=state)


async def adopt_plan(work: Work, reference: Reference, caller: Caller, plan_id: UUID, review_on: date | None) -> Record:
    """Freezes it under the next number, with its documents as they are now, and tells it.

    Raises Problem 404, 409 `plan_withdrawn`, `plan_adopted` (nothing was written since), `plan_empty`, 422.
    """
    plan, today = await _standing(work, plan_id), paris_day(work.now)
    if plan["state"] == "adopted":
        raise Problem(409, "plan_adopted", f"Version {plan['number']} is adopted, and nothing was written since")
    if not plan["steps"]:
        raise Problem(409, "plan_empty", "A plan without a step cannot be adopted")
    due = review_on or review_day(today, reference.crisis_rules[work.territory].review_months)
    if due <= today:
        raise field_problem("review_on", "review_in_the_past", "The review comes after the adoption")
    number = plan["number"] + 1
    frozen = PlanAsked(**{name: plan[name] for name in ("type", "title", "responsible", "steps")}).values()
    await rows.add(
        work,
        "crisis_plan_version",
        caller.subject,
        **frozen,
        plan_id=plan_id,
        number=number,
        documents=await _documents(work, plan_id),
        adopted_on=today,
        review_on=due,
        codes_version=reference.crisis.version,
    )
    row = await rows.change(work, _TABLE, plan_id, caller.subject, state="adopted", number=number, review_on=due)
    _tell_adopted(work, reference, row)
    return row


def _tell_adopted(work: Work, reference: Reference, row: Record) -> None:
    told = CrisisPlanAdopted(
        plan_id=row["id"],
        type=row["type"],
        orsan=reference.crisis.plan_types[row["type"]].orsan,
        number=row["number"],
        adopted_on=paris_day(work.now),
        review_on=row["review_on"],
    )
    work.emit(told, version=row["version"])


async def withdraw_plan(work: Work, reference: Reference, caller: Caller, plan_id: UUID, reason: str) -> Record:
    """Out of force, for good; a repeat changes nothing. Raises Problem 404, 409 `plan_running`."""
    plan = await find_plan(work, plan_id, lock=True)
    if plan["state"] == "withdrawn":
        return plan
    if await crisis.running(work, plan_id):
        raise Problem(409, "plan_running", "The plan is in force: end its activation first")
    row = await rows.change(work, _TABLE, plan_id, caller.subject, state="withdrawn", withdrawn_reason=reason)
    known = reference.crisis.plan_types.get(row["type"])
    if row["number"]:
        told = CrisisPlanWithdrawn(
            plan_id=plan_id,
            type=row["type"],
            orsan=known is not None and known.orsan,
            number=row["number"],
            withdrawn_on=paris_day(work.now),
        )
        work.emit(told, version=row["version"])
    return row


async def list_plans(
    work: Work, *, type_: str | None, state: str | None, until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """Plans, the latest first."""
    filters = [("type = ?", type_), ("state = ?", state)]
    return await rows.listed(work, "crisis_plan", filters, until=until, after=after, latest_first=True, limit=limit)


async def list_versions(work: Work, plan_id: UUID, before: int | None, limit: int) -> list[Record]:
    """What was adopted, the latest first. Raises Problem 404."""
    await find_plan(work, plan_id)
    return await crisis.versions(work, plan_id, before, limit)


async def count_plans(work: Work, until: datetime | None) -> list[Record]:
    """Adopted plans that stand, by type."""
    return await crisis.counts(work, until)


async def _standing(work: Work, plan_id: UUID) -> Record:
    plan = await find_plan(work, plan_id, lock=True)
    if plan["state"] == "withdrawn":
        raise Problem(409, "plan_withdrawn", "The plan is out of force: write a new one")
    return plan


async def _documents(work: Work, plan_id: UUID) -> str:
    """What belongs to the plan now, without where it is kept."""
    filters = [("plan_id = ?", plan_id), ("ended_at IS NULL = ?", True)]
    found = await rows.listed(work, "crisis_document", filters, limit=_MOST_DOCUMENTS)
    names = ("id", "kind", "title", "digest")
    return orjson.dumps([{name: row[name] for name in names} for row in found], default=str).decode()
