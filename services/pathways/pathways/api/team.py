"""Routes on care teams."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, MemberPath, PatientPath, Reader, TeamKeeper
from pathways.api.schemas_care import EndMemberIn, MemberIn, MemberOut
from pathways.usecases.keep_team import NewMember, add_member, end_membership, list_team

router = service_router(tags=["care team"])


@router.get(
    "/patients/{patient_id}/team",
    operation_id="listTeam",
    summary="Who cares for a patient",
    responses=problem_responses(404, 410),
)
async def members(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    patient_id: PatientPath,
    page: PageDep,
    at: Annotated[AwareDatetime | None, Query(description="As it was then; all places ever, without")] = None,
) -> Page[MemberOut]:
    """The oldest place first."""
    rows = await list_team(work, access, patient_id, at=at, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[filled(MemberOut, row) for row in kept], next=following)


@router.post(
    "/patients/{patient_id}/team",
    operation_id="addTeamMember",
    summary="Somebody joins the care team",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def add(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, patient_id: PatientPath, body: MemberIn
) -> MemberOut:
    """What they see follows from role, basis and the patient's consent. 409 `already_member`."""
    new = NewMember(body.person, body.role, body.basis, body.informed_on, body.ends_at, body.enrolment_id)
    return MemberOut.model_validate(dict(await add_member(work, access, patient_id, new)))


@router.post(
    "/team-members/{member_id}/end",
    operation_id="endTeamMember",
    summary="Somebody leaves the care team",
    responses=problem_responses(404, 409, 410),
)
async def end(
    *, caller: TeamKeeper, access: AccessDep, work: WorkDep, member_id: MemberPath, body: EndMemberIn
) -> MemberOut:
    """The very next request of theirs is refused. Members may leave by themselves."""
    return MemberOut.model_validate(dict(await end_membership(work, access, member_id, body.reason)))
