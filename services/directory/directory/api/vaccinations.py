"""Routes of vaccination: imports of counts by age band, and coverage (I-60)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Path, Query, UploadFile
from pydantic import BaseModel, Field, TypeAdapter

from directory.api.fields import Line
from directory.api.params import CrisisReader, CrisisWriter, ReferenceDep
from directory.domain.vaccination_file import Cause, Kind
from directory.store.vaccinations import By
from directory.usecases.import_vaccinations import FileAsked, import_vaccinations
from directory.usecases.show_vaccinations import list_campaigns, list_imports, show_coverage, show_import
from kit.answers import M, filled
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_KEY, _NAME = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[str])
_CAMPAIGN = r"^[a-z][a-z0-9-]{1,39}$"


class RefusalOut(BaseModel):
    """A line that was refused."""

    number: int
    cause: Cause
    detail: str


class VaccinationImportOut(BaseModel):
    """What a file changed. `lines` = added + changed + unchanged + refused."""

    id: UUID
    kind: Kind
    campaign: str | None
    source: str
    digest: str = Field(description="SHA-256 of the file")
    lines: int
    added: int
    changed: int
    unchanged: int
    masked: int = Field(description="Good lines whose number the source masks")
    refused: int
    imported_at: datetime
    imported_by: str


class VaccinationImportDetailOut(VaccinationImportOut):
    """With the lines that were refused, the first thousand."""

    refusals: list[RefusalOut]


class VaccinationCampaignOut(BaseModel):
    """A vaccination campaign, by what was imported."""

    campaign: str
    first_week: date = Field(description="Its Monday")
    last_week: date
    cells: int
    masked_cells: int
    changed_at: datetime


class CoverageOut(BaseModel):
    """People vaccinated among some of the population."""

    code: str = Field(description="Age band, INSEE code (empty: the whole territory) or Monday of the week")
    vaccinated: int = Field(description="Sum of what the source tells")
    masked_cells: int = Field(description="Numbers that the source may not tell: not counted, and not zero")
    lower_bound: bool = Field(description="There are masked cells: more may be vaccinated")
    population: int | None = Field(description="Null when it is not known or masked in part")
    rate: float | None = Field(description="Percent, one decimal; null without population")


class CoverageListOut(BaseModel):
    """A campaign by age band, place or week."""

    campaign: str
    by: By
    rows: list[CoverageOut]


@router.post(
    "/vaccination-imports",
    status_code=201,
    operation_id="importVaccinations",
    summary="Import vaccinated people, or population, by age band",
    responses=problem_responses(409, 413),
)
async def post_import(
    *,
    caller: CrisisWriter,
    work: WorkDep,
    reference: ReferenceDep,
    file: Annotated[UploadFile, File(description="CSV, UTF-8, `;` or `,`: week, place, age_band, vaccinated")],
    kind: Annotated[Kind, Form(description="`population` has no week, and no campaign")],
    source: Annotated[Line, Form(description="Who made it, and when", examples=["Assurance maladie, 21/11/2026"])],
    campaign: Annotated[str | None, Form(pattern=_CAMPAIGN, examples=["covid-2021"])] = None,
) -> VaccinationImportDetailOut:
    """Good lines are kept, each bad one is named; a masked number stays masked. The same file again changes nothing.

    A line replaces what was kept for its place, age band and week. 409 `level_differs` (communes against the whole
    territory); 413; 422 `campaign_missing`, `column_missing`, `not_utf8`.
    """
    row = await import_vaccinations(work, reference, caller, FileAsked(kind, campaign, source), file)
    return _import(VaccinationImportDetailOut, row)


@router.get("/vaccination-imports", operation_id="listVaccinationImports", summary="Files imported, the latest first")
async def get_imports(*, caller: CrisisReader, work: WorkDep, page: PageDep) -> Page[VaccinationImportOut]:
    """Where each comes from, and what it changed."""
    seen = page.key(_KEY)
    rows = await list_imports(work, seen and seen[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_import(VaccinationImportOut, row) for row in kept], next=following)


@router.get(
    "/vaccination-imports/{import_id}",
    operation_id="getVaccinationImport",
    summary="One file, with its refused lines",
    responses=problem_responses(404),
)
async def get_import(*, caller: CrisisReader, work: WorkDep, import_id: UUID) -> VaccinationImportDetailOut:
    """404 `import_unknown`."""
    return _import(VaccinationImportDetailOut, await show_import(work, import_id))


@router.get("/vaccination-campaigns", operation_id="listVaccinationCampaigns", summary="Vaccination campaigns")
async def get_campaigns(*, caller: CrisisReader, work: WorkDep, page: PageDep) -> Page[VaccinationCampaignOut]:
    """By name."""
    seen = page.key(_NAME)
    rows = await list_campaigns(work, seen and seen[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["campaign"]])
    return Page(items=[VaccinationCampaignOut(**dict(row)) for row in kept], next=following)


@router.get(
    "/vaccination-campaigns/{campaign}/coverage",
    operation_id="getVaccinationCoverage",
    summary="Who is vaccinated, by age band, place or week",
    responses=problem_responses(404),
)
async def get_coverage(
    *,
    caller: CrisisReader,
    work: WorkDep,
    until: AsOfDep,
    campaign: Annotated[str, Path(pattern=_CAMPAIGN)],
    by: By = "age_band",
    since: Annotated[date | None, Query(alias="from", description="Weeks that begin on or after")] = None,
    to: Annotated[date | None, Query(description="Weeks that begin on or before")] = None,
) -> CoverageListOut:
    """As imported so far, or known `at` a day. 404 `campaign_unknown`."""
    rows = await show_coverage(work, campaign, by, weeks=(since, to), until=until)
    return CoverageListOut(campaign=campaign, by=by, rows=[_coverage(row) for row in rows])


def _import(kind: type[M], row: Record) -> M:
    return filled(kind, row, imported_at=row["changed_at"], imported_by=row["changed_by"])


def _coverage(row: Record) -> CoverageOut:
    population = row["population"]
    rate = round(100 * row["vaccinated"] / population, 1) if population else None
    return CoverageOut(**dict(row), lower_bound=row["masked_cells"] > 0, rate=rate)
