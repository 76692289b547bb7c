"""Routes on roles (*fonctions*) and care teams (*équipes de soins*)."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, TypeAdapter

from directory.api.params import CodeQuery, FinessQuery, Reader, ReferenceDep, RppsQuery, Writer
from directory.api.schemas_entries import (
    DirectoryCodesOut,
    EndIn,
    MemberIn,
    MemberOut,
    RoleIn,
    RoleOut,
    TeamIn,
    TeamOut,
)
from directory.store.entries import Entries
from directory.usecases.access import check_coordinator
from directory.usecases.add_entries import add_member, add_role, add_team, check_role, check_team
from directory.usecases.keep_entries import change_entry, end_entry, show_entry
from directory.usecases.list_entries import Slice, list_entries
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.auth import Caller
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record, Work

router = service_router(tags=["roles and care teams"])

T = TypeVar("T", bound=BaseModel)

_KEY = TypeAdapter(tuple[UUID])
CurrentQuery = Annotated[bool | None, Query(description="Not ended on that day, or ended")]
RolePath = Annotated[UUID, Path(description="Id of the role held")]
TeamPath = Annotated[UUID, Path(description="Id of the care team")]
MemberPath = Annotated[UUID, Path(description="Id of the membership")]


def shown(kind: type[T], row: Record, response: Response | None = None) -> T:
    """The row as the route answers it; its `ETag` can go into `If-Match`."""
    if response is not None:
        response.headers["ETag"] = f'"{row["version"]}"'
    return filled(kind, row)


@router.get("/directory-codes", operation_id="listDirectoryCodes", summary="Codes of roles, teams and resources")
async def codes(*, caller: Reader, reference: ReferenceDep) -> DirectoryCodesOut:
    """With their French labels."""
    return DirectoryCodesOut.model_validate(reference.codes.model_dump())


@router.get("/roles", operation_id="listRoles", summary="Who holds which role")
async def roles(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    role: CodeQuery = None,
    rpps: RppsQuery = None,
    finess: FinessQuery = None,
    current: CurrentQuery = None,
) -> Page[RoleOut]:
    """On the caller's territory, in the order in which they were made; with `at`, as they stood then."""
    filters = [("role = ?", role), ("rpps = ?", rpps), ("finess = ?", finess)]
    seen = page.key(_KEY)
    rows = await list_entries(work, "role_held", filters, current, Slice(until, seen, page.limit + 1))
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[shown(RoleOut, row) for row in kept], next=following)


@router.post("/roles", operation_id="addRole", summary="Somebody holds a role", status_code=201)
async def new_role(*, caller: Writer, work: WorkDep, reference: ReferenceDep, body: RoleIn) -> RoleOut:
    """A coordinator only (403). An unknown code, holder or structure is 422."""
    return shown(RoleOut, await add_role(work, reference, caller, body.model_dump()))


@router.get("/roles/{role_id}", operation_id="getRole", summary="One role", responses=problem_responses(404))
async def one_role(*, caller: Reader, work: WorkDep, role_id: RolePath, until: AsOfDep, response: Response) -> RoleOut:
    """Ended or not."""
    return shown(RoleOut, await show_entry(work, "role_held", role_id, until), response)


@router.put(
    "/roles/{role_id}", operation_id="changeRole", summary="Correct a role", responses=problem_responses(404, 409, 412)
)
async def change_role(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    role_id: RolePath,
    body: RoleIn,
    response: Response,
    if_match: IfMatch = None,
) -> RoleOut:
    """A coordinator only (403). One that has ended is 409."""
    check_coordinator(caller)
    await check_role(work, reference, body.model_dump())
    row = await change_entry(work, caller, "role_held", role_id, body.model_dump(), if_match=if_match)
    return shown(RoleOut, row, response)


@router.post(
    "/roles/{role_id}/end", operation_id="endRole", summary="End a role", responses=problem_responses(404, 409)
)
async def end_role(*, caller: Writer, work: WorkDep, role_id: RolePath, body: EndIn) -> RoleOut:
    """A coordinator only (403). One that has ended is 409."""
    return shown(RoleOut, await _end(work, caller, "role_held", role_id, body))


