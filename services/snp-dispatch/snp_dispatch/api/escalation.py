"""Routes of the escalation of waiting calls."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import CallReader, RulesDep
from snp_dispatch.usecases.read_escalation import Progress, read_escalation

router = service_router(tags=["waitlist"])


class StepDoneOut(BaseModel):
    """A step that was taken or skipped. `detail` holds its parameters, the `reason` of a skip, or the `redirect`."""

    position: int
    kind: str
    outcome: Literal["done", "skipped"]
    done_at: datetime
    detail: dict[str, Any]
    label: str | None = Field(description="Guidance for the caller in French, of a step `back_to_caller`")


class StepNextOut(BaseModel):
    position: int
    kind: str
    at: datetime | None = Field(description="Null for the second in which its timer is being set")


class EscalationOut(BaseModel):
    """How far the call has gone. The ladder is the one that was in force at its receipt."""

    call_id: UUID
    state: Literal["none", "running", "finished", "stopped"] = Field(
        description="`none`: never waited or no ladder; `stopped`: served or closed; `finished`: waits, all steps taken"
    )
    ladder_version: str | None
    done: list[StepDoneOut]
    next: StepNextOut | None


@router.get(
    "/calls/{call_id}/escalation",
    operation_id="getEscalation",
    summary="What was tried for a waiting call, and what comes next",
    responses=problem_responses(404),
)
async def get_escalation(*, caller: CallReader, work: WorkDep, rules: RulesDep, call_id: UUID) -> EscalationOut:
    """Each step is taken once, until the call is served. Told by `call.escalated`."""
    found = await read_escalation(work, caller, call_id)
    labels = rules.catalogue.redirects
    done = [StepDoneOut(**dict(row), label=labels.get(row["detail"].get("redirect", ""))) for row in found.taken]
    version = found.ladder.version if found.ladder else None
    return EscalationOut(call_id=call_id, state=found.state, ladder_version=version, done=done, next=_next(found))


def _next(found: Progress) -> StepNextOut | None:
    if found.ladder is None or found.next_position is None:
        return None
    kind = found.ladder.steps[found.next_position].kind
    return StepNextOut(position=found.next_position, kind=kind, at=found.next_at)
