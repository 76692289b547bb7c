"""Routes of figures that come in files of the funders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field, TypeAdapter

from indicators.api.figure_sources import SOURCE_PATTERN
from indicators.api.parameters import CataloguesDep, IndicatorDep, PeriodDep, Reader, period_named
from indicators.domain.figure_file import Cause
from indicators.domain.periods import PERIOD_PATTERN
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
from kit.answers import M, filled
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import field_problem, problem_responses
from kit.work import Record

router = service_router(tags=["imported figures"])

Importer = Annotated[Caller, require("figures:write")]

_KEY = TypeAdapter(tuple[UUID])


class RefusedLineOut(BaseModel):
    """A line that was refused."""

    number: int = Field(description="Of the line in the file; the header is line 1")
    cause: Cause
    detail: str


class ReadLineOut(BaseModel):
    """A good line, and what becomes of it."""

    number: int
    figure: str
    commune: str | None = Field(description="Null: the whole territory")
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


class ToldPartOut(BaseModel):
    """A commune of what a source told. `numerator` is null where the source hides it."""

    commune: str = Field(examples=["35236"])
    numerator: int | None
    denominator: int | None
    value: float | None
    masked: bool
    line: int


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
    communes: list[ToldPartOut] = Field(description="What the file told of single communes")


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
    source: Annotated[str, Form(pattern=SOURCE_PATTERN, examples=["cpam"])],
    period: Annotated[str, Form(pattern=PERIOD_PATTERN, examples=["2026-Q3"])],
    preview: Annotated[bool, Form(description="Show the lines and their errors, and write nothing")] = False,
) -> FigureImportMadeOut:
    """Good lines are kept, each bad one is named; a masked number stays masked. The same file again changes nothing.

    A figure replaces, with its communes, what the same source told of it for the period, which stays readable. A line
    of a commune is part of the line without one. 413 `file_too_large`; 422 `figure_source_unknown`,
    `period_not_begun`, `column_missing`, `not_a_workbook`, `not_utf8`, `table_too_large`.
    """
    template = catalogues.templates.find(source)
    if template is None:
        raise field_problem("source", "figure_source_unknown", f"There is no source {source!r}")
    wanted = period_named(period, catalogues.of(work.territory))
    asked = FileAsked(template, wanted, preview, catalogues.communes.get(work.territory, frozenset()))
    looked, import_id = await import_figures(work, caller, asked, file)
    response.status_code = 200 if preview else 201
    return _made(asked, looked, import_id)


@router.get("/figure-imports", operation_id="listFigureImports", summary="Files of figures, the latest first")
async def get_imports(
    caller: Reader, work: WorkDep, page: PageDep, source: Annotated[str | None, Query(pattern=SOURCE_PATTERN)] = None
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
    return Page(items=[_told(row) for row in await list_told(work, indicator.id, period)], next=None)


def _made(asked: FileAsked, looked: Looked, import_id: UUID | None) -> FigureImportMadeOut:
    return FigureImportMadeOut(
        id=import_id,
        preview=asked.preview,
        source=asked.template.id,
        period=asked.period.id,
        digest=looked.digest,
        lines=[
            ReadLineOut(number=line.number, figure=line.figure, commune=line.commune, **vars(line.told), change=change)
            for line, change in looked.lines
        ],
        refusals=[RefusedLineOut(**vars(it)) for it in looked.bad[:MOST_REFUSALS]],
        added=looked.count("added"),
        changed=looked.count("changed"),
        unchanged=looked.count("unchanged"),
        refused=len(looked.bad),
    )


def _told(row: Record) -> ToldOut:
    communes = [ToldPartOut.model_validate(part) for part in row["parts"] or []]
    return filled(ToldOut, row, imported_at=row["changed_at"], imported_by=row["changed_by"], communes=communes)


def _import(kind: type[M], row: Record) -> M:
    return filled(kind, row, imported_at=row["changed_at"], imported_by=row["changed_by"])
