"""Ends a step: done with its proof, or skipped with a reason. And takes that back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.pathways import EnrolmentCompleted, StepDone, StepReopened, StepSkipped
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.template_step import ProofKind
from pathways.store import enrolments, steps, template_versions
from pathways.usecases.settle_steps import RUNNING, Who, check_may, name_of, settle


@dataclass(frozen=True)
class Proof:
    """What proves a step done. `reference` is the id of the document, visit, survey or session; never a text."""

    kind: ProofKind = "declaration"
    reference: UUID | None = None


async def complete_step(
    work: Work, who: Who, step_id: UUID, done_at: datetime | None = None, proof: Proof | None = None
) -> Record:
    """Marks it done (now, unless told when), moves what hangs on it, tells StepDone. Raises Problem 403 to 422."""
    at, shown = done_at or work.now, proof or Proof()
    enrolment, by = await _lock(work, who, step_id), name_of(who)
    _check_time(work, enrolment, at)
    await _check_proof(work, step_id, shown)
    reference = str(shown.reference) if shown.reference else None
    step = await _close(work, step_id, by, "done", done_at=at, proof=shown.kind, proof_ref=reference)
    told = StepDone(
        step_id=step_id,
        enrolment_id=enrolment["id"],
        template=step["template"],
        step=step["key"],
        code=step["code"],
        proof=shown.kind,
        done_at=at,
    )
    work.emit(told, version=step["version"])
    await settle(work, who, enrolment)
    await complete_when_over(work, by, enrolment["id"])
    return step


async def skip_step(work: Work, who: Who, step_id: UUID, reason: str) -> Record:
    """Takes it out of the plan; what hangs on it keeps its dates. Raises Problem 403, 404 or 409."""
    enrolment, by = await _lock(work, who, step_id), name_of(who)
    step = await _close(work, step_id, by, "skipped", skip_reason=reason)
    told = StepSkipped(**_naming(step), reason=reason)
    work.emit(told, version=step["version"])
    await complete_when_over(work, by, enrolment["id"])
    return step


async def reopen_step(work: Work, who: Who, step_id: UUID) -> Record:
    """A done or skipped step is to be done after all; a completed enrolment goes on. Raises Problem 403, 404 or 409."""
    enrolment, by = await _lock(work, who, step_id), name_of(who)
    if enrolment["state"] not in RUNNING:
        enrolment = await _go_on(work, by, enrolment)
    step = await steps.reopen(work, step_id, by)
    if step is None:
        raise Problem(409, "step_open", "This step is neither done nor skipped")
    work.emit(StepReopened(**_naming(step), due_at=step["due_at"]), version=step["version"])
    if enrolment["state"] == "paused":
        await steps.all_to(work, enrolment["id"], by, "paused", "planned")
    await settle(work, who, enrolment)
    return await steps.find(work, step_id) or step


async def complete_when_over(work: Work, by: str, enrolment_id: UUID) -> None:
    """An active enrolment with nothing left to do is completed, and told."""
    if done := await enrolments.complete_when_over(work, enrolment_id, by):
        day = local_day(done["closed_at"])
        told = EnrolmentCompleted(enrolment_id=enrolment_id, template=done["template"], completed_on=day)
        work.emit(told, version=done["version"], territory=done["territory"])


async def _go_on(work: Work, by: str, enrolment: Record) -> Record:
    known = await enrolments.find_running(work, enrolment["patient_id"], enrolment["template"])
    if enrolment["state"] == "left" or known is not None:
        raise Problem(409, "enrolment_closed", "This enrolment has ended", state=enrolment["state"])
    return await enrolments.restate(work, enrolment["id"], by, "active")


def _check_time(work: Work, enrolment: Record, at: datetime) -> None:
    if at > work.now:
        raise field_problem("done_at", "done_in_future", "A step is done once it is done")
    if local_day(at) < enrolment["started_on"]:
        raise field_problem("done_at", "done_before_enrolment", "What was done before is skipped as done elsewhere")


async def _check_proof(work: Work, step_id: UUID, proof: Proof) -> None:
    spec = await template_versions.step_of(work, step_id)
    kinds = spec.proof if spec else ("declaration",)
    if proof.kind not in kinds:
        raise field_problem("proof.kind", "proof_insufficient", f"This step is proved by {' or '.join(kinds)}")
    if proof.kind != "declaration" and proof.reference is None:
        raise field_problem("proof.reference", "proof_reference_missing", f"Which {proof.kind}? Give its id")


async def _lock(work: Work, who: Who, step_id: UUID) -> Record:
    enrolment = await enrolments.lock_of_step(work, step_id)
    if enrolment is None:
        raise Problem(404, "step_unknown", "No such step on this territory")
    await check_may(who, enrolment)
    return enrolment


async def _close(work: Work, step_id: UUID, by: str, state: str, **details: Any) -> Record:
    step = await steps.close(work, step_id, by, state, **details)
    if step is None:
        known = await steps.find(work, step_id)
        raise Problem(409, "step_closed", "This step was closed before", state=known["state"] if known else None)
    return step


def _naming(step: Record) -> dict[str, Any]:
    return {
        "step_id": step["id"],
        "enrolment_id": step["enrolment_id"],
        "template": step["template"],
        "step": step["key"],
        "code": step["code"],
    }
