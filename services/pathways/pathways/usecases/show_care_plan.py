"""Versions of a personal care plan (PPS): listed, read with what changed, printed, withdrawn, acknowledged."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

from contracts.coordination import CarePlanAcknowledged, CarePlanWithdrawn
from kit import rows
from kit.pdf import Block, write_pdf
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.domain.care_plan import CarePlan, Difference, differences
from pathways.domain.dating import midnight
from pathways.domain.french_time import french_day
from pathways.domain.patient import Identity
from pathways.store import care_plans, enrolments
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.care_plan_paper import TITLE, paper
from pathways.usecases.prove_by_plan import take_back_proof
from pathways.usecases.publish_care_plan import opened
from pathways.usecases.show_enrolment import unknown_enrolment
from pathways.usecases.show_patient import find_patient, identity_of, present_keys

WithdrawReason = Literal["mistake", "patient_wish", "outdated"]
By = Literal["professional", "patient", "carer"]


@dataclass(frozen=True)
class PlanView:
    """A version: its row, what it says, what changed since the version before, who it is for."""

    row: Record
    content: CarePlan
    changed: tuple[Difference, ...]
    recipients: list[Record]


async def list_care_plans(
    work: Work, access: Access, enrolment_id: UUID, after: int | None, limit: int
) -> list[Record]:
    """One more than `limit`, the newest first. Raises Problem 403, 404 or 410."""
    enrolment = await enrolments.find(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    await access.check(enrolment["patient_id"], "clinical", enrolment_id=enrolment_id, action="list_care_plans")
    return await care_plans.listed(work, enrolment_id, after, limit + 1)


async def show_care_plan(work: Work, access: Access, seal: Seal, plan_id: UUID) -> PlanView:
    """Raises Problem 403, 404, 410 `plan_withdrawn`."""
    row = await _find(work, plan_id)
    await access.check(row["patient_id"], "clinical", enrolment_id=row["enrolment_id"], action="read_care_plan")
    return await plan_view(work, seal, row)


async def plan_view(work: Work, seal: Seal, row: Record) -> PlanView:
    """For who may see it: the use case has asked. Raises Problem 410 `plan_withdrawn`."""
    check_stands(row)
    keys = present_keys(await seal.keys(work, row["patient_id"]))
    content = opened(keys, row)
    changed = await _changed(work, keys, row, content)
    return PlanView(row, content, changed, await care_plans.recipients(work, row["id"]))


async def print_care_plan(work: Work, access: Access, seal: Seal, plan_id: UUID) -> tuple[PlanView, list[Block]]:
    """The plan on paper, with the name of whose it is: identity and content are both recorded as seen.

    Raises Problem 403, 404, 410 `plan_withdrawn`.
    """
    view = await show_care_plan(work, access, seal, plan_id)
    patient_id = view.row["patient_id"]
    await access.check(patient_id, "identity", enrolment_id=view.row["enrolment_id"], action="print_care_plan")
    who = _whose(identity_of(await find_patient(work, patient_id), seal))
    return view, paper(view.content, view.changed, number=view.row["number"], patient=who)


async def as_pdf(blocks: list[Block], territory: str) -> bytes:
    """The same parts, on A4."""
    return await asyncio.to_thread(write_pdf, TITLE, territory, blocks)


async def withdraw_care_plan(work: Work, access: Access, plan_id: UUID, reason: WithdrawReason) -> Record:
    """It is shown no more, and proves no step. Raises Problem 403, 404, 409 `plan_withdrawn`."""
    found = await _find(work, plan_id)
    await enrolments.lock(work, found["enrolment_id"])
    row = or_404(await rows.find(work, care_plans.PLAN, plan_id, lock=True), "care_plan_unknown")
    await access.check(
        row["patient_id"], "clinical", "write", enrolment_id=row["enrolment_id"], action="withdraw_care_plan"
    )
    if row["withdrawn_at"] is not None:
        raise Problem(409, "plan_withdrawn", "It was withdrawn before")
    end = {"withdrawn_at": work.now, "withdraw_reason": reason}
    changed = await rows.change(work, care_plans.PLAN, plan_id, access.caller.subject, **end)
    await take_back_proof(work, access.caller.subject, changed)
    told = CarePlanWithdrawn(plan_id=plan_id, enrolment_id=row["enrolment_id"], reason=reason)
    work.emit(told, version=changed["version"])
    return changed


async def acknowledge_care_plan(work: Work, access: Access, plan_id: UUID) -> Record:
    """A recipient says that they have read it; a repeat changes nothing.

    Raises Problem 403 `not_recipient`, 404, 410 `plan_withdrawn`.
    """
    row = await _find(work, plan_id)
    await access.check(row["patient_id"], "clinical", enrolment_id=row["enrolment_id"], action="acknowledge_care_plan")
    check_stands(row)
    return await acknowledged(work, row, access.people, "professional", access.caller.subject)


async def acknowledged(work: Work, plan: Record, people: list[str], by: By, subject: str) -> Record:
    """Notes it, once. Raises Problem 403 `not_recipient`."""
    line = await care_plans.lock_own(work, plan["id"], people)
    if line is None:
        raise Problem(403, "not_recipient", "This version was not addressed to you")
    if line["acknowledged_at"] is not None:
        return line
    line = await rows.change(work, care_plans.RECIPIENT, line["id"], subject, acknowledged_at=work.now)
    told = CarePlanAcknowledged(
        recipient_id=line["id"], plan_id=plan["id"], enrolment_id=plan["enrolment_id"], number=plan["number"], by=by
    )
    work.emit(told, version=line["version"])
    return line


def check_stands(row: Record) -> None:
    """Raises Problem 410 `plan_withdrawn`."""
    if row["withdrawn_at"] is not None:
        raise Problem(410, "plan_withdrawn", "This version was withdrawn: ask for the list of the enrolment's versions")


async def _find(work: Work, plan_id: UUID) -> Record:
    return or_404(await rows.find(work, care_plans.PLAN, plan_id), "care_plan_unknown")


async def _changed(work: Work, keys: PatientKeys, row: Record, content: CarePlan) -> tuple[Difference, ...]:
    before = await care_plans.before(work, row["enrolment_id"], row["number"])
    return differences(opened(keys, before), content) if before else ()


def _whose(identity: Identity) -> str:
    told = asdict(identity)
    return f"{told['given_name']} {told['family_name']}, né(e) le {french_day(midnight(told['birth_date']))}"
