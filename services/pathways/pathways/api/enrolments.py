"""Routes on enrolments."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from kit.answers import filled
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
    MigrateIn,
    MigrationOut,
    MomentOut,
    PauseIn,
    PauseOut,
    ReplannedOut,
    SituationIn,
    StepOut,
    TemplateCode,
)
from pathways.api.schemas_visits import StepVisitOut
from pathways.api.shifted import replanned
from pathways.domain.dating import local_day
from pathways.usecases.enrol_patient import Wish, enrol_patient
from pathways.usecases.keep_consents import GivenConsent
from pathways.usecases.leave_pathway import leave_pathway
from pathways.usecases.list_enrolments import list_enrolments
from pathways.usecases.migrate_enrolment import migrate_enrolment, preview_migration
from pathways.usecases.pause_enrolment import pause_enrolment, resume_enrolment
from pathways.usecases.replan_steps import Situation, tell_situation
from pathways.usecases.show_enrolment import EnrolmentDetail, show_enrolment

router = service_router(tags=["enrolments"])


def _answer(detail: EnrolmentDetail) -> EnrolmentOut:
    return EnrolmentOut(
        **detail.enrolment,
        consent=ConsentOut.model_validate(dict(detail.consent)) if detail.consent else None,
        steps=[filled(StepOut, row) for row in detail.steps],
        bookings=[filled(BookingOut, row) for row in detail.bookings],
        visits=[filled(StepVisitOut, row) for row in detail.visits],
        pauses=[filled(PauseOut, row) for row in detail.pauses],
        timeline=[MomentOut.model_validate(it, from_attributes=True) for it in detail.moments],
    )


@router.post(
    "/enrolments",
    operation_id="enrolPatient",
    summary="Enrol a patient in a pathway",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def enrol(
    *, caller: Writer, access: AccessDep, work: WorkDep, runtime: RuntimeDep, body: EnrolmentIn, response: Response
) -> EnrolmentOut:
    """Every step gets its dates, by the calendar of Paris. 409 `already_enrolled` names the running enrolment."""
    started_on = body.started_on or local_day(work.now)
    wish = Wish(
        body.patient_id,
        body.template,
        started_on,
        GivenConsent(**body.consent.model_dump()),
        Situation(body.dates, body.facts),
        body.criteria,
    )
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
    rows = await list_enrolments(
        work,
        access,
        patient_id=patient_id,
        template=template,
        state=state,
        overdue=overdue,
        after=page.first_key(BY_ID),
        limit=page.limit,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(EnrolmentSummary, row) for row in kept], next=following)


@router.get(
    "/enrolments/{enrolment_id}",
    operation_id="getEnrolment",
    summary="An enrolment with steps, bookings and timeline",
    responses=problem_responses(404, 410),
)
async def show(*, caller: Reader, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath) -> EnrolmentOut:
    """Visits booked by the dispatch appear here when the call carried the patient's `ref`."""
    return _answer(await show_enrolment(work, access, enrolment_id))


@router.post(
    "/enrolments/{enrolment_id}/leave",
    operation_id="leavePathway",
    summary="End an enrolment early",
    responses=problem_responses(404, 409, 410),
)
async def leave(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: LeaveIn
) -> EnrolmentOut:
    """What was left to do is cancelled, and nothing falls overdue any more."""
    return _answer(await leave_pathway(work, access, enrolment_id, body.reason))


@router.post(
    "/enrolments/{enrolment_id}/situation",
    operation_id="tellSituation",
    summary="Tell named days and facts of the patient",
    responses=problem_responses(404, 409, 410),
)
async def situation(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: SituationIn
) -> ReplannedOut:
    """Steps move, are asked for, or are no more. Answers every step that shifts."""
    told = Situation(body.dates, body.facts)
    found = await tell_situation(work, access, enrolment_id, told, preview=body.preview)
    return replanned(found, preview=body.preview)


@router.post(
    "/enrolments/{enrolment_id}/pause",
    operation_id="pauseEnrolment",
    summary="Let an enrolment rest until a day",
    responses=problem_responses(404, 409, 410),
)
async def pause(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: PauseIn
) -> EnrolmentOut:
    """Days of the pause do not count: what is left moves by as many days. It goes on by itself on that day."""
    return _answer(await pause_enrolment(work, access, enrolment_id, body.reason, body.until_on))


@router.post(
    "/enrolments/{enrolment_id}/resume",
    operation_id="resumeEnrolment",
    summary="A paused enrolment goes on today",
    responses=problem_responses(404, 409, 410),
)
async def resume(*, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath) -> EnrolmentOut:
    """What is left keeps its distance to the pause."""
    return _answer(await resume_enrolment(work, access, enrolment_id))


@router.get(
    "/enrolments/{enrolment_id}/migration",
    operation_id="previewMigration",
    summary="What the version of the pathway in force would change",
    responses=problem_responses(404, 409, 410),
)
async def preview(
    *, caller: Reader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, enrolment_id: EnrolmentPath
) -> MigrationOut:
    """409 `template_current` when the enrolment follows it already."""
    found = await preview_migration(work, access, templates_of(runtime, caller), enrolment_id)
    return MigrationOut.model_validate(found, from_attributes=True)


@router.post(
    "/enrolments/{enrolment_id}/migrate",
    operation_id="migrateEnrolment",
    summary="Move an enrolment to the version in force",
    responses=problem_responses(404, 409, 410),
)
async def migrate(
    *,
    caller: Writer,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    enrolment_id: EnrolmentPath,
    body: MigrateIn,
) -> MigrationOut:
    """What was done stays done; what the preview named changes. 409 `template_changed` when it is another by now."""
    templates = templates_of(runtime, caller)
    found = await migrate_enrolment(work, access, templates, enrolment_id, body.to_version)
    return MigrationOut.model_validate(found, from_attributes=True)
