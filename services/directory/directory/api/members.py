"""Routes of the register of members of the association."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import TypeAdapter

from directory.api.params import AssociationDep, AssociationReader, AssociationWriter, CodeQuery, RppsQuery
from directory.api.schemas_association import (
    FeeIn,
    FeeOut,
    LeavingIn,
    MemberCountOut,
    MemberCountsOut,
    MemberDetailOut,
    MemberIn,
    MemberOut,
    MemberPatch,
)
from directory.domain.as_of import standing_day
from directory.domain.association import Association, MemberKind
from directory.store.members import MemberFilter
from directory.usecases.change_member import change_member, set_fee
from directory.usecases.find_member import MemberView, show_member
from directory.usecases.join_association import Joining, join_association
from directory.usecases.leave_association import leave_association
from directory.usecases.list_members import count_members, list_members
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import IfMatch, RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag

router = service_router(tags=["association"])

_KEY = TypeAdapter(tuple[UUID])
YearPath = Annotated[int, Path(ge=1990, le=2100)]


@router.get("/association/rules", operation_id="getAssociationRules", summary="The rules of the association")
async def get_rules(*, caller: AssociationReader, rules: AssociationDep) -> Association:
    """Member categories, colleges with shares and seats, bodies, how each kind of meeting votes: `association.yaml`."""
    return rules


@router.post(
    "/members", operation_id="addMember", summary="Somebody joins", status_code=201, responses=problem_responses(409)
)
async def post_member(
    *, caller: AssociationWriter, work: WorkDep, runtime: RuntimeDep, rules: AssociationDep, body: MemberIn
) -> MemberOut:
    """By RPPS number, or by name for who has none. The category settles the one college.

    409 `already_member` (nobody is a member twice, nor in two colleges), `overlaps_membership`. 422 for an unknown
    category or number, a kind or college that the category does not have.
    """
    asked = Joining(**body.model_dump())
    return member_out(await join_association(work, caller, runtime.keyring, rules, asked))


@router.get("/members", operation_id="listMembers", summary="The register of members")
async def get_members(
    *,
    caller: AssociationReader,
    work: WorkDep,
    runtime: RuntimeDep,
    page: PageDep,
    until: AsOfDep,
    kind: Annotated[MemberKind | None, Query()] = None,
    college: Annotated[int | None, Query(ge=1, le=20)] = None,
    category: CodeQuery = None,
    rpps: RppsQuery = None,
    fee_paid: Annotated[bool | None, Query(description="Of the calendar year")] = None,
    former: Annotated[bool, Query(description="Those who left as well")] = False,
) -> Page[MemberOut]:
    """Who is a member today, or was on the day of `at`, in the order of entry in the register."""
    day = None if former else standing_day(work.now, until)
    chosen = MemberFilter(day, kind, college, category, rpps, fee_paid)
    found = await list_members(work, runtime.keyring, chosen, until=until, after=page.first_key(_KEY), limit=page.limit)
    kept, following = page_of(found, page, key=lambda it: [str(it.id)])
    return Page(items=[member_out(it) for it in kept], next=following)


@router.get("/members/counts", operation_id="countMembers", summary="How many members")
async def get_counts(*, caller: AssociationReader, work: WorkDep, until: AsOfDep) -> MemberCountsOut:
    """By kind, college, category and profession, today or on the day of `at`."""
    day, rows = await count_members(work, until)
    by = [MemberCountOut(**row) for row in rows]
    adherents = sum(it.members for it in by if it.kind == "adherent")
    total = sum(it.members for it in by)
    return MemberCountsOut(day=day, total=total, adherents=adherents, associates=total - adherents, by=by)


@router.get("/members/{member_id}", operation_id="getMember", summary="One member", responses=problem_responses(404))
async def get_member(
    *, caller: AssociationReader, work: WorkDep, runtime: RuntimeDep, member_id: UUID, response: Response
) -> MemberDetailOut:
    """With the fees of every year. The `ETag` can go into `If-Match` of a change."""
    found = await show_member(work, runtime.keyring, member_id)
    response.headers["ETag"] = etag(found.row["version"])
    return _detail(found)


@router.patch(
    "/members/{member_id}",
    operation_id="changeMember",
    summary="Change a member",
    responses=problem_responses(404, 409, 412),
)
async def patch_member(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: AssociationDep,
    member_id: UUID,
    body: MemberPatch,
    response: Response,
    if_match: IfMatch = None,
) -> MemberDetailOut:
    """Kind, category (with it the college), structure, convention. 409 `left_already`, `holds_mandate`."""
    asked = body.model_dump(exclude_unset=True)
    found = await change_member(
        work, caller, runtime.keyring, rules, member_id=member_id, asked=asked, if_match=if_match
    )
    response.headers["ETag"] = etag(found.row["version"])
    return _detail(found)


@router.put(
    "/members/{member_id}/fees/{year}",
    operation_id="setMemberFee",
    summary="Fee of a year: paid or not",
    responses=problem_responses(404),
)
async def put_fee(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    member_id: UUID,
    year: YearPath,
    body: FeeIn,
) -> MemberDetailOut:
    """The fee of a calendar year (*cotisation*)."""
    return _detail(
        await set_fee(work, caller, runtime.keyring, member_id, year=year, paid_on=body.paid_on, amount=body.amount)
    )


@router.post(
    "/members/{member_id}/leaving",
    operation_id="endMembership",
    summary="A member leaves",
    responses=problem_responses(404, 409),
)
async def post_leaving(
    *, caller: AssociationWriter, work: WorkDep, runtime: RuntimeDep, member_id: UUID, body: LeavingIn
) -> MemberOut:
    """The membership and its mandates end. 409 `left_already`."""
    return member_out(
        await leave_association(work, caller, runtime.keyring, member_id, left_on=body.left_on, reason=body.reason)
    )


def member_out(it: MemberView) -> MemberOut:
    return filled(MemberOut, it.row, name=it.name, fee_paid=it.row["paid_on"] is not None)


def _detail(it: MemberView) -> MemberDetailOut:
    return MemberDetailOut(**dict(member_out(it)), fees=[FeeOut(**row) for row in it.fees or ()])
