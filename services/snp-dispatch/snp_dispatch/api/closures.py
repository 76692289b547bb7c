"""Routes of closures: a practitioner is away, and every patient keeps a place or waits for one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from kit.http import WorkDep, no_effect, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import Number, RulesDep, SlotWriter
from snp_dispatch.api.schemas import ReasonIn
from snp_dispatch.domain.request import Stated
from snp_dispatch.store.closures import Span
from snp_dispatch.usecases.close_agenda import Affected, Plan, close_agenda, preview_closure

router = service_router(tags=["effectors"])


class PeriodIn(Stated):
    """The period to close, 62 days at most; `ends_at` is excluded."""

    starts_at: AwareDatetime = Field(examples=["2026-11-25T00:00:00+01:00"])
    ends_at: AwareDatetime = Field(examples=["2026-11-26T00:00:00+01:00"])


class ClosureIn(PeriodIn, ReasonIn):
    preview_digest: str | None = Field(default=None, max_length=64, description="Of the preview that was agreed to")


class AffectedOut(BaseModel):
    """A patient with a visit in the period. `to_slot_id` null: the call waits, for `reason`."""

    booking_id: UUID
    call_id: UUID
    starts_at: datetime
    to_slot_id: UUID | None
    to_starts_at: datetime | None
    reason: str | None = Field(description="`no_slot` or `deadline_passed`")


class ClosurePlanOut(BaseModel):
    """Who and what is affected."""

    digest: str
    free_slots: list[UUID]
    lent_slots: list[UUID] = Field(description="A neighbour's patient is booked: their call waits again there, at once")
    held_slots: list[UUID] = Field(description="Their hold ends and its caller is told")
    patients: list[AffectedOut]


class ClosureOut(ClosurePlanOut):
    id: UUID


@router.post(
    "/effectors/{number}/closures/preview",
    operation_id="previewClosure",
    summary="Who is affected when a period closes, and where they would go",
    responses=problem_responses(404, 409),
)
@no_effect
async def post_preview(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, number: Number, body: PeriodIn
) -> ClosurePlanOut:
    """Changes nothing. Each patient in the order of the waitlist, each new slot once, within the quotas.

    404 `effector_unknown`, 409 `no_policy`.
    """
    plan = await preview_closure(work, rules, caller, Span(number, body.starts_at, body.ends_at))
    return ClosurePlanOut(**_shown(plan))


@router.post(
    "/effectors/{number}/closures",
    status_code=201,
    operation_id="closeAgenda",
    summary="Close a period: every patient is moved, or waits again",
    responses=problem_responses(404, 409),
)
async def post_closure(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, number: Number, body: ClosureIn
) -> ClosureOut:
    """All in one transaction; no slot is made in the period again.

    409 `preview_outdated` with the new `digest`; `quota_reached` when a quota was used up meanwhile: ask again;
    `no_policy`.
    """
    span = Span(number, body.starts_at, body.ends_at)
    made, plan = await close_agenda(work, rules, caller, span, reason=body.reason, digest=body.preview_digest)
    return ClosureOut(id=made, **_shown(plan))


def _shown(plan: Plan) -> dict[str, Any]:
    return {
        "digest": plan.digest,
        "free_slots": plan.free,
        "lent_slots": plan.lent,
        "held_slots": [it["slot_id"] for it in plan.held],
        "patients": [_affected(it) for it in plan.patients],
    }


def _affected(it: Affected) -> AffectedOut:
    return AffectedOut(**{name: getattr(it, name) for name in AffectedOut.model_fields})
