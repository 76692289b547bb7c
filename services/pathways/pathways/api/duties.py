"""Routes on on-call orders and absences."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag
from kit.work import Record
from pathways.api.params import BY_ID, AdviceUser, DutyKeeper, DutyReader
from pathways.api.schemas_advice import AbsenceIn, AbsenceOut, DutyGroupIn, DutyGroupOut, TurnsOut
from pathways.usecases.keep_duties import cancel_absence, keep_group, list_groups, note_absence, turns_of

router = service_router(tags=["on-call orders"])
GroupPath = Annotated[UUID, Path(description="Id of the group")]
AbsencePath = Annotated[UUID, Path(description="Id of the absence")]


@router.post(
    "/duty-groups", operation_id="addDutyGroup", summary="Professionals who share what comes in", status_code=201
)
async def post_group(*, caller: DutyKeeper, work: WorkDep, body: DutyGroupIn) -> DutyGroupOut:
    """422 `member_repeated`."""
    return _group(await keep_group(work, caller, body.label, [it.member() for it in body.members]))


@router.put(
    "/duty-groups/{group_id}",
    operation_id="changeDutyGroup",
    summary="Change an on-call order",
    responses=problem_responses(404, 412),
)
async def put_group(
    *,
    caller: DutyKeeper,
    work: WorkDep,
    group_id: GroupPath,
    body: DutyGroupIn,
    response: Response,
    if_match: IfMatch = None,
) -> DutyGroupOut:
    """For what comes in from now on; what was asked keeps its order. 422 `member_repeated`.

    `If-Match`: the `version` that was read, in quotes; 412 when somebody changed it since.
    """
    members = [it.member() for it in body.members]
    row = await keep_group(work, caller, body.label, members, group_id, if_match=if_match)
    response.headers["ETag"] = etag(row["version"])
    return _group(row)


@router.get("/duty-groups", operation_id="listDutyGroups", summary="On-call orders")
async def get_groups(*, caller: DutyReader, work: WorkDep, page: PageDep, until: AsOfDep) -> Page[DutyGroupOut]:
    """The oldest first; `?at=` as they stood."""
    found = await list_groups(work, until=until, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_group(row) for row in kept], next=following)


@router.get(
    "/duty-groups/{group_id}/turns",
    operation_id="getDutyTurns",
    summary="Who is asked now, in order",
    responses=problem_responses(404),
)
async def get_turns(*, caller: DutyReader, work: WorkDep, group_id: GroupPath) -> TurnsOut:
    """Empty when all are absent."""
    return TurnsOut(rpps=await turns_of(work, group_id))


@router.post(
    "/duty-absences", operation_id="noteDutyAbsence", summary="Somebody is not asked for some days", status_code=201
)
async def post_absence(*, caller: AdviceUser, work: WorkDep, body: AbsenceIn) -> AbsenceOut:
    """One's own; anybody's with the scope `duties:write` (403 `not_yours`)."""
    return filled(AbsenceOut, await note_absence(work, caller, body.rpps, body.from_on, body.until_on))


@router.post(
    "/duty-absences/{absence_id}/cancel",
    operation_id="cancelDutyAbsence",
    summary="They are there after all",
    responses=problem_responses(404, 409),
)
async def post_cancel(*, caller: AdviceUser, work: WorkDep, absence_id: AbsencePath) -> AbsenceOut:
    """403 `not_yours`, 409 `absence_cancelled`."""
    return filled(AbsenceOut, await cancel_absence(work, caller, absence_id))


def _group(row: Record) -> DutyGroupOut:
    return filled(DutyGroupOut, row)
