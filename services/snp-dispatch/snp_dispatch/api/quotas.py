"""Routes of quotas: how many slots a practitioner gives one organisation."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import effector_out
from snp_dispatch.api.params import ID, RppsQuery, SlotReader, SlotWriter
from snp_dispatch.api.schemas import EffectorIn, EffectorOut
from snp_dispatch.api.slots import effector_number
from snp_dispatch.domain.quota import QuotaPeriod
from snp_dispatch.domain.request import Stated
from snp_dispatch.usecases.quotas import list_quotas, remove_quota, set_quota

router = service_router(tags=["quotas"])


class QuotaIn(Stated):
    """At most `max_slots` seats a day or a week (from Monday) for one organisation, by the start of the slot."""

    effector: EffectorIn
    organisation: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="As its tokens say; null: each organisation without a quota of its own",
        examples=["CHIRC"],
    )
    period: QuotaPeriod
    max_slots: int = Field(ge=0, le=1000, examples=[3])


class QuotaOut(BaseModel):
    """A quota in force."""

    id: UUID
    effector: EffectorOut
    organisation: str | None
    period: QuotaPeriod
    max_slots: int
    created_at: datetime


@router.post(
    "/quotas", status_code=201, operation_id="setQuota", summary="Set a quota", responses=problem_responses(404)
)
async def post_quota(*, caller: SlotWriter, work: WorkDep, body: QuotaIn) -> QuotaOut:
    """Setting it again for the same effector, organisation and period changes the number. 404 `effector_unknown`.

    Holds and bookings beyond it are refused with 409 `quota_reached`; in one shot and for a waiting call such slots
    are passed over. What is held or booked already stays.
    """
    return quota_out(
        await set_quota(
            work,
            caller,
            effector_id=effector_number(body.effector),
            organisation=body.organisation,
            period=body.period,
            max_slots=body.max_slots,
        )
    )


@router.get("/quotas", operation_id="listQuotas", summary="Quotas")
async def get_quotas(*, caller: SlotReader, work: WorkDep, page: PageDep, rpps: RppsQuery = None) -> Page[QuotaOut]:
    """In the order in which they were first set."""
    last = page.key(ID)
    rows = await list_quotas(work, effector_id=rpps, after=last and last[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[quota_out(row) for row in kept], next=following)


@router.post(
    "/quotas/{quota_id}/remove", operation_id="removeQuota", summary="Remove a quota", responses=problem_responses(404)
)
async def post_remove(*, caller: SlotWriter, work: WorkDep, quota_id: UUID) -> QuotaOut:
    """Answers the quota that was removed."""
    return quota_out(await remove_quota(work, caller, quota_id))


def quota_out(row: Record) -> QuotaOut:
    return filled(QuotaOut, row, effector=effector_out(row))
