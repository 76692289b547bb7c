"""Routes on indemnities: time declared, validated, paid; the statement of a person and year."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, Field, TypeAdapter

from directory.api.fields import Body
from directory.api.params import RPPS_PATTERN, ReferenceDep, RppsPath, RppsQuery
from directory.api.schemas_association import Day, Short
from directory.domain.association import Code
from directory.domain.indemnities import IndemnityRules
from directory.usecases.declare_time import (
    Statement,
    approve_time,
    declare_time,
    list_time,
    mark_paid,
    refuse_time,
    state_year,
)
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["indemnities"])

Reader = Annotated[Caller, require("indemnities:read")]
Declarer = Annotated[Caller, require("indemnities:declare")]
Approver = Annotated[Caller, require("indemnities:approve")]
State = Literal["declared", "approved", "refused", "paid"]
YearPath = Annotated[int, Path(ge=2000, le=2100)]
COLUMNS = ("id", "rpps", "profession", "mission", "kind", "day", "minutes", "state", "per_hour", "amount", "payable",
           "paid_on")  # fmt: skip
_KEY = TypeAdapter(tuple[UUID])
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


async def _rules(loaded: ReferenceDep, work: WorkDep) -> IndemnityRules:
    return loaded.indemnities.get(work.territory) or IndemnityRules()


RulesDep = Annotated[IndemnityRules, Depends(_rules)]


class TimeIn(Body):
    """Time spent."""

    rpps: str = Field(pattern=RPPS_PATTERN)
    mission: Code
    day: Day
    minutes: int = Field(ge=1, le=1440)


class RefusalIn(Body):
    """Why the time is refused."""

    reason: Short


class PaidIn(Body):
    """When it was paid."""

    paid_on: Day


class IndemnityOut(BaseModel):
    """Declared time; amounts in euros once approved, `payable` under the cap of the year."""

    id: UUID
    rpps: str
    profession: str
    mission: str
    day: date
    minutes: int
    state: State
    kind: Literal["lost_income", "mission"] | None
    per_hour: Decimal | None
    amount: Decimal | None
    payable: Decimal | None
    rules_version: str | None
    reason: str | None
    paid_on: date | None
    version: int


class StatementOut(BaseModel):
    """A calendar year of one person, euros."""

    rpps: str
    year: int
    yearly_cap: Decimal | None
    amount: Decimal
    payable: Decimal
    paid: Decimal
    over_the_cap: Decimal
    lines: list[IndemnityOut]


@router.post(
    "/indemnities", operation_id="declareTime", summary="Declare time", status_code=201,
    responses=problem_responses(404, 409),
)  # fmt: skip
async def post_time(*, caller: Declarer, work: WorkDep, rules: RulesDep, body: TimeIn) -> IndemnityOut:
    """A practitioner their own, a coordinator anyone's. 403 `not_own_entry`, 409 `no_missions`."""
    return _out(await declare_time(work, caller, rules, **body.model_dump()))


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
    seen = page.key(_KEY)
    after = seen[0] if seen else None
    rows = await list_time(work, caller, rpps=rpps, state=state, year=year, after=after, limit=page.limit)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_out(row) for row in kept], next=following)


@router.post(
    "/indemnities/{indemnity_id}/approve",
    operation_id="approveTime",
    summary="Validate time",
    responses=problem_responses(404, 409),
)
async def post_approve(
    *, caller: Approver, work: WorkDep, rules: RulesDep, loaded: ReferenceDep, indemnity_id: UUID
) -> IndemnityOut:
    """At the rate of the day, up to the cap of the year (PASS). 403 `own_time`: nor what one declared oneself.

    409 `decided_already`, `conditions_unmet` (`unmet` names them), `no_rate`, `ceiling_unknown`.
    """
    return _out(await approve_time(work, caller, rules, loaded.ceilings, indemnity_id))


@router.post(
    "/indemnities/{indemnity_id}/refuse",
    operation_id="refuseTime",
    summary="Refuse time",
    responses=problem_responses(404, 409),
)
async def post_refuse(*, caller: Approver, work: WorkDep, indemnity_id: UUID, body: RefusalIn) -> IndemnityOut:
    """With the reason. 403 `own_time`, 409 `decided_already`."""
    return _out(await refuse_time(work, caller, indemnity_id, body.reason))


@router.post(
    "/indemnities/{indemnity_id}/paid",
    operation_id="markPaid",
    summary="Paid",
    responses=problem_responses(404, 409),
)
async def post_paid(*, caller: Approver, work: WorkDep, indemnity_id: UUID, body: PaidIn) -> IndemnityOut:
    """The transfer was made. 409 `not_approved`."""
    return _out(await mark_paid(work, caller, indemnity_id, body.paid_on))


@router.get(
    "/indemnity-statements/{rpps}/{year}", operation_id="getStatement", summary="Statement of a person and year"
)
async def get_statement(
    *, caller: Reader, work: WorkDep, rules: RulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
) -> StatementOut:
    """What was declared, owed and paid, and what lies over the cap. A practitioner sees their own."""
    found = await state_year(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    amount, owed = found.total("amount", "approved", "paid"), found.total("payable", "approved", "paid")
    return StatementOut(
        rpps=rpps,
        year=year,
        yearly_cap=found.cap,
        amount=amount,
        payable=owed,
        paid=found.total("payable", "paid"),
        over_the_cap=amount - owed,
        lines=[_out(row) for row in found.lines],
    )


@router.get(
    "/indemnity-statements/{rpps}/{year}/export.csv",
    operation_id="exportStatement",
    summary="Statement as CSV",
    response_class=Response,
    responses={200: {"description": "UTF-8 with byte order mark, `;`, `,` as decimal sign",
                     "content": {"text/csv": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def export_statement(
    *, caller: Reader, work: WorkDep, rules: RulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
) -> Response:
    """A line for each declaration."""
    found = await state_year(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    return Response(
        _csv(found).encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8; header=present",
        headers={"Content-Disposition": f'attachment; filename="indemnites_{work.territory}_{rpps}_{year}.csv"'},
    )


def _csv(found: Statement) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in found.lines:
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue()


def _cell(value: Any) -> str:
    """A text that a spreadsheet would take for a formula is kept a text by an apostrophe."""
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _out(row: Record) -> IndemnityOut:
    return IndemnityOut(**{name: row[name] for name in IndemnityOut.model_fields})
