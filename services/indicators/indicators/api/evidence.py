"""The facts behind a figure."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import TypeAdapter

from indicators.api.parameters import IndicatorDep, PeriodDep, Reader
from indicators.api.schemas import EvidenceOut, EvidencePage, FactOut
from indicators.api.views import SmallCellsDep
from indicators.usecases.guard_evidence import guard_evidence
from indicators.usecases.list_evidence import Part, list_evidence, list_facts_of_unit
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses

router = service_router(tags=["evidence"])

PartQuery = Annotated[Part, Query(description="Which side of the figure; a count has no denominator")]

_BY_UNIT: TypeAdapter[tuple[str]] = TypeAdapter(tuple[str])
_BY_FACT: TypeAdapter[tuple[datetime, UUID]] = TypeAdapter(tuple[datetime, UUID])


@router.get(
    "/indicators/{indicator_id}/evidence",
    operation_id="listEvidence",
    summary="What was counted, each with the events that prove it",
    responses=problem_responses(404),
)
async def get_evidence(
    *,
    caller: Reader,
    indicator: IndicatorDep,
    small_cells: SmallCellsDep,
    period: PeriodDep,
    work: WorkDep,
    page: PageDep,
    part: PartQuery = "numerator",
) -> EvidencePage:
    """One item for each counted slot, call or effector: `total` equals the figure's numerator or denominator.

    403 `masked`: so few patients were counted that only those who may see the patients may see the facts.
    """
    await guard_evidence(work, small_cells, indicator, part, period)
    total, rows = await list_evidence(
        work, indicator, part, period, after=page.first_key(_BY_UNIT), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda counted: [counted.unit])
    return EvidencePage(items=[EvidenceOut.of(counted) for counted in kept], next=following, total=total)


@router.get(
    "/indicators/{indicator_id}/evidence/{unit}",
    operation_id="listFactsOfUnit",
    summary="Every event that proves one counted thing",
    responses=problem_responses(404),
)
async def get_facts_of_unit(
    *,
    caller: Reader,
    indicator: IndicatorDep,
    small_cells: SmallCellsDep,
    unit: Annotated[str, Path(max_length=100, description="`unit` of an item of the evidence")],
    period: PeriodDep,
    work: WorkDep,
    page: PageDep,
    part: PartQuery = "numerator",
) -> Page[FactOut]:
    """Oldest first. Empty when that thing was not counted in the period. 403 `masked` as for the list of units."""
    await guard_evidence(work, small_cells, indicator, part, period)
    last = page.key(_BY_FACT)
    rows = await list_facts_of_unit(work, indicator, part, period, unit=unit, after=last, limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda proof: [proof.occurred_at.isoformat(), str(proof.event_id)])
    return Page(items=[FactOut.of(proof) for proof in kept], next=following)
