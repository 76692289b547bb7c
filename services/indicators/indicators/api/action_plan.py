"""Routes of the action plan (*plan d'actions*)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import TypeAdapter

from indicators.api.action_plan_schemas import (
    FollowedOut,
    MaturityIn,
    MaturityOut,
    PlanOut,
    ProgressIn,
    ProgressOut,
    SheetOut,
    SheetSummaryOut,
)
from indicators.api.parameters import CatalogueDep, PeriodDep, Reader
from indicators.api.plan_parameters import PlanDep, PlanWriter, SheetDep
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.domain.action_plan import ActionPlan
from indicators.domain.maturity import Level
from indicators.domain.plan_progress import day_of
from indicators.usecases.list_notes import list_maturity, list_progress
from indicators.usecases.note_maturity import note_maturity
from indicators.usecases.note_progress import Noted, note_progress
from indicators.usecases.show_plan import SheetStanding, follow, select, show_sheets
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, invalid_cursor, page_of
from kit.problems import problem_responses

router = service_router(prefix="/v1/action-plan", tags=["action plan"])

_BY_NUMBER: TypeAdapter[tuple[int]] = TypeAdapter(tuple[int])
_BY_SHEET: TypeAdapter[tuple[str]] = TypeAdapter(tuple[str])
_SHOWN = 50


@router.get(
    "", operation_id="getActionPlan", summary="The action plan and how far it is", responses=problem_responses(404)
)
async def get_plan(*, caller: Reader, plan: PlanDep, catalogue: CatalogueDep, work: WorkDep, until: AsOfDep) -> PlanOut:
    """Axes with their sheets; today, or as it was known (`at`)."""
    sheets = await show_sheets(work, plan, catalogue.zone, until)
    return PlanOut.of(plan, sheets, day_of(work.now, until, catalogue.zone))


@router.get("/sheets", operation_id="listSheets", summary="Action sheets", responses=problem_responses(404))
async def list_sheets(
    *,
    caller: Reader,
    plan: PlanDep,
    catalogue: CatalogueDep,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    axis: Annotated[int | None, Query(ge=1, description="Number of an axis")] = None,
    late: Annotated[bool | None, Query(description="With a step that is late by the calendar, or without")] = None,
    maturity: Annotated[Level | None, Query(description="Of this level of the CMMI scale")] = None,
) -> Page[SheetSummaryOut]:
    """In the order of the plan; today, or as it was known (`at`)."""
    found = select(await show_sheets(work, plan, catalogue.zone, until), axis, late, maturity)
    rows = found[_place_after(plan, found, page.first_key(_BY_SHEET)) :][: page.limit + 1]
    kept, following = page_of(rows, page, key=lambda it: [it.sheet.number])
    return Page(items=[SheetSummaryOut.of(it) for it in kept], next=following)


@router.get(
    "/sheets/{number}", operation_id="getSheet", summary="How far one action is", responses=problem_responses(404)
)
async def get_sheet(
    *,
    caller: Reader,
    plan: PlanDep,
    sheet: SheetDep,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
    until: AsOfDep,
) -> SheetOut:
    """Its figures of the period beside those of the period before, its maturity with history, its steps, what is late.

    `at` is about what was noted (maturity, steps); figures are those of `period`, the approved ones once it is closed.
    """
    (standing,) = await show_sheets(work, plan, catalogue.zone, until, sheet)
    figures = await follow(work, small_cells, catalogue, sheet.indicators, period=period, view=view)
    history = await list_maturity(work, plan, sheet, catalogue.zone, until=until, before=None, limit=_SHOWN)
    progress = await list_progress(work, sheet, until=until, before=None, limit=_SHOWN)
    return SheetOut.whole(
        standing,
        figures=[FollowedOut.of(it) for it in figures.values()],
        history=[MaturityOut.of(it) for it in history],
        progress=[ProgressOut.of(row) for row in progress],
    )


@router.get(
    "/sheets/{number}/maturity",
    operation_id="listMaturity",
    summary="The history of an action's maturity",
    responses=problem_responses(404),
)
async def get_maturity(
    *,
    caller: Reader,
    plan: PlanDep,
    sheet: SheetDep,
    catalogue: CatalogueDep,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
) -> Page[MaturityOut]:
    """The latest first: who, when, why. The last line, number 0, is the level that the plan states."""
    before = page.first_key(_BY_NUMBER)
    rows = await list_maturity(work, plan, sheet, catalogue.zone, until=until, before=before, limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda entry: [entry.number])
    return Page(items=[MaturityOut.of(entry) for entry in kept], next=following)


@router.post(
    "/sheets/{number}/maturity",
    status_code=201,
    operation_id="noteMaturity",
    summary="Note how mature an action is",
    responses=problem_responses(404),
)
async def post_maturity(
    *, caller: PlanWriter, plan: PlanDep, sheet: SheetDep, work: WorkDep, body: MaturityIn
) -> MaturityOut:
    """Adds a line to the history; none is ever changed. Tells `maturity.noted`."""
    return MaturityOut.of(await note_maturity(work, caller, plan, sheet, level=body.level, reason=body.reason))


@router.get(
    "/sheets/{number}/progress",
    operation_id="listProgress",
    summary="Notes of progress of an action",
    responses=problem_responses(404),
)
async def get_progress(
    *, caller: Reader, sheet: SheetDep, work: WorkDep, page: PageDep, until: AsOfDep
) -> Page[ProgressOut]:
    """The latest first, of the sheet and of its steps, with their proofs."""
    before = page.first_key(_BY_NUMBER)
    rows = await list_progress(work, sheet, until=until, before=before, limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["number"]])
    return Page(items=[ProgressOut.of(row) for row in kept], next=following)


@router.post(
    "/sheets/{number}/progress",
    status_code=201,
    operation_id="noteProgress",
    summary="Note what happened on an action, with its proof",
    responses=problem_responses(404),
)
async def post_progress(
    *, caller: PlanWriter, plan: PlanDep, sheet: SheetDep, catalogue: CatalogueDep, work: WorkDep, body: ProgressIn
) -> ProgressOut:
    """Adds a note; a `state` moves its step there. A mistake is put right by another note.

    422 `step_unknown`, `step_missing`, `day_to_come`, `state_already`, `done_before_begun`, `proof_missing`.
    """
    proof = body.proof
    noted = Noted(
        text=body.text,
        step=body.step,
        state=body.state,
        on_day=body.on_day,
        proof_link=proof.link if proof else None,
        proof_reference=proof.reference if proof else None,
    )
    return ProgressOut.of(await note_progress(work, caller, plan, sheet, noted, zone=catalogue.zone))


def _place_after(plan: ActionPlan, found: Sequence[SheetStanding], last: str | None) -> int:
    """Where the page begins; the sheet before it may no longer be among those found."""
    if last is None:
        return 0
    order = [sheet.number for _, sheet in plan.sheets]
    if last not in order:
        raise invalid_cursor()
    return sum(order.index(it.sheet.number) <= order.index(last) for it in found)
