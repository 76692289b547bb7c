"""Routes on enrolments."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, EnrolmentPath, Reader, Writer, seal_of, templates_of
from pathways.api.schemas_enrolments import (
    BookingOut,
    ConsentOut,
    EnrolmentIn,
    EnrolmentOut,
    EnrolmentState,
    EnrolmentSummary,
    LeaveIn,
    MomentOut,
    StepOut,
    TemplateCode,
)
from pathways.domain.dating import local_day
from pathways.usecases.enrol_patient import Wish, enrol_patient
from pathways.usecases.keep_consents import GivenConsent
from pathways.usecases.leave_pathway import leave_pathway
from pathways.usecases.list_enrolments import list_enrolments
from pathways.usecases.show_enrolment import EnrolmentDetail, show_enrolment

router = service_router(tags=["enrolments"])


def _answer(detail: EnrolmentDetail) -> EnrolmentOut:
    return EnrolmentOut(
        **detail.enrolment,
        consent=ConsentOut.model_validate(dict(detail.consent)) if detail.consent else None,
        steps=[StepOut.model_validate(dict(row)) for row in detail.steps],
        bookings=[BookingOut.model_validate(dict(row)) for row in detail.bookings],
        timeline=[MomentOut.model_validate(it, from_attributes=True) for it in detail.moments],
    )


@router.post(
    "/enrolments",
    operation_id="enrolPatient",
    summary="Enrol a patient in a pathway",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def enrol(
    *, caller: Writer, access: AccessDep, work: WorkDep, runtime: RuntimeDep, body: EnrolmentIn, response: Response
) -> EnrolmentOut:
    """Every step gets its dates, by the calendar of Paris. 409 `already_enrolled` names the running enrolment."""
    started_on = body.started_on or local_day(work.now)
    wish = Wish(body.patient_id, body.template, started_on, GivenConsent(**body.consent.model_dump()))
    detail = await enrol_patient(work, access, seal_of(runtime, caller), templates_of(runtime, caller), wish)
    response.headers["Location"] = f"/v1/enrolments/{detail.enrolment['id']}"
    return _answer(detail)


@router.get("/enrolments", operation_id="listEnrolments", summary="Enrolments of the territory")
async def several(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    page: PageDep,
    patient_id: Annotated[UUID | None, Query()] = None,
    template: Annotated[TemplateCode | None, Query(examples=["lung-cancer"])] = None,
    state: Annotated[EnrolmentState | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="With at least one overdue step, or with none")] = None,
) -> Page[EnrolmentSummary]:
    """Those of one's patients (of all, for a coordinator), the newest first, each with its progress."""
    last = page.key(BY_ID)
    rows = await list_enrolments(
        work,
        access,
        patient_id=patient_id,
        template=template,
        state=state,
        overdue=overdue,
        after=last[0] if last else None,
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[EnrolmentSummary.model_validate(dict(row)) for row in kept], next=following)


@router.get(
    "/enrolments/{enrolment_id}",
    operation_id="getEnrolment",
    summary="An enrolment with steps, bookings and timeline",
    responses=problem_responses(404),
)
async def show(*, caller: Reader, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath) -> EnrolmentOut:
    """Visits booked by the dispatch appear here when the call carried the patient's `ref`."""
    return _answer(await show_enrolment(work, access, enrolment_id))


@router.post(
    "/enrolments/{enrolment_id}/leave",
    operation_id="leavePathway",
    summary="End an enrolment early",
    responses=problem_responses(404, 409),
)
async def leave(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: LeaveIn
) -> EnrolmentOut:
    """What was left to do is cancelled, and nothing falls overdue any more."""
    return _answer(await leave_pathway(work, access, enrolment_id, body.reason))
