"""Routes on what funders tell by files: whose files are understood, and what describes the territory."""

import csv
import io
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import BaseModel, Field

from indicators.api.parameters import CataloguesDep, Reader, period_named
from indicators.domain.communes import by_place
from indicators.domain.context import ContextUnit
from indicators.domain.goals import Baseline
from indicators.domain.import_templates import ImportTemplate
from indicators.domain.periods import PERIOD_PATTERN
from indicators.domain.told import Provenance
from indicators.usecases.show_context import ContextShown, show_context
from kit.file_answers import csv_answer
from kit.http import WorkDep, service_router
from kit.pagination import Page
from kit.problems import Problem, problem_responses

router = service_router(tags=["imported figures"])

SOURCE_PATTERN = r"^[a-z][a-z0-9-]{1,39}$"


class FigureSourceOut(BaseModel):
    """A source whose files are understood."""

    id: str = Field(examples=["cpam"])
    label_fr: str
    version: int
    rank: int = Field(description="Of several sources of one figure the lowest is believed")
    adds_up_with: list[str] = Field(description="Each tells of its own insured people: their numbers are added")
    columns: dict[str, list[str]] = Field(description="What the header may call each column")
    masked: list[str] = Field(description="What stands for a hidden number, beside `<6` and `moins de 6`")
    figures: list[str] = Field(description="Indicators and context figures that it tells")


class ContextFigureOut(BaseModel):
    """A figure that describes the territory. `imported` stands beside the baseline, it does not replace it."""

    id: str = Field(examples=["C-01"])
    label_fr: str
    label_en: str
    unit: ContextUnit
    baseline: Baseline | None
    value: float | int | None = Field(description="As imported for the period; null when it is not, or masked")
    masked: bool
    breakdown: dict[str, dict[str, int | None]] = Field(description="By commune and department, where a file tells it")
    provenance: list[Provenance]

    @classmethod
    def of(cls, shown: ContextShown) -> "ContextFigureOut":
        told = shown.telling.told if shown.telling else None
        return cls(
            **shown.figure.model_dump(),
            baseline=shown.baseline,
            value=told.value if told else None,
            masked=bool(told and told.masked),
            breakdown={name: dict(it) for name, it in by_place(shown.telling.parts if shown.telling else {}).items()},
            provenance=list(shown.telling.provenance) if shown.telling else [],
        )


@router.get("/figure-sources", operation_id="listFigureSources", summary="Sources whose files are understood")
async def get_sources(caller: Reader, catalogues: CataloguesDep) -> Page[FigureSourceOut]:
    """With what their files must look like. Always one page."""
    return Page(items=[_source(template) for template in catalogues.templates.all], next=None)


@router.get(
    "/figure-sources/{source}/template.csv",
    operation_id="getFigureTemplate",
    summary="An empty file of a source, to fill in",
    response_class=Response,
    responses=problem_responses(404),
)
async def get_template(
    caller: Reader, catalogues: CataloguesDep, source: Annotated[str, Path(pattern=SOURCE_PATTERN)]
) -> Response:
    """A line for each figure, its cells to be filled; lines left empty are refused, so remove them."""
    template = catalogues.templates.find(source)
    if template is None:
        raise Problem(404, "figure_source_unknown", f"There is no source {source!r}")
    return csv_answer(_empty_file(template), f"modele_{source}.csv")


@router.get("/context-figures", operation_id="listContextFigures", summary="What the territory is like")
async def get_context(
    caller: Reader,
    catalogues: CataloguesDep,
    work: WorkDep,
    period: Annotated[str, Query(description="Of imported values", json_schema_extra={"pattern": PERIOD_PATTERN})],
) -> Page[ContextFigureOut]:
    """Population, morbidity, supply of care: beside the indicators, not judged. Always one page."""
    asked = period_named(period, catalogues.of(work.territory))
    baselines = catalogues.baselines.get(work.territory, {})
    shown = await show_context(work, catalogues.context, baselines, catalogues.templates, asked)
    return Page(items=[ContextFigureOut.of(it) for it in shown], next=None)


def _source(template: ImportTemplate) -> FigureSourceOut:
    return FigureSourceOut(
        **template.model_dump(include={"id", "label_fr", "version", "rank", "adds_up_with", "masked"}),
        columns={name: list(words) for name, words in template.columns.named.items()},
        figures=[it.id for it in template.figures],
    )


def _empty_file(template: ImportTemplate) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    columns = [words[0] for words in template.columns.named.values()]
    writer.writerow(columns)
    writer.writerows([it.id, *[""] * (len(columns) - 1)] for it in template.figures)
    return out.getvalue().encode("utf-8-sig")
