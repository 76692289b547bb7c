"""Routes on platforms of telemonitoring: kept by the coordination, and the one that they post to."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Path, Request
from pydantic import ValidationError

from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, no_effect, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import Problem, field_problem, problem_responses
from kit.work import Record
from pathways.api.params import BY_ID, AccessDep, DutyKeeper, EnrolmentPath, Writer
from pathways.api.schemas_alarms import AlarmIn, PlatformIn, PlatformOut, PlatformSecretOut, RefIn, RefOut, TakenOut
from pathways.store.seal import Seal
from pathways.usecases.keep_platforms import (
    close_platform,
    end_ref,
    give_ref,
    list_platforms,
    open_platform,
    rotate_secret,
)
from pathways.usecases.raise_alarm import Message, Told, check_message, raise_alarm

router = service_router(tags=["telemonitoring"])
PlatformPath = Annotated[UUID, Path(description="Id of the platform")]
RefPath = Annotated[UUID, Path(description="What the platform calls the patient")]
TerritoryPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
Signed = Annotated[str | None, Header(max_length=2000)]
_LARGEST = 65_536
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": AlarmIn.model_json_schema()}}}
}


@router.post(
    "/alarm-platforms",
    operation_id="openAlarmPlatform",
    summary="A platform may send alarms",
    status_code=201,
    responses=problem_responses(404),
)
async def post_platform(
    *, caller: DutyKeeper, work: WorkDep, runtime: RuntimeDep, body: PlatformIn
) -> PlatformSecretOut:
    """Its secret is shown once. 404 `group_unknown`."""
    return _with_secret(*await open_platform(work, caller, runtime.keyring, body.label, body.group_id))


@router.get("/alarm-platforms", operation_id="listAlarmPlatforms", summary="Platforms of telemonitoring")
async def get_platforms(*, caller: DutyKeeper, work: WorkDep, page: PageDep) -> Page[PlatformOut]:
    """The oldest first, without secrets."""
    found = await list_platforms(work, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[filled(PlatformOut, row) for row in kept], next=following)


@router.post(
    "/alarm-platforms/{platform_id}/rotate",
    operation_id="rotateAlarmPlatform",
    summary="Another secret for a platform",
    responses=problem_responses(404, 409),
)
async def post_rotate(
    *, caller: DutyKeeper, work: WorkDep, runtime: RuntimeDep, platform_id: PlatformPath
) -> PlatformSecretOut:
    """The one before serves for a day more. 409 `platform_closed`."""
    return _with_secret(*await rotate_secret(work, caller, runtime.keyring, platform_id))


@router.post(
    "/alarm-platforms/{platform_id}/close",
    operation_id="closeAlarmPlatform",
    summary="Take nothing from a platform any more",
    responses=problem_responses(404, 409),
)
async def post_close(*, caller: DutyKeeper, work: WorkDep, platform_id: PlatformPath) -> PlatformOut:
    """409 `platform_closed`."""
    return filled(PlatformOut, await close_platform(work, caller, platform_id))


@router.post(
    "/enrolments/{enrolment_id}/alarm-refs",
    operation_id="giveAlarmRef",
    summary="What a platform calls this patient",
    responses=problem_responses(404, 409, 410),
)
async def post_ref(
    *, caller: Writer, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: RefIn
) -> RefOut:
    """The same while it stands. 403 `access_refused`, 409 `enrolment_closed` or `platform_closed`."""
    return _ref(await give_ref(work, access, enrolment_id, body.platform_id))


@router.post(
    "/alarm-refs/{ref}/end",
    operation_id="endAlarmRef",
    summary="A platform says nothing of this patient any more",
    responses=problem_responses(404, 409, 410),
)
async def post_end(*, caller: Writer, access: AccessDep, work: WorkDep, ref: RefPath) -> RefOut:
    """403 `access_refused`, 409 `ref_ended`."""
    return _ref(await end_ref(work, access, ref))


@router.post(
    "/telemonitoring-alarms/{territory}~{platform_id}",
    operation_id="postTelemonitoringAlarm",
    summary="An alarm of telemonitoring (no token: the signature is the proof)",
    status_code=202,
    responses=problem_responses(404, 409, 410, 413),
    openapi_extra=_BODY,
)
@no_effect  # A message has an id of its own, and is taken once.
async def post_alarm(
    *,
    request: Request,
    work: WorkDep,
    runtime: RuntimeDep,
    territory: TerritoryPath,
    platform_id: PlatformPath,
    webhook_id: Signed = None,
    webhook_timestamp: Signed = None,
    webhook_signature: Signed = None,
) -> TakenOut:
    """Signed as Standard Webhooks 1.0 says, with the platform's secret; taken once.

    401 `signature_refused`, 409 `message_replayed`, 404 `ref_unknown`, 410 `monitoring_ended`,
    413 `message_too_large`, 422 `code_unknown`.
    """
    if territory not in runtime.territories:
        raise Problem(401, "signature_refused", "The signature is not one of this platform over id.timestamp.body")
    work.territory = territory
    content = await request.body()
    if len(content) > _LARGEST:
        raise Problem(413, "message_too_large", f"At most {_LARGEST} bytes")
    seal = Seal(runtime.keyring, territory)
    headers = (webhook_id, webhook_timestamp, webhook_signature)
    platform = await check_message(work, seal, platform_id, Message(headers, content))
    said = _read(content)
    return TakenOut(merged=not await raise_alarm(work, seal, platform, Told(said.ref, said.code, said.episode)))


def _read(content: bytes) -> AlarmIn:
    try:
        return AlarmIn.model_validate_json(content)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors()[0]["loc"]) or "body"
        raise field_problem(field, "alarm_malformed", "See the schema of this route") from None


def _with_secret(row: Record, secret: str) -> PlatformSecretOut:
    path = f"/v1/telemonitoring-alarms/{row['territory']}~{row['id']}"
    return filled(PlatformSecretOut, row, secret=secret, path=path)


def _ref(row: Record) -> RefOut:
    return filled(RefOut, row, ref=row["id"])
