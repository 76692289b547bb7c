"""What reconciliations found. Their counts are over all territories: they are for who operates the platform."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from indicators.domain.reconciliation import owner_of
from indicators.usecases.show_reconciliations import list_differences, list_reconciliations
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["reconciliations"])

PlatformOperator = Annotated[Caller, require("platform:reconciliations")]

_BY_ID: TypeAdapter[tuple[UUID]] = TypeAdapter(tuple[UUID])
_BY_TYPE: TypeAdapter[tuple[date, str]] = TypeAdapter(tuple[date, str])


class ProducerOut(BaseModel):
    """What a producer said that it published in all, from `since` on, and what is held of it."""

    producer: str = Field(examples=["snp-dispatch"])
    said: int | None = Field(description="Null: it did not answer, and nothing is claimed of it")
    held: int
    difference: int | None = Field(description="Said less held; events that were published meanwhile may be in it")


class ReconciliationOut(BaseModel):
    """One comparison. `complete`: all producers answered, and no type of no day differs."""

    id: UUID
    ran_at: datetime
    since: date = Field(description="The first day that was compared (UTC)")
    complete: bool
    repaired: int = Field(description="Facts that were kept again from the streams")
    producers: list[ProducerOut]
    differences: int = Field(description="How many types of a day differ")


class DifferenceOut(BaseModel):
    """A type of a day of which too few facts are held (above 0) or too many (below)."""

    producer: str
    type: str = Field(examples=["fr.cpts.snp-dispatch.slot.published.v1"])
    day: date = Field(description="UTC")
    said: int
    held: int
    difference: int


@router.get("/reconciliations", operation_id="listReconciliations", summary="Facts held against events published")
async def get_reconciliations(caller: PlatformOperator, work: WorkDep, page: PageDep) -> Page[ReconciliationOut]:
    """The last 400 runs of `python -m indicators.reconcile`, the latest first. Counts are over all territories."""
    rows = await list_reconciliations(work, page.first_key(_BY_ID), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_run(row) for row in kept], next=following)


@router.get(
    "/reconciliations/{reconciliation_id}/differences",
    operation_id="listReconciliationDifferences",
    summary="What differed in one reconciliation",
    responses=problem_responses(404),
)
async def get_differences(
    caller: PlatformOperator, work: WorkDep, page: PageDep, reconciliation_id: UUID
) -> Page[DifferenceOut]:
    """By day and type. 404 `reconciliation_unknown`."""
    rows = await list_differences(work, reconciliation_id, page.key(_BY_TYPE), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["day"].isoformat(), row["type"]])
    return Page(items=[_difference(row) for row in kept], next=following)


def _run(row: Record) -> ReconciliationOut:
    sums = [
        ProducerOut(**it, difference=None if it["said"] is None else it["said"] - it["held"]) for it in row["producers"]
    ]
    return ReconciliationOut.model_validate({**row, "producers": sums})


def _difference(row: Record) -> DifferenceOut:
    return DifferenceOut(producer=owner_of(row["type"]), difference=row["said"] - row["held"], **row)