@router.get("/care-teams", operation_id="listCareTeams", summary="Care teams")
async def teams(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    kind: CodeQuery = None,
    finess: FinessQuery = None,
    current: CurrentQuery = None,
) -> Page[TeamOut]:
    """On the caller's territory, in the order in which they were made; with `at`, as they stood then."""
    filters = [("kind = ?", kind), ("finess = ?", finess)]
    rows = await list_entries(work, "care_team", filters, current, Slice(until, page.key(_KEY), page.limit + 1))
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[shown(TeamOut, row) for row in kept], next=following)


@router.post("/care-teams", operation_id="addCareTeam", summary="A care team begins", status_code=201)
async def new_team(*, caller: Writer, work: WorkDep, reference: ReferenceDep, body: TeamIn) -> TeamOut:
    """A coordinator only (403). An unknown code, structure or commune is 422."""
    return shown(TeamOut, await add_team(work, reference, caller, body.model_dump()))


@router.get(
    "/care-teams/{team_id}", operation_id="getCareTeam", summary="One care team", responses=problem_responses(404)
)
async def one_team(*, caller: Reader, work: WorkDep, team_id: TeamPath, until: AsOfDep, response: Response) -> TeamOut:
    """Ended or not; its members are a list of their own."""
    return shown(TeamOut, await show_entry(work, "care_team", team_id, until), response)


@router.put(
    "/care-teams/{team_id}",
    operation_id="changeCareTeam",
    summary="Correct a care team",
    responses=problem_responses(404, 409, 412),
)
async def change_team(
    *,
    caller: Writer,
    work: WorkDep,
    reference: ReferenceDep,
    team_id: TeamPath,
    body: TeamIn,
    response: Response,
    if_match: IfMatch = None,
) -> TeamOut:
    """A coordinator only (403). One that has ended is 409."""
    check_coordinator(caller)
    await check_team(work, reference, body.model_dump())
    row = await change_entry(work, caller, "care_team", team_id, body.model_dump(), if_match=if_match)
    return shown(TeamOut, row, response)


@router.post(
    "/care-teams/{team_id}/end",
    operation_id="endCareTeam",
    summary="End a care team",
    responses=problem_responses(404, 409),
)
async def end_team(*, caller: Writer, work: WorkDep, team_id: TeamPath, body: EndIn) -> TeamOut:
    """Its members leave it on that day. A coordinator only (403). One that has ended is 409."""
    return shown(TeamOut, await _end(work, caller, "care_team", team_id, body))


@router.get(
    "/care-teams/{team_id}/members",
    operation_id="listCareTeamMembers",
    summary="Members of a care team",
    responses=problem_responses(404),
)
async def members(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    team_id: TeamPath,
    until: AsOfDep,
    current: CurrentQuery = None,
) -> Page[MemberOut]:
    """Those who left too, unless `current`."""
    await show_entry(work, "care_team", team_id, until)
    which = Slice(until, page.key(_KEY), page.limit + 1)
    rows = await list_entries(work, "care_team_member", [("team_id = ?", team_id)], current, which)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[shown(MemberOut, row) for row in kept], next=following)


@router.post(
    "/care-teams/{team_id}/members",
    operation_id="addCareTeamMember",
    summary="A professional joins a care team",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def new_member(
    *, caller: Writer, work: WorkDep, reference: ReferenceDep, team_id: TeamPath, body: MemberIn
) -> MemberOut:
    """A coordinator only (403). One who is a member already, or a team that has ended, is 409."""
    return shown(MemberOut, await add_member(work, reference, caller, team_id, body.model_dump()))


@router.post(
    "/care-team-members/{member_id}/end",
    operation_id="endCareTeamMember",
    summary="A professional leaves a care team",
    responses=problem_responses(404, 409),
)
async def end_member(*, caller: Writer, work: WorkDep, member_id: MemberPath, body: EndIn) -> MemberOut:
    """A coordinator only (403). One who has left is 409."""
    return shown(MemberOut, await _end(work, caller, "care_team_member", member_id, body))


async def _end(work: Work, caller: Caller, table: Entries, entry: UUID, body: EndIn) -> Record:
    return await end_entry(work, caller, table, entry, body.on)
