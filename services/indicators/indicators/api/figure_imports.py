"""Routes of figures that come in files of the funders: sources, imports, context figures."""

import csv
import io
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Path, Query, Response, UploadFile
from pydantic import BaseModel, Field, TypeAdapter

from indicators.api.parameters import CataloguesDep, IndicatorDep, PeriodDep, Reader, period_named
from indicators.domain.context import ContextUnit
from indicators.domain.figure_file import Cause
from indicators.domain.goals import Baseline
from indicators.domain.import_templates import ImportTemplate
from indicators.domain.periods import PERIOD_PATTERN
from indicators.domain.told import Provenance
from indicators.usecases.import_figures import (
    MOST_REFUSALS,
    Change,
    FileAsked,
    Looked,
    import_figures,
    list_imports,
    list_told,
    show_import,
)
from indicators.usecases.show_context import ContextShown, show_context
from kit.answers import M, filled
from kit.auth import Caller
from kit.file_answers import csv_answer
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import Problem, field_problem, problem_responses
from kit.work import Record

router = service_router(tags=["imported figures"])

Importer = Annotated[Caller, require("figures:write")]

_KEY = TypeAdapter(tuple[UUID])
_SOURCE = r"^[a-z][a-z0-9-]{1,39}$"


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


class RefusedLineOut(BaseModel):
    """A line that was refused."""

    number: int = Field(description="Of the line in the file; the header is line 1")
    cause: Cause
    detail: str


class ReadLineOut(BaseModel):
    """A good line, and what becomes of it."""

    number: int
    figure: str
    numerator: int | None
    denominator: int | None
    value: float | int | None
    masked: bool
    change: Change


class FigureImportOut(BaseModel):
    """What a file changed. `lines` = added + changed + unchanged + refused."""

    id: UUID
    source: str
    period: str
    digest: str = Field(description="SHA-256 of the file")
    lines: int
    added: int
    changed: int
    unchanged: int
    masked: int = Field(description="Good lines whose number the source hides")
    refused: int
    imported_at: datetime
    imported_by: str


class FigureImportDetailOut(FigureImportOut):
    """With the lines that were refused, the first thousand."""

    refusals: list[RefusedLineOut]


class FigureImportMadeOut(BaseModel):
    """What a file says, and what became of it; a preview has no id, and nothing became of it."""

    id: UUID | None
    preview: bool
    source: str
    period: str
    digest: str
    lines: list[ReadLineOut]
    refusals: list[RefusedLineOut]
    added: int
    changed: int
    unchanged: int
    refused: int


class ToldOut(BaseModel):
    """What a source told of a figure in a period. The highest `number` of a source stands."""

    source: str
    number: int
    numerator: int | None
    denominator: int | None
    value: float | None = Field(description="Null when it is masked")
    masked: bool
    import_id: UUID
    line: int = Field(description="Of the file")
    digest: str = Field(description="SHA-256 of the file")
    imported_at: datetime
    imported_by: str


class ContextFigureOut(BaseModel):
    """A figure that describes the territory. `imported` stands beside the baseline, it does not replace it."""

    id: str = Field(examples=["C-01"])
    label_fr: str
    label_en: str
    unit: ContextUnit
    baseline: Baseline | None
    value: float | int | None = Field(description="As imported for the period; null when it is not, or masked")
    masked: bool
    provenance: list[Provenance]

    @classmethod
    def of(cls, shown: ContextShown) -> "ContextFigureOut":
        told = shown.telling.told if shown.telling else None
        return cls(
            **shown.figure.model_dump(),
            baseline=shown.baseline,
            value=told.value if told else None,
            masked=bool(told and told.masked),
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
    caller: Reader, catalogues: CataloguesDep, source: Annotated[str, Path(pattern=_SOURCE)]
) -> Response:
    """A line for each figure, its cells to be filled; lines left empty are refused, so remove them."""
    template = catalogues.templates.find(source)
    if template is None:
        raise Problem(404, "figure_source_unknown", f"There is no source {source!r}")
    return csv_answer(_empty_file(template), f"modele_{source}.csv")


