"""Routes on emergency visits and hospital stays: told by establishments, one by one or as a file."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Path, UploadFile

from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from pathways.api.params import BY_ID, AccessDep, Establishment, HospitalDep, PatientPath, Reader, seal_of
from pathways.api.schemas_stays import (
    RefusedLineOut,
    StayAnswerOut,
    StayImportDetailOut,
    StayImportOut,
    StayOut,
    TownOut,
)
from pathways.domain.hospital import StayTold
from pathways.usecases.import_stays import import_stays, list_imports, show_import
from pathways.usecases.list_stays import list_stays
from pathways.usecases.record_stay import Recorded, record_stay

router = service_router(tags=["hospital stays"])
ImportPath = Annotated[UUID, Path(description="Id of the import")]


@router.post("/stays", operation_id="recordStay", summary="An emergency visit or a hospital stay")
async def post_stay(
    *,
    caller: Establishment,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: HospitalDep,
    body: StayTold,
) -> StayAnswerOut:
    """The same `number` again corrects it, or cancels it with `cancelled`. Answers who is to be called in town.

    What is answered does not tell whether the patient is followed, unless to an establishment of the care team.
    403 `establishment_unknown`: the token's `organisation` is no FINESS number.
    """
    return _answer(await record_stay(work, access, seal_of(runtime, caller), rules, body))


@router.post(
    "/stay-imports",
    operation_id="importStays",
    summary="A file of emergency visits and stays",
    status_code=202,
    responses=problem_responses(413),
)
async def post_import(
    *,
    caller: Establishment,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    rules: HospitalDep,
    file: Annotated[UploadFile, File(description="CSV in UTF-8 (; or ,) with the fields of a stay as header; 900 kB")],
) -> StayImportDetailOut:
    """Bad lines are named by number, column and cause; the others are taken in batches, `pending` says how many wait.

    413 `file_too_large`.
    """
    return _detail(await import_stays(work, access, seal_of(runtime, caller), rules, file))


@router.get("/stay-imports", operation_id="listStayImports", summary="Files of stays of one's establishment")
async def get_imports(*, caller: Establishment, work: WorkDep, page: PageDep) -> Page[StayImportOut]:
    """The newest first. 403 `establishment_unknown`."""
    found = await list_imports(work, caller, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[_import(row) for row in kept], next=following)


@router.get(
    "/stay-imports/{import_id}",
    operation_id="getStayImport",
    summary="A file of stays, with its refused lines",
    responses=problem_responses(404),
)
async def get_import(*, caller: Establishment, work: WorkDep, import_id: ImportPath) -> StayImportDetailOut:
    """Of one's own establishment."""
    return _detail(await show_import(work, caller, import_id))


@router.get(
    "/patients/{patient_id}/stays",
    operation_id="listStays",
    summary="Emergency visits and stays of a patient",
    responses=problem_responses(404, 410),
)
async def get_stays(
    *, caller: Reader, access: AccessDep, work: WorkDep, patient_id: PatientPath, page: PageDep, until: AsOfDep
) -> Page[StayOut]:
    """Clinical content: 403 `access_refused`. Recorded. The newest told first; `?at=` as it stood."""
    found = await list_stays(work, access, patient_id, until=until, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda row: [row["id"]])
    return Page(items=[filled(StayOut, row) for row in kept], next=following)


def _answer(recorded: Recorded) -> StayAnswerOut:
    town = recorded.town
    return StayAnswerOut(
        stay_id=recorded.stay_id,
        outcome=recorded.outcome,
        followed=recorded.followed,
        town_contact=TownOut(**town.contact.model_dump(), rpps=town.rpps, role=town.role),
    )


def _import(row: Record) -> StayImportOut:
    return filled(StayImportOut, row, imported_at=row["received_at"] or row["changed_at"])


def _detail(row: Record) -> StayImportDetailOut:
    refusals = [RefusedLineOut(**it) for it in row["refusals"]]
    return filled(StayImportDetailOut, row, imported_at=row["received_at"] or row["changed_at"], refusals=refusals)
