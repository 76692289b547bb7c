"""Routes on indemnities: time declared, validated or refused, corrected, paid by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from pydantic import TypeAdapter

from directory.api.params import ReferenceDep, RppsQuery
from directory.api.schemas_indemnities import (
    CorrectionIn,
    CorrectionOut,
    IndemnityOut,
    PaidIn,
    RefusalIn,
    State,
    TimeIn,
)
from directory.domain.indemnities import IndemnityRules
from directory.usecases.approve_time import approve_time
from directory.usecases.correct_time import correct_time
from directory.usecases.declare_time import declare_time
from directory.usecases.find_time import list_time
from directory.usecases.mark_paid import mark_paid
from directory.usecases.refuse_time import refuse_time
from kit.answers import filled
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["indemnities"])

Reader = Annotated[Caller, require("indemnities:read")]
Declarer = Annotated[Caller, require("indemnities:declare")]
Approver = Annotated[Caller, require("indemnities:approve")]
_KEY = TypeAdapter(tuple[UUID])


async def _rules(loaded: ReferenceDep, work: WorkDep) -> IndemnityRules:
    return loaded.indemnities.get(work.territory) or IndemnityRules()


IndemnityRulesDep = Annotated[IndemnityRules, Depends(_rules)]


@router.post(
    "/indemnities", operation_id="declareTime", summary="Declare time", status_code=201,
    responses=problem_responses(404, 409),
)  # fmt: skip
async def post_time(*, caller: Declarer, work: WorkDep, rules: IndemnityRulesDep, body: TimeIn) -> IndemnityOut:
    """A practitioner their own, a coordinator anyone's; late is flagged or refused, by the territory's rules.

    403 `not_own_entry`, 409 `no_missions`, `too_late`: `declare_within_days` of the rules.
    """
    return indemnity_out(await declare_time(work, caller, rules, **body.model_dump()))


@router.get("/indemnities", operation_id="listIndemnities", summary="Declared time")
async def get_time(
    *,
    caller: Reader,
    work: WorkDep,
    page: PageDep,
    rpps: RppsQuery = None,
    state: State | None = None,
    year: Annotated[int | None, Query(ge=2000, le=2100)] = None,
) -> Page[IndemnityOut]:
    """A practitioner sees their own. In the order of declaration."""
    after = page.first_key(_KEY)
    rows = await list_time(work, caller, rpps=rpps, state=state, year=year, after=after, limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[indemnity_out(row) for row in kept], next=following)


@router.post(
    "/indemnities/{indemnity_id}/approve",
    operation_id="approveTime",
    summary="Validate time",
    responses=problem_responses(404, 409),
)
async def post_approve(
    *, caller: Approver, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, indemnity_id: UUID
) -> IndemnityOut:
    """At the rate of the day, up to the cap of the year (PASS). 403 `own_time`: nor what one declared oneself.

    409 `decided_already`, `conditions_unmet` (`unmet` names them), `no_rate`, `ceiling_unknown`.
    """
    return indemnity_out(await approve_time(work, caller, rules, loaded.ceilings, indemnity_id))


@router.post(
    "/indemnities/{indemnity_id}/refuse",
    operation_id="refuseTime",
    summary="Refuse time",
    responses=problem_responses(404, 409),
)
async def post_refuse(*, caller: Approver, work: WorkDep, indemnity_id: UUID, body: RefusalIn) -> IndemnityOut:
    """With the reason. 403 `own_time`, 409 `decided_already`."""
    return indemnity_out(await refuse_time(work, caller, indemnity_id, body.reason))


@router.post(
    "/indemnities/{indemnity_id}/paid",
    operation_id="markPaid",
    summary="Paid",
    responses=problem_responses(404, 409),
)
async def post_paid(*, caller: Approver, work: WorkDep, indemnity_id: UUID, body: PaidIn) -> IndemnityOut:
    """The transfer was made outside a batch. 409 `not_approved`, `in_a_batch`: pay the batch."""
    return indemnity_out(await mark_paid(work, caller, indemnity_id, body.paid_on))


@router.post(
    "/indemnities/{indemnity_id}/corrections",
    operation_id="correctTime",
    summary="Correct validated time",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_correction(
    *,
    caller: Approver,
    work: WorkDep,
    rules: IndemnityRulesDep,
    loaded: ReferenceDep,
    indemnity_id: UUID,
    body: CorrectionIn,
) -> CorrectionOut:
    """What stands is not rewritten: the difference goes into the next batch of payments.

    At the rate of the validation, under what the ceiling has left. 403 `own_time`. 409 `not_approved`,
    `ceiling_unknown`, `nothing_changes`.
    """
    wanted = {"indemnity_id": indemnity_id, **body.model_dump()}
    row = await correct_time(work, caller, rules, loaded.ceilings, **wanted)
    return filled(CorrectionOut, row)


def indemnity_out(row: Record) -> IndemnityOut:
    return filled(IndemnityOut, row)
