"""Routes on the bodies of the association and who sits in them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from directory.api.params import AssociationDep, AssociationReader, AssociationWriter
from directory.api.schemas_association import (
    BodiesOut,
    BodyOut,
    HolderOut,
    MandateEndIn,
    MandateIn,
    MandateOut,
    SeatsOut,
)
from directory.usecases.end_mandate import end_mandate
from directory.usecases.show_bodies import Body, Holder, show_bodies
from directory.usecases.start_mandate import Seat, start_mandate
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["association"])


@router.get("/bodies", operation_id="listBodies", summary="Who sits on the board, in the bureau, in commissions")
async def get_bodies(
    *,
    caller: AssociationReader,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: AssociationDep,
    until: AsOfDep,
    soon_days: Annotated[int, Query(ge=0, le=1500, description="`ends_soon`: within so many days")] = 180,
) -> BodiesOut:
    """With free seats per college, vacant functions, and mandates that end soon; today or on the day of `at`."""
    day, bodies = await show_bodies(work, runtime.keyring, rules, until=until, soon_days=soon_days)
    return BodiesOut(day=day, rules_version=rules.version, bodies=[_body(it) for it in bodies])


@router.post(
    "/mandates",
    operation_id="startMandate",
    summary="A member takes a seat",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_mandate(
    *, caller: AssociationWriter, work: WorkDep, runtime: RuntimeDep, rules: AssociationDep, body: MandateIn
) -> MandateOut:
    """On the board for the member's college, in the bureau, or in a commission.

    409: `not_a_member`, `no_college`, `mandate_limit` (all mandates counted), `college_seats_taken`,
    `board_full`, `wrong_college` (the president comes from college 1), `not_on_board`, `role_taken`, `sits_already`.
    """
    return _mandate(await start_mandate(work, caller, runtime.keyring, rules, Seat(**body.model_dump())))


@router.post(
    "/mandates/{mandate_id}/end",
    operation_id="endMandate",
    summary="A mandate ends early",
    responses=problem_responses(404, 409),
)
async def post_end(*, caller: AssociationWriter, work: WorkDep, mandate_id: UUID, body: MandateEndIn) -> MandateOut:
    """With a seat on the board ends the function of the bureau. 409 `ended_already`."""
    return _mandate(await end_mandate(work, caller, mandate_id, body.ended_on, body.reason))


def _mandate(row: Record) -> MandateOut:
    return filled(MandateOut, row)


def _body(it: Body) -> BodyOut:
    return BodyOut(
        code=it.code,
        kind=it.kind,
        label=it.label,
        seats=[SeatsOut(**vars(seat)) for seat in it.seats],
        vacant_roles=it.vacant_roles,
        holders=[_holder(holder) for holder in it.holders],
    )


def _holder(it: Holder) -> HolderOut:
    row = it.row
    return HolderOut(
        mandate_id=row["id"],
        member_id=row["member_id"],
        name=it.name,
        role=row["role"],
        college=row["college"],
        number=row["number"],
        started_on=row["started_on"],
        ends_on=row["ends_on"],
        ends_soon=it.ends_soon,
    )
