"""Routes of the compensation of unhonoured slots (*valorisation des SNP non honorés*)."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, Field

from kit.file_answers import csv_answer
from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import CompensationReader, RulesDep
from snp_dispatch.domain.period import PERIOD
from snp_dispatch.usecases.compensate import Owed, Statement, compensate

router = service_router(tags=["compensations"])

PeriodQuery = Annotated[str, Query(pattern=PERIOD, description="Year, half-year or quarter", examples=["2026-Q4"])]
COLUMNS = (
    "territory", "period", "rule_version", "rpps", "name", "no_shows", "amount_eur", "owed_eur", "bookings",
    "unfilled_slots_not_paid",
)  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class LineOut(BaseModel):
    """A visit that its patient missed. `owed` is less than `amount` where the cap of the year is reached."""

    booking_id: UUID
    day: date
    amount: Decimal
    owed: Decimal


class OwedOut(BaseModel):
    """One practitioner."""

    rpps: str
    name: str
    no_shows: int
    amount: Decimal = Field(description="Before the cap, in euros")
    owed: Decimal = Field(description="Under the cap, in euros")
    bookings: list[LineOut]
    unfilled_slots: int = Field(description="Reserved slots that nobody took; never paid")


class CompensationsOut(BaseModel):
    """A period. While it is `open`, or outcomes may still be said, figures may change."""

    period: str
    starts_at: datetime
    ends_at: datetime
    open: bool
    enabled: bool = Field(description="False: the territory pays nothing, and the list is empty")
    rule_version: str
    yearly_cap: Decimal | None
    computed_at: datetime
    practitioners: list[OwedOut]


@router.get(
    "/compensations",
    operation_id="listCompensations",
    summary="What is owed for unhonoured slots",
    responses=problem_responses(409),
)
async def get_compensations(
    *, caller: CompensationReader, work: WorkDep, rules: RulesDep, period: PeriodQuery
) -> CompensationsOut:
    """By practitioner, with the visits behind each amount. A practitioner sees their own.

    Counted are visits whose patient was absent, on slots that the rule of the territory (`snp-compensation.yaml`) calls
    reserved, at the rate of their day, up to the cap of the calendar year. 409 `ceiling_unknown`: no PASS
    is known for the year.
    """
    found = await compensate(work, rules, caller, period)
    return CompensationsOut(
        period=found.period.id,
        starts_at=found.period.start,
        ends_at=found.period.end,
        open=work.now < found.period.end,
        enabled=found.rules.enabled,
        rule_version=found.rules.version,
        yearly_cap=found.cap,
        computed_at=work.now,
        practitioners=[_owed_out(it) for it in found.practitioners],
    )


@router.get(
    "/compensations/export.csv",
    operation_id="exportCompensations",
    summary="What is owed for unhonoured slots, as CSV",
    response_class=Response,
    responses=problem_responses(409)
    | {
        200: {
            "description": "UTF-8 with byte order mark, `;` between cells, `,` as the decimal sign, one header line",
            "content": {"text/csv": {"schema": {"type": "string"}, "example": ";".join(COLUMNS) + "\r\n"}},
        }
    },
)
async def export_compensations(
    *, caller: CompensationReader, work: WorkDep, rules: RulesDep, period: PeriodQuery
) -> Response:
    """A line for each practitioner; `bookings` are the visits behind the amount. 409 `ceiling_unknown`."""
    found = await compensate(work, rules, caller, period)
    content = _csv(work.territory, found).encode("utf-8-sig")
    return csv_answer(content, f"non-honores_{work.territory}_{period}.csv")


def _owed_out(it: Owed) -> OwedOut:
    return OwedOut(
        rpps=it.rpps,
        name=it.name,
        no_shows=len(it.lines),
        amount=it.amount,
        owed=it.owed,
        bookings=[LineOut(**vars(line)) for line in it.lines],
        unfilled_slots=it.unfilled_slots,
    )


def _csv(territory: str, found: Statement) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for it in found.practitioners:
        bookings = " ".join(str(line.booking_id) for line in it.lines)
        head = (territory, found.period.id, _text(found.rules.version), it.rpps, _text(it.name), len(it.lines))
        writer.writerow((*head, _money(it.amount), _money(it.owed), bookings, it.unfilled_slots))
    return text.getvalue()


def _money(amount: Decimal) -> str:
    return str(amount).replace(".", ",")


def _text(cell: str) -> str:
    """A text that a spreadsheet would take for a formula is kept a text by an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
