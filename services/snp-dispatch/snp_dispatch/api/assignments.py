"""Routes of batches: all waiting calls are given the free seats at once (*affectation groupée*)."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from snp_dispatch.api.params import INSTANT_AND_ID, AssignmentWriter, CallReader, RulesDep
from snp_dispatch.api.schemas import EffectorOut, PlaceOut
from snp_dispatch.domain.request import Stated
from snp_dispatch.usecases.assign_calls import assign_calls, list_assignments, plan_calls, read_assignment

router = service_router(tags=["assignments"])


class AssignmentIn(Stated):
    """Whether to book, or to look only."""

    dry_run: bool = Field(default=False, description="Show the plan beside what calls get one by one; book nothing")


class PairOut(BaseModel):
    """A call and the slot it gets. `lost`: why it was not booked after all; the call waits on."""

    call_id: UUID
    slot_id: UUID
    practitioner: EffectorOut
    place: PlaceOut
    distance_km: float | None
    starts_at: datetime
    ends_at: datetime
    mode: str
    cost: float
    cost_parts: dict[str, float]
    booking_id: UUID | None = Field(description="Null in a dry run and when the pair was lost")
    lost: Literal["call_changed", "slot_taken", "quota_reached", "already_booked"] | None = Field(
        description="Somebody was faster; the practitioner gives no more; the patient has a visit for this need"
    )


class SummaryOut(BaseModel):
    """One way of serving the calls, in figures. Cost in points of the matching rule."""

    served: int
    cost: float
    mean_hours_to_visit: float | None
    mean_distance_km: float | None


class AssignmentSummaryOut(BaseModel):
    """A batch in a list."""

    id: UUID | None = Field(description="Null in a dry run, which is not kept")
    made_at: datetime
    made_by: str
    policy_version: str
    calls: int = Field(description="Waiting calls that were looked at, the most urgent first; 500 at most")
    slots: int = Field(description="Slots with a free seat that were looked at, the earliest first; 2,000 at most")
    booked: int


class AssignmentOut(AssignmentSummaryOut):
    """What a batch gave, pair by pair."""

    more_calls: bool = Field(description="More calls wait than were looked at: run it again")
    more_slots: bool
    together: SummaryOut
    one_by_one: SummaryOut = Field(description="In the order of receipt, each call taking the best slot that is left")
    pairs: list[PairOut] = Field(description="The most urgent first")
    without_fit: list[UUID] = Field(description="Calls that no free slot fits")
    outbid: list[UUID] = Field(description="Calls whose slots went to more urgent or otherwise unservable ones")
    second_visits: list[UUID] = Field(
        default=[],
        description="Calls left out: their patient has a visit for this need, or a more urgent call for it waits",
    )


@router.post(
    "/assignments",
    status_code=201,
    operation_id="assignCalls",
    summary="Give all waiting calls the free seats at once",
    responses=problem_responses(409),
)
async def post_assignment(
    *, caller: AssignmentWriter, work: WorkDep, rules: RulesDep, body: AssignmentIn
) -> AssignmentOut:
    """As many calls as can be are served in time, the more urgent first, then at the lowest total cost.

    Looks at calls in state `waiting` that hold no seat. Hard constraints and cost are those of a proposal. Every pair
    is booked by itself: one that somebody was faster at is `lost` and its call waits on. With `dry_run` nothing is
    booked or kept. 409 `no_policy`.
    """
    made = await (plan_calls if body.dry_run else assign_calls)(work, rules, caller)
    row = {**vars(made), "made_at": work.now}
    return _out({**row, "id": None} if body.dry_run else row)


@router.get("/assignments", operation_id="listAssignments", summary="Batches, the latest first")
async def get_assignments(*, caller: CallReader, work: WorkDep, page: PageDep) -> Page[AssignmentSummaryOut]:
    """Batches that were carried out, without their pairs."""
    rows = await list_assignments(work, after=page.key(INSTANT_AND_ID), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["made_at"].isoformat(), str(row["id"])])
    return Page(items=[AssignmentSummaryOut(**dict(row)) for row in kept], next=following)


@router.get(
    "/assignments/{assignment_id}", operation_id="getAssignment", summary="One batch", responses=problem_responses(404)
)
async def get_assignment(*, caller: CallReader, work: WorkDep, assignment_id: UUID) -> AssignmentOut:
    """What became of every call that was looked at."""
    return _out(dict(await read_assignment(work, assignment_id)))


def _out(row: dict[str, Any]) -> AssignmentOut:
    return AssignmentOut(**row, **row["outcome"])
