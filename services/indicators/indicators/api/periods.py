"""Periods: what becomes of them, and what changed since their approval."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from pydantic import TypeAdapter

from indicators.api.parameters import CatalogueDep, Reader, period_named
from indicators.api.period_schemas import ChangeOut, PeriodEventOut, ReopenIn, ReportingPeriodOut
from indicators.api.views import SmallCellsDep
from indicators.domain.periods import MOST_LETTERS, PERIOD_PATTERN, Period
from indicators.domain.reporting import State
from indicators.usecases.compare_with_approval import compare_with_approval
from indicators.usecases.move_period import Asked, approve_period, lock_period, reopen_period, submit_period
from indicators.usecases.read_periods import find_period, list_history, list_periods
from indicators.usecases.show_figures import threshold
from kit.auth import Caller
from kit.http import IfMatch, WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.versions import etag
from kit.work import Record, Work

router = service_router(tags=["periods"])

Submitter = Annotated[Caller, require("periods:submit")]
Approver = Annotated[Caller, require("periods:approve")]

BY_START: TypeAdapter[tuple[datetime, str]] = TypeAdapter(tuple[datetime, str])
_BY_ID: TypeAdapter[tuple[int]] = TypeAdapter(tuple[int])


async def _named(
    catalogue: CatalogueDep,
    period_id: Annotated[
        str, Path(examples=["2026-Q3"], max_length=MOST_LETTERS, json_schema_extra={"pattern": PERIOD_PATTERN})
    ],
) -> Period:
    return period_named(period_id, catalogue, "period_id")


NamedPeriod = Annotated[Period, Depends(_named)]


@router.get("/periods", operation_id="listPeriods", summary="Periods that were submitted, approved, locked, reopened")
async def get_periods(
    *,
    caller: Reader,
    catalogue: CatalogueDep,
    work: WorkDep,
    page: PageDep,
    state: Annotated[State | None, Query(description="Only those in this state")] = None,
) -> Page[ReportingPeriodOut]:
    """The latest first. A period to which nothing was done yet is open, and not listed."""
    rows = await list_periods(work, [state] if state else None, page.key(BY_START), page.limit + 1)
    kept, following = page_of(rows, page, key=start_of)
    return Page(items=[ReportingPeriodOut.listed(catalogue, row, work.now) for row in kept], next=following)


@router.get("/periods/{period_id}", operation_id="getPeriod", summary="How far the approval of a period is")
async def get_period(caller: Reader, period: NamedPeriod, work: WorkDep, response: Response) -> ReportingPeriodOut:
    """Any period of the calendar, any campaign. The `ETag` can go into `If-Match` of what is done to it."""
    return _told(response, work, period, await find_period(work, period))


@router.post(
    "/periods/{period_id}/submit",
    operation_id="submitPeriod",
    summary="Give a period that is over to those who approve it",
    responses=problem_responses(409, 412),
)
async def post_submit(
    *, caller: Submitter, period: NamedPeriod, work: WorkDep, response: Response, if_match: IfMatch = None
) -> ReportingPeriodOut:
    """409 `period_not_over`, `period_not_open`. A fact of the period that comes after this opens it again."""
    return _told(response, work, period, await submit_period(work, Asked(caller, period, if_match)))


@router.post(
    "/periods/{period_id}/approve",
    operation_id="approvePeriod",
    summary="Approve all figures of a period",
    responses=problem_responses(409, 412),
)
async def post_approve(
    *,
    caller: Approver,
    period: NamedPeriod,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> ReportingPeriodOut:
    """Every figure is kept as a numbered version that nobody can change. 409 `period_not_submitted`."""
    smallest = threshold(small_cells, work.territory)
    approved = await approve_period(work, Asked(caller, period, if_match), catalogue, smallest)
    return _told(response, work, period, approved)


@router.post(
    "/periods/{period_id}/lock",
    operation_id="lockPeriod",
    summary="Lock an approved period",
    responses=problem_responses(409, 412),
)
async def post_lock(
    *, caller: Approver, period: NamedPeriod, work: WorkDep, response: Response, if_match: IfMatch = None
) -> ReportingPeriodOut:
    """Reopening it takes the scope `periods:unlock` from then on. 409 `period_not_approved`."""
    return _told(response, work, period, await lock_period(work, Asked(caller, period, if_match)))


@router.post(
    "/periods/{period_id}/reopen",
    operation_id="reopenPeriod",
    summary="Open a period again, with a reason",
    responses=problem_responses(409, 412),
)
async def post_reopen(
    *,
    caller: Approver,
    period: NamedPeriod,
    body: ReopenIn,
    work: WorkDep,
    response: Response,
    if_match: IfMatch = None,
) -> ReportingPeriodOut:
    """Its approved versions are kept. 409 `period_already_open`; a locked one needs the scope `periods:unlock`."""
    asked = Asked(caller, period, if_match, body.reason)
    return _told(response, work, period, await reopen_period(work, asked))


@router.get(
    "/periods/{period_id}/history", operation_id="listPeriodHistory", summary="Who did what to a period, and why"
)
async def get_history(caller: Reader, period: NamedPeriod, work: WorkDep, page: PageDep) -> Page[PeriodEventOut]:
    """The latest first. That facts came late is told as well."""
    rows = await list_history(work, period, page.first_key(_BY_ID), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["id"]])
    return Page(items=[PeriodEventOut.of(row) for row in kept], next=following)


@router.get(
    "/periods/{period_id}/changes",
    operation_id="listChangesSinceApproval",
    summary="What changed since a period was approved",
    responses=problem_responses(409),
)
async def get_changes(
    *, caller: Reader, period: NamedPeriod, catalogue: CatalogueDep, work: WorkDep, page: PageDep
) -> Page[ChangeOut]:
    """The figures that would come out otherwise now, in the order of the catalogue. 409 `period_not_approved`."""
    after = page.first_key(_BY_ID)
    found = list(enumerate(await compare_with_approval(work, catalogue, period)))
    rows = [item for item in found if after is None or item[0] > after][: page.limit + 1]
    kept, following = page_of(rows, page, key=lambda item: [item[0]])
    return Page(items=[ChangeOut.of(change) for _, change in kept], next=following)


def start_of(row: Record) -> list[str]:
    """The sort key of a list of periods."""
    return [row["starts_at"].isoformat(), row["period_id"]]


def _told(response: Response, work: Work, period: Period, row: Record | None) -> ReportingPeriodOut:
    told = ReportingPeriodOut.of(period, row, work.now)
    response.headers["ETag"] = etag(told.version)
    return told
