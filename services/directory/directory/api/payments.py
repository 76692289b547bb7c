"""Routes on batches of payments (*états de paiement*): previewed, closed, exported, paid."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field, TypeAdapter

from directory.api.csv_answers import CSV_ANSWER, csv_of
from directory.api.indemnities import Approver, IndemnityRulesDep
from directory.api.params import ReferenceDep
from directory.api.schemas_indemnities import BatchIn, BatchOut, LineOut, PaidIn, PreviewOut
from directory.domain.payments import PERIOD
from directory.usecases.close_payments import close_payments, preview_payments, total
from directory.usecases.show_payments import find_batch, list_batches, list_lines, pay_batch
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.file_answers import csv_answer
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["indemnities"])

_NUMBER, _ID = TypeAdapter(tuple[Annotated[int, Field(ge=1, le=2**31 - 1)]]), TypeAdapter(tuple[UUID])
COLUMNS = ("rpps", "name", "kind", "mission", "day", "minutes", "amount", "payable", "cut_reason", "late")
PeriodQuery = Annotated[str, Query(pattern=PERIOD, description="A month or quarter", examples=["2026-03"])]


@router.get("/payment-batches/preview", operation_id="previewPayments", summary="What a batch would hold now")
async def get_preview(
    *, caller: Approver, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, period: PeriodQuery
) -> PreviewOut:
    """Everything validated that no batch has, up to the end of the period; of periods before too (`late`)."""
    lines = await preview_payments(work, rules, loaded.ceilings, period)
    people = len({line["rpps"] for line in lines})
    return PreviewOut(period=period, people=people, total=total(lines), lines=[_line(line) for line in lines])


@router.post(
    "/payment-batches",
    operation_id="closePayments",
    summary="Close a batch of payments",
    status_code=201,
    responses=problem_responses(409),
)
async def post_batch(
    *, caller: Approver, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, body: BatchIn
) -> BatchOut:
    """Of a month or quarter that is over, under the next number; each declaration is in exactly one batch.

    What is validated later, and corrections, go into the next one. 409 `period_open`, `period_closed` (`number` has it
    or a later one), `nothing_to_pay`.
    """
    return _batch(await close_payments(work, caller, rules, loaded.ceilings, body.period))


@router.get("/payment-batches", operation_id="listPaymentBatches", summary="Batches of payments, the latest first")
async def get_batches(*, caller: Approver, work: WorkDep, page: PageDep, until: AsOfDep) -> Page[BatchOut]:
    """All of the territory; `?at=` as they stood."""
    rows = await list_batches(work, page.first_key(_NUMBER), page.limit, until)
    kept, following = page_of(rows, page, key=lambda row: [row["number"]])
    return Page(items=[_batch(row) for row in kept], next=following)


@router.get(
    "/payment-batches/{batch_id}",
    operation_id="getPaymentBatch",
    summary="One batch of payments",
    responses=problem_responses(404),
)
async def get_batch(*, caller: Approver, work: WorkDep, batch_id: UUID) -> BatchOut:
    """Its number, period and total."""
    return _batch(await find_batch(work, batch_id))


@router.get(
    "/payment-batches/{batch_id}/lines",
    operation_id="listPaymentLines",
    summary="Lines of a batch of payments",
    responses=problem_responses(404),
)
async def get_lines(*, caller: Approver, work: WorkDep, page: PageDep, batch_id: UUID) -> Page[LineOut]:
    """By person and day."""
    rows = await list_lines(work, batch_id, page.first_key(_ID), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_line(dict(row)) for row in kept], next=following)


@router.get(
    "/payment-batches/{batch_id}/export.csv",
    operation_id="exportPaymentBatch",
    summary="A batch of payments as CSV",
    response_class=Response,
    responses={**CSV_ANSWER, **problem_responses(404)},
)
async def export_batch(*, caller: Approver, work: WorkDep, batch_id: UUID) -> Response:
    """A line for each declaration, correction and compensation, with the name of the professional."""
    batch = await find_batch(work, batch_id)
    lines = [[row[name] for name in COLUMNS] for row in await list_lines(work, batch_id, None, None)]
    return csv_answer(csv_of(COLUMNS, lines), f"paiements_{work.territory}_{batch['number']}_{batch['period']}.csv")


@router.post(
    "/payment-batches/{batch_id}/paid",
    operation_id="payBatch",
    summary="A batch was paid",
    responses=problem_responses(404, 409),
)
async def post_paid(*, caller: Approver, work: WorkDep, batch_id: UUID, body: PaidIn) -> BatchOut:
    """The transfers were made: all validated time of the batch is paid. 409 `paid_already`."""
    return _batch(await pay_batch(work, caller, batch_id, body.paid_on))


def _batch(row: Record) -> BatchOut:
    return filled(BatchOut, row, closed_by=row["changed_by"])


def _line(row: dict[str, object]) -> LineOut:
    return LineOut.model_validate({name: row.get(name) for name in LineOut.model_fields})