@router.post(
    "/figure-imports",
    status_code=201,
    operation_id="importFigures",
    summary="Import figures of a funder (CSV or XLSX), or look at what a file would do",
    responses={200: {"model": FigureImportMadeOut, "description": "A preview"}, **problem_responses(413)},
)
async def post_import(
    *,
    caller: Importer,
    catalogues: CataloguesDep,
    work: WorkDep,
    response: Response,
    file: Annotated[UploadFile, File(description="CSV (UTF-8, `;` or `,`) or XLSX, as the source's template says")],
    source: Annotated[str, Form(pattern=_SOURCE, examples=["cpam"])],
    period: Annotated[str, Form(pattern=PERIOD_PATTERN, examples=["2026-Q3"])],
    preview: Annotated[bool, Form(description="Show the lines and their errors, and write nothing")] = False,
) -> FigureImportMadeOut:
    """Good lines are kept, each bad one is named; a masked number stays masked. The same file again changes nothing.

    A line replaces what the same source told of its figure and period, which stays readable. 413 `file_too_large`; 422
    `figure_source_unknown`, `period_not_begun`, `column_missing`, `not_a_workbook`, `not_utf8`, `table_too_large`.
    """
    template = catalogues.templates.find(source)
    if template is None:
        raise field_problem("source", "figure_source_unknown", f"There is no source {source!r}")
    asked = FileAsked(template, period_named(period, catalogues.common), preview)
    looked, import_id = await import_figures(work, caller, asked, file)
    response.status_code = 200 if preview else 201
    return _made(asked, looked, import_id)


@router.get("/figure-imports", operation_id="listFigureImports", summary="Files of figures, the latest first")
async def get_imports(
    caller: Reader, work: WorkDep, page: PageDep, source: Annotated[str | None, Query(pattern=_SOURCE)] = None
) -> Page[FigureImportOut]:
    """Where each comes from, and what it changed."""
    rows = await list_imports(work, source, page.first_key(_KEY), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_import(FigureImportOut, row) for row in kept], next=following)


@router.get(
    "/figure-imports/{import_id}",
    operation_id="getFigureImport",
    summary="One file of figures, with its refused lines",
    responses=problem_responses(404),
)
async def get_import(caller: Reader, work: WorkDep, import_id: UUID) -> FigureImportDetailOut:
    """404 `figure_import_unknown`."""
    return _import(FigureImportDetailOut, await show_import(work, import_id))


@router.get(
    "/indicators/{indicator_id}/told",
    operation_id="listTold",
    summary="All that files told of an indicator in a period",
    responses=problem_responses(404),
)
async def get_told(caller: Reader, indicator: IndicatorDep, period: PeriodDep, work: WorkDep) -> Page[ToldOut]:
    """By source, the latest first: what was corrected since is still there. Always one page."""
    return Page(items=[_import(ToldOut, row) for row in await list_told(work, indicator.id, period)], next=None)


@router.get("/context-figures", operation_id="listContextFigures", summary="What the territory is like")
async def get_context(
    caller: Reader,
    catalogues: CataloguesDep,
    work: WorkDep,
    period: Annotated[str, Query(description="Of imported values", json_schema_extra={"pattern": PERIOD_PATTERN})],
) -> Page[ContextFigureOut]:
    """Population, morbidity, supply of care: beside the indicators, not judged. Always one page."""
    asked = period_named(period, catalogues.common)
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


def _made(asked: FileAsked, looked: Looked, import_id: UUID | None) -> FigureImportMadeOut:
    return FigureImportMadeOut(
        id=import_id,
        preview=asked.preview,
        source=asked.template.id,
        period=asked.period.id,
        digest=looked.digest,
        lines=[
            ReadLineOut(number=line.number, figure=line.figure, **vars(line.told), change=change)
            for line, change in looked.lines
        ],
        refusals=[RefusedLineOut(**vars(it)) for it in looked.bad[:MOST_REFUSALS]],
        added=looked.count("added"),
        changed=looked.count("changed"),
        unchanged=looked.count("unchanged"),
        refused=len(looked.bad),
    )


def _import(kind: type[M], row: Record) -> M:
    return filled(kind, row, imported_at=row["changed_at"], imported_by=row["changed_by"])
