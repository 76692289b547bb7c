"""Routes on alarms, of telemonitoring and of pathways: for those who answer."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record, Work
from pathways.api.params import BY_ID, AccessDep, AlarmAnswerer, EnrolmentPath, PatientPath, Reader, Writer
from pathways.api.schemas_alarms import AlarmDetailOut, AlarmOut, AlertIn, AlertOut, HandoverOut, OutcomeIn
from pathways.usecases.answer_alarm import (
    AlarmState,
    acknowledge_alarm,
    alarms_of_patient,
    close_alarm,
    find_alarm,
    handovers_of,
    list_alarms,
)
from pathways.usecases.raise_alert import raise_as_professional

router = service_router(tags=["telemonitoring"])
AlarmPath = Annotated[UUID, Path(description="Id of the alarm")]


@router.get("/alarms", operation_id="listAlarms", summary="Alarms that one is asked about, or took")
async def get_alarms(
    *, caller: AlarmAnswerer, access: AccessDep, work: WorkDep, page: PageDep, state: AlarmState | None = None
) -> Page[AlarmOut]:
    """The newest first."""
    found = await list_alarms(work, access, state, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_alarm(row) for row in kept], next=following)


@router.get(
    "/patients/{patient_id}/alarms",
    operation_id="listAlarmsOfPatient",
    summary="Alarms of a patient",
    responses=problem_responses(404, 410),
)
async def get_of_patient(
    *, caller: Reader, access: AccessDep, work: WorkDep, patient_id: PatientPath, page: PageDep
) -> Page[AlarmOut]:
    """Clinical content: 403 `access_refused`. Recorded. The newest first."""
    found = await alarms_of_patient(work, access, patient_id, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_alarm(row) for row in kept], next=following)


@router.post(
    "/enrolments/{enrolment_id}/alerts",
    operation_id="raiseAlert",
    summary="Raise an alert of the pathway as a professional",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_alert(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: AlertIn
) -> AlertOut:
    """Put to those whom the pathway names, one after the other. 403 `access_refused`, 422 `code_unknown`."""
    row, merged = await raise_as_professional(work, access, enrolment_id, body.code)
    return filled(AlertOut, row, alarm_id=row["id"], merged=merged, asked_now=_asked_now(row))


@router.get(
    "/alarms/{alarm_id}",
    operation_id="getAlarm",
    summary="An alarm, with each hand-over",
    responses=problem_responses(404, 410),
)
async def get_alarm(*, caller: AlarmAnswerer, access: AccessDep, work: WorkDep, alarm_id: AlarmPath) -> AlarmDetailOut:
    """For who is or was asked, and the care team. Recorded. 403 `access_refused`."""
    return await _detail(work, await find_alarm(work, access, alarm_id, "read_alarm"))


@router.post(
    "/alarms/{alarm_id}/acknowledge",
    operation_id="acknowledgeAlarm",
    summary="Take an alarm",
    responses=problem_responses(404, 409, 410),
)
async def post_acknowledge(
    *, caller: AlarmAnswerer, access: AccessDep, work: WorkDep, alarm_id: AlarmPath
) -> AlarmDetailOut:
    """The first one takes it: 409 `alarm_taken` says who did. 403 `access_refused`."""
    return await _detail(work, await acknowledge_alarm(work, access, alarm_id))


@router.post(
    "/alarms/{alarm_id}/close",
    operation_id="closeAlarm",
    summary="Close an alarm with what came of it",
    responses=problem_responses(404, 409, 410),
)
async def post_close(
    *, caller: AlarmAnswerer, access: AccessDep, work: WorkDep, alarm_id: AlarmPath, body: OutcomeIn
) -> AlarmDetailOut:
    """409 `alarm_open`: acknowledge it first; 409 `alarm_closed`. The next message of its episode is a new alarm."""
    return await _detail(work, await close_alarm(work, access, alarm_id, body.outcome))


def _alarm(row: Record) -> AlarmOut:
    return filled(AlarmOut, row, asked_now=_asked_now(row))


def _asked_now(row: Record) -> str | None:
    turns: list[str] = row["turns"]
    return turns[row["turn"]] if turns else None


async def _detail(work: Work, row: Record) -> AlarmDetailOut:
    given = [filled(HandoverOut, it) for it in await handovers_of(work, row["id"])]
    return AlarmDetailOut(**_alarm(row).model_dump(), handovers=given)
