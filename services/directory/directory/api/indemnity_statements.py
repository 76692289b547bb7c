"""Routes on what a person is owed in a year: the statement as JSON, CSV, PDF, and the ceiling."""

from typing import Annotated

from fastapi import Path, Response

from directory.api.csv_answers import CSV_ANSWER, csv_of
from directory.api.indemnities import IndemnityRulesDep, Reader, indemnity_out
from directory.api.params import ReferenceDep, RppsPath
from directory.api.schemas_indemnities import CeilingOut, EntryOut, StatementOut, WaitingOut
from directory.usecases.print_statement import print_statement
from directory.usecases.state_year import show_ceiling, state_year
from kit.file_answers import PDF_ANSWER, csv_answer, pdf_answer
from kit.http import WorkDep, service_router
from kit.problems import problem_responses

router = service_router(tags=["indemnities"])

YearPath = Annotated[int, Path(ge=2000, le=2100)]
COLUMNS = ("id", "rpps", "profession", "mission", "kind", "day", "minutes", "late", "state", "per_hour", "amount",
           "payable", "cut_reason", "paid_on")  # fmt: skip


@router.get(
    "/indemnity-statements/{rpps}/{year}", operation_id="getStatement", summary="Statement of a person and year"
)
async def get_statement(
    *, caller: Reader, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
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
        lines=[indemnity_out(row) for row in found.lines],
    )


@router.get(
    "/indemnity-statements/{rpps}/{year}/ceiling",
    operation_id="getCeiling",
    summary="The yearly ceiling of a person: used, left, cut",
)
async def get_ceiling(
    *, caller: Reader, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
) -> CeilingOut:
    """Indemnities, their corrections and compensations of unhonoured slots together. A practitioner sees their own."""
    found = await show_ceiling(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    entries = [EntryOut(**dict(row), cut=row["amount"] - row["payable"]) for row in found.entries]
    return CeilingOut(
        rpps=rpps,
        year=year,
        social_security_ceiling=found.ceiling,
        yearly_cap=found.cap,
        used=found.used,
        left=found.left,
        cut=sum((it.cut for it in entries), 0 * found.used),
        entries=entries,
        waiting=[WaitingOut(**dict(row)) for row in found.waiting],
    )


@router.get(
    "/indemnity-statements/{rpps}/{year}/export.csv",
    operation_id="exportStatement",
    summary="Statement as CSV",
    response_class=Response,
    responses=CSV_ANSWER,
)
async def export_statement(
    *, caller: Reader, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
) -> Response:
    """A line for each declaration."""
    found = await state_year(work, caller, rules, loaded.ceilings, rpps=rpps, year=year)
    lines = [[row[name] for name in COLUMNS] for row in found.lines]
    return csv_answer(csv_of(COLUMNS, lines), f"indemnites_{work.territory}_{rpps}_{year}.csv")


@router.get(
    "/indemnity-statements/{rpps}/{year}/export.pdf",
    operation_id="printStatement",
    summary="Statement as PDF",
    response_class=Response,
    responses={**PDF_ANSWER, **problem_responses(404)},
)
async def export_pdf(
    *, caller: Reader, work: WorkDep, rules: IndemnityRulesDep, loaded: ReferenceDep, rpps: RppsPath, year: YearPath
) -> Response:
    """To sign or to give to one's accountant: what was validated, what is paid, the ceiling and what it cut."""
    content = await print_statement(work, caller, rules, loaded, rpps=rpps, year=year)
    return pdf_answer(content, f"indemnites_{work.territory}_{rpps}_{year}.pdf")
