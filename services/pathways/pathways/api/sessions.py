"""Routes on group sessions: the words, planning, invitations, attendance."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import AwareDatetime

from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import IfMatch, RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag
from kit.work import Record
from pathways.api.activity_params import BY_START, ActivityReader, ActivityWriter, Attendee, SessionPath, WordsDep
from pathways.api.fields import CodeQuery, RppsPath
from pathways.api.schemas_sessions import (
    AnswerIn,
    CancelIn,
    InvitationOut,
    InvitationsIn,
    SessionIn,
    SessionOut,
    SessionState,
    SheetIn,
    SheetOut,
    sheet_out,
)
from pathways.domain.activities import Activities
from pathways.usecases.hold_session import Line, hold_session, show_sheet
from pathways.usecases.invite_to_session import (
    answer_invitation,
    invite_to_session,
    list_invitations,
    withdraw_invitation,
)
from pathways.usecases.list_sessions import list_sessions
from pathways.usecases.plan_session import Plan, cancel_session, change_session, find_session, plan_session

router = service_router(tags=["sessions"])


@router.get(
    "/activity-codes", operation_id="getActivityCodes", summary="Kinds of sessions and campaigns, topics, themes"
)
async def get_codes(*, caller: ActivityReader, words: WordsDep) -> Activities:
    """The words of the caller's territory, with their version."""
    return words.activities


@router.post("/sessions", operation_id="planSession", summary="Plan a group session", status_code=201)
async def post_session(
    *, caller: ActivityWriter, work: WorkDep, words: WordsDep, body: SessionIn, response: Response
) -> SessionOut:
    """Workshop, EPU, exchange, training, audit... One that has begun may be planned too, to note who came."""
    row = await plan_session(work, caller, words, Plan(**body.model_dump()))
    response.headers["Location"] = f"/v1/sessions/{row['id']}"
    return _session(row)


@router.get("/sessions", operation_id="listSessions", summary="Sessions of the territory")
async def get_sessions(
    *,
    caller: ActivityReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    kind: CodeQuery = None,
    topic: CodeQuery = None,
    state: Annotated[SessionState | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="Starts then or later")] = None,
    before: Annotated[AwareDatetime | None, Query(description="Starts earlier")] = None,
) -> Page[SessionOut]:
    """The latest first."""
    found = await list_sessions(
        work,
        kind=kind,
        topic=topic,
        state=state,
        since=since,
        before=before,
        until=until,
        after=page.key(BY_START),
        limit=page.limit,
    )
    kept, following = page_of(found, page, key=lambda row: [row["starts_at"].isoformat(), row["id"]])
    return Page(items=[_session(row) for row in kept], next=following)


@router.get("/sessions/{session_id}", operation_id="getSession", summary="A session", responses=problem_responses(404))
async def get_session(
    *, caller: ActivityReader, work: WorkDep, session_id: SessionPath, response: Response
) -> SessionOut:
    """As it stands. The `ETag` can go into `If-Match` of a change."""
    row = await find_session(work, session_id)
    response.headers["ETag"] = etag(row["version"])
    return _session(row)


@router.put(
    "/sessions/{session_id}",
    operation_id="changeSession",
    summary="Plan a session anew",
    responses=problem_responses(404, 409, 412),
)
async def put_session(
    *,
    caller: ActivityWriter,
    work: WorkDep,
    words: WordsDep,
    session_id: SessionPath,
    body: SessionIn,
    response: Response,
    if_match: IfMatch = None,
) -> SessionOut:
    """Whole. 409 `session_over` once it was held or cancelled, 412 when it changed since it was read."""
    plan = Plan(**body.model_dump())
    row = await change_session(work, caller, words, session_id, plan, if_match=if_match)
    response.headers["ETag"] = etag(row["version"])
    return _session(row)


@router.post(
    "/sessions/{session_id}/cancel",
    operation_id="cancelSession",
    summary="Cancel a session",
    responses=problem_responses(404, 409),
)
async def post_cancel(*, caller: ActivityWriter, work: WorkDep, session_id: SessionPath, body: CancelIn) -> SessionOut:
    """409 `session_over` once it was held or cancelled."""
    return _session(await cancel_session(work, caller, session_id, body.reason))


@router.post(
    "/sessions/{session_id}/invitations",
    operation_id="inviteToSession",
    summary="Invite professionals",
    responses=problem_responses(404, 409),
)
async def post_invitations(
    *, caller: ActivityWriter, work: WorkDep, session_id: SessionPath, body: InvitationsIn
) -> list[InvitationOut]:
    """Everybody who is invited then. The directory tells each, once, by the channels of their choice.

    409 `session_over`.
    """
    return [_invitation(row) for row in await invite_to_session(work, caller, session_id, body.rpps)]


@router.get(
    "/sessions/{session_id}/invitations",
    operation_id="listInvitations",
    summary="Who is invited",
    responses=problem_responses(404),
)
async def get_invitations(*, caller: ActivityReader, work: WorkDep, session_id: SessionPath) -> list[InvitationOut]:
    """With their answers."""
    return [_invitation(row) for row in await list_invitations(work, session_id)]


@router.post(
    "/sessions/{session_id}/invitations/{rpps}/answer",
    operation_id="answerInvitation",
    summary="Say whether one comes",
    responses=problem_responses(404, 409),
)
async def post_answer(
    *, caller: Attendee, work: WorkDep, session_id: SessionPath, rpps: RppsPath, body: AnswerIn
) -> InvitationOut:
    """For oneself; a coordinator for anyone (403 `not_own_entry`). The last answer counts.

    409 `session_full`, `session_over`.
    """
    return _invitation(await answer_invitation(work, caller, session_id, rpps, comes=body.comes))


@router.post(
    "/sessions/{session_id}/invitations/{rpps}/withdraw",
    operation_id="withdrawInvitation",
    summary="Take an invitation back",
    responses=problem_responses(404, 409),
)
async def post_withdraw(
    *, caller: ActivityWriter, work: WorkDep, session_id: SessionPath, rpps: RppsPath
) -> InvitationOut:
    """A repeat changes nothing. 409 `session_over`."""
    return _invitation(await withdraw_invitation(work, caller, session_id, rpps))


@router.post(
    "/sessions/{session_id}/attendance",
    operation_id="recordAttendance",
    summary="Who came: the session was held",
    responses=problem_responses(404, 409),
)
async def post_attendance(
    *,
    caller: ActivityWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    words: WordsDep,
    session_id: SessionPath,
    body: SheetIn,
) -> SheetOut:
    """The whole sheet, replacing the one before; lines that stay the same keep their id. Figures follow.

    409 `session_to_come`, `session_cancelled`; 422 names the line.
    """
    sheet = [Line(**line.model_dump()) for line in body.lines]
    return sheet_out(await hold_session(work, caller, runtime.keyring, words, session_id=session_id, sheet=sheet))


@router.get(
    "/sessions/{session_id}/attendance",
    operation_id="getAttendance",
    summary="The attendance sheet",
    responses=problem_responses(404),
)
async def get_attendance(
    *, caller: ActivityWriter, work: WorkDep, runtime: RuntimeDep, session_id: SessionPath
) -> SheetOut:
    """With names: for who keeps it."""
    return sheet_out(await show_sheet(work, runtime.keyring, session_id))


def _session(row: Record) -> SessionOut:
    return filled(SessionOut, row)


def _invitation(row: Record) -> InvitationOut:
    return filled(InvitationOut, row)
