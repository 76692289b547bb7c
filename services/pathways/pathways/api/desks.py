"""Routes for desks: breaks in care on the territory, one patient's timeline. The worklist is `/v1/steps`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.fields import CodeQuery
from pathways.api.params import BY_DUE, AccessDep, PatientPath, Reader
from pathways.api.schemas_enrolments import MomentOut, WorklistStepOut
from pathways.domain.breaks import Age, Order, days_late
from pathways.domain.dating import local_day
from pathways.domain.timeline import Kind
from pathways.usecases.list_breaks import ORDERS, count_breaks, list_breaks
from pathways.usecases.show_timeline import Wanted, show_timeline

router = service_router(tags=["desks"])
Gravity = Annotated[int | None, Query(ge=1, le=3, description="1 the gravest")]
BY_GRAVITY: TypeAdapter[tuple[int, datetime, UUID]] = TypeAdapter(
    tuple[Annotated[int, Field(ge=1, le=3)], AwareDatetime, UUID]
)
BY_MOMENT: TypeAdapter[tuple[datetime, str, UUID]] = TypeAdapter(tuple[AwareDatetime, Kind, UUID])


class BreakOut(WorklistStepOut):
    """A break in care (*rupture de parcours*): an overdue step. `rung` counts who was told of it already."""

    days_late: int = Field(description="Since the last day of its window")


class BreakCountOut(BaseModel):
    """How many overdue steps of one gravity, pathway and age: late for 7 days at most, for 30 at most, for more.

    `escalated`: of these, how many somebody was told of already.
    """

    gravity: int
    template: str
    age: Age
    steps: int
    escalated: int


class BreakCountsOut(BaseModel):
    """By gravity, pathway and age; what is not there is none."""

    items: list[BreakCountOut]


class PatientMomentOut(MomentOut):
    """One line of the timeline of a patient. `enrolment_id` is null in what concerns the patient as a whole."""

    enrolment_id: UUID | None


@router.get("/breaks", operation_id="listBreaks", summary="Breaks in care: steps that are overdue")
async def get_breaks(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    gravity: Gravity = None,
    template: CodeQuery = None,
    role: Annotated[CodeQuery, Query(description="Who answers")] = None,
    late_days: Annotated[int | None, Query(ge=1, le=3660, description="Late for so many days at least")] = None,
    escalated: Annotated[bool | None, Query(description="Somebody was told of it already, or nobody")] = None,
    order: Annotated[Order, Query(description="The gravest first, of these the oldest; or the oldest")] = "gravity",
) -> Page[BreakOut]:
    """Those of one's patients (of all, for a coordinator)."""
    rows = await list_breaks(
        work,
        access,
        gravity=gravity,
        template=template,
        role=role,
        late_days=late_days,
        escalated=escalated,
        order=order,
        after=page.key(BY_GRAVITY) if order == "gravity" else page.key(BY_DUE),
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row[column] for column in ORDERS[order]])
    today = local_day(work.now)
    items = [filled(BreakOut, row, days_late=days_late(row["due_on"], today)) for row in kept]
    return Page(items=items, next=following)


@router.get("/breaks/counts", operation_id="countBreaks", summary="Breaks in care, counted by gravity and age")
async def get_counts(*, caller: Reader, access: AccessDep, work: WorkDep, template: CodeQuery = None) -> BreakCountsOut:
    """Of one's patients (of all, for a coordinator)."""
    rows = await count_breaks(work, access, template)
    return BreakCountsOut(items=[filled(BreakCountOut, row) for row in rows])


@router.get(
    "/patients/{patient_id}/timeline",
    operation_id="showTimeline",
    summary="What happened to a patient and what is to come",
    responses=problem_responses(404, 410),
)
async def get_timeline(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    patient_id: PatientPath,
    kind: Annotated[list[Kind] | None, Query(max_length=40, description="Only of these kinds")] = None,
    enrolment_id: Annotated[UUID | None, Query(description="Only of this enrolment")] = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this instant")] = None,
) -> Page[PatientMomentOut]:
    """The latest first, what is planned before it. Only what the caller may see; recorded as an access to it."""
    wanted = Wanted(kind, enrolment_id, since, until)
    rows = await show_timeline(work, access, patient_id, wanted, after=page.key(BY_MOMENT), limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["at"], row["kind"], row["subject_id"]])
    return Page(items=[filled(PatientMomentOut, row) for row in kept], next=following)
