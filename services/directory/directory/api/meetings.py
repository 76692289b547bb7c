"""Routes on meetings of the association."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from directory.api.ballots import ballot_out
from directory.api.params import AssociationDep, AssociationReader, AssociationWriter, CodeQuery
from directory.api.schemas_meetings import (
    AttendanceIn,
    AttendeeOut,
    BallotIn,
    BallotOut,
    EndIn,
    MeetingDetailOut,
    MeetingIn,
    MeetingOut,
)
from directory.domain.attendance import Attendee
from directory.usecases.convene_meeting import convene
from directory.usecases.end_meeting import end_meeting
from directory.usecases.find_meeting import MeetingView, list_meetings, show_meeting
from directory.usecases.open_ballot import Question, open_ballot
from directory.usecases.sign_attendance import sign_attendance
from kit.answers import filled
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["association"])

_KEY = TypeAdapter(tuple[datetime, UUID])


@router.post("/meetings", operation_id="conveneMeeting", summary="Convene a meeting", status_code=201)
async def post_meeting(
    *, caller: AssociationWriter, work: WorkDep, runtime: RuntimeDep, rules: AssociationDep, body: MeetingIn
) -> MeetingDetailOut:
    """Of a kind of the territory's rules, with its agenda. 422 `meeting_kind_unknown`."""
    return _detail(await convene(work, caller, runtime.keyring, rules, body.model_dump()))


@router.get("/meetings", operation_id="listMeetings", summary="Meetings, the latest first")
async def get_meetings(
    *, caller: AssociationReader, work: WorkDep, page: PageDep, kind: CodeQuery = None
) -> Page[MeetingOut]:
    """Assemblies, boards, bureaux, commissions."""
    rows = await list_meetings(work, kind, page.key(_KEY), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    return Page(items=[filled(MeetingOut, row) for row in kept], next=following)


@router.get(
    "/meetings/{meeting_id}", operation_id="getMeeting", summary="One meeting", responses=problem_responses(404)
)
async def get_meeting(
    *, caller: AssociationReader, work: WorkDep, runtime: RuntimeDep, meeting_id: UUID
) -> MeetingDetailOut:
    """With agenda, attendance and votes."""
    return _detail(await show_meeting(work, runtime.keyring, meeting_id))


@router.put(
    "/meetings/{meeting_id}/attendance",
    operation_id="signAttendance",
    summary="The attendance sheet",
    responses=problem_responses(404, 409),
)
async def put_attendance(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: AssociationDep,
    meeting_id: UUID,
    body: AttendanceIn,
) -> MeetingDetailOut:
    """Who is present, represented by whom, excused: the whole sheet, replacing the one before.

    409 `meeting_over`, `not_a_member`, `holder_not_present`, `no_vote`, `proxy_other_college`, `too_many_proxies`.
    """
    sheet = [Attendee(it.member_id, it.status, it.holder_id) for it in body.sheet]
    found = await sign_attendance(work, caller, runtime.keyring, rules, meeting_id=meeting_id, sheet=sheet)
    return _detail(found)


@router.post(
    "/meetings/{meeting_id}/end",
    operation_id="endMeeting",
    summary="The meeting was held, or is cancelled",
    responses=problem_responses(404, 409),
)
async def post_end(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: AssociationDep,
    meeting_id: UUID,
    body: EndIn,
) -> MeetingDetailOut:
    """409 `meeting_over`, `ballot_open`, `not_started`."""
    found = await end_meeting(work, caller, runtime.keyring, rules, meeting_id=meeting_id, held=body.held)
    return _detail(found)


@router.post(
    "/meetings/{meeting_id}/ballots",
    operation_id="openBallot",
    summary="Put a question to the vote",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_ballot(
    *, caller: AssociationWriter, work: WorkDep, rules: AssociationDep, meeting_id: UUID, body: BallotIn
) -> BallotOut:
    """Freezes the rules, the shares and the roll: who is present or represented now.

    409 `no_vote_rules`: the territory's association.yaml does not say how this meeting votes; `meeting_over`,
    `nobody_votes`. 422 `item_unknown`, `college_unknown`, `college_required`, `candidate_without_vote`,
    `document_required` (accounts and budget, by the rules), `document_unknown`, `document_of_another_kind`.
    """
    asked = Question(**{**body.model_dump(), "candidates": tuple(body.candidates)})
    return ballot_out(await open_ballot(work, caller, rules, meeting_id, asked))


def _detail(it: MeetingView) -> MeetingDetailOut:
    lines = [
        AttendeeOut(
            member_id=line["member_id"],
            status=line["status"],
            holder_id=line["holder_id"],
            name=name,
            college=line["college"],
        )
        for name, line in it.sheet
    ]
    votes = [ballot_out(row) for row in it.ballots]
    return filled(MeetingDetailOut, it.row, agenda=it.agenda, attendance=lines, ballots=votes)
