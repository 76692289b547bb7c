"""Figures as a file for spreadsheets."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi.responses import StreamingResponse

from indicators.api.csv_file import COLUMNS, csv_lines
from indicators.api.parameters import CatalogueDep, PeriodDep
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.usecases.show_figures import show_figures
from kit.auth import Caller
from kit.file_answers import CSV
from kit.http import WorkDep, require, service_router
from kit.work import Work

router = service_router(tags=["exports"])

Exporter = Annotated[Caller, require("indicators:export")]

_EXAMPLE = (
    ";".join(COLUMNS) + "\r\npays-de-redon;2026-Q4;2026-10-01T00:00:00+02:00;2027-01-01T00:00:00+01:00;I-10;"
    "Taux d'occupation des créneaux SNP;percent;1;computed;;;;1;3;33,33;2026-11-22T09:00:00+00:00;false;period_open;"
    "2026-11-22T09:00:01+00:00\r\n"
)


@router.get(
    "/exports/indicators.csv",
    operation_id="exportIndicators",
    summary="All figures of a period as CSV",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "UTF-8 with byte order mark, `;` between cells, `,` as the decimal sign, one header line",
            "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        }
    },
)
async def export_indicators(
    *,
    caller: Exporter,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
) -> StreamingResponse:
    """Lines for each indicator that the territory follows and for its parts. Unknown values are empty cells."""
    return csv_answer(work, period, await show_figures(work, small_cells, catalogue.followed, period, view))


def csv_answer(work: Work, period: Period, figures: Sequence[Figure]) -> StreamingResponse:
    """The file, under the name that a person would give it."""
    name = f"indicateurs_{work.territory}_{period.id}.csv"
    return StreamingResponse(
        _encoded(figures), media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _encoded(figures: Sequence[Figure]) -> Iterator[bytes]:
    return (line.encode() for line in csv_lines(figures))
