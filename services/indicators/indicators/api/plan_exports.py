"""The progress of the action plan as a file for spreadsheets."""

from fastapi import Response

from indicators.api.exports import Exporter
from indicators.api.parameters import CatalogueDep, PeriodDep
from indicators.api.plan_csv import plan_lines
from indicators.api.plan_parameters import PlanDep
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.usecases.list_notes import latest_of_steps
from indicators.usecases.show_plan import follow, show_sheets
from kit.as_of import AsOfDep
from kit.file_answers import CSV, csv_answer
from kit.http import WorkDep, service_router
from kit.problems import problem_responses

router = service_router(tags=["exports"])

_OK = {"description": "UTF-8 with byte order mark, `;` between cells, `,` as the decimal sign, one header line"}


@router.get(
    "/exports/action-plan.csv",
    operation_id="exportActionPlan",
    summary="The progress of the action plan as CSV",
    response_class=Response,
    responses={
        200: {**_OK, "content": {CSV.partition(";")[0]: {"schema": {"type": "string"}}}},
        **problem_responses(404),
    },
)
async def export_plan(
    *,
    caller: Exporter,
    plan: PlanDep,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
    until: AsOfDep,
) -> Response:
    """A line for each sheet, then for each of its steps (with the latest note) and of its indicators (with figures)."""
    sheets = await show_sheets(work, plan, catalogue.zone, until)
    notes = await latest_of_steps(work, until)
    ids = [name for it in sheets for name in it.sheet.indicators]
    figures = await follow(work, small_cells, catalogue, ids, period=period, view=view)
    head = {"territory": work.territory, "plan_version": plan.version}
    lines = plan_lines(head, sheets, notes, figures, period)
    return csv_answer("".join(lines).encode(), f"plan-actions_{work.territory}_{period.id}.csv")
