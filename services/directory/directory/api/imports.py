"""Routes on imports of national files."""

from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import File, Form, Response, UploadFile

from directory.api.answers import import_out, refused_line_out, warned_line_out
from directory.api.params import Importer, after
from directory.api.schemas_imports import ImportOut, RefusedLineOut, WarnedLineOut
from directory.domain.imports import Scope
from directory.settings import DirectorySettings
from directory.store.tables import ImportRun
from directory.usecases.request_import import Request, request_import
from directory.usecases.show_import import list_imports, list_refused_lines, list_warned_lines, show_import
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, PageParams, invalid_cursor, page_of
from kit.problems import problem_responses
from kit.runtime import Runtime
from kit.work import Work

router = service_router(tags=["imports"])

_MAX_NAME = 255
ScopeForm = Annotated[Scope, Form(description="`whole`: the file names everybody, who is missing is gone")]
ConfirmForm = Annotated[bool, Form(description="However many a whole file no longer names, they are gone")]


@router.post(
    "/imports/rpps",
    operation_id="importRpps",
    summary="Import an RPPS extract",
    status_code=202,
    responses=problem_responses(413),
)
async def import_rpps(
    *,
    caller: Importer,
    work: WorkDep,
    runtime: RuntimeDep,
    response: Response,
    file: Annotated[UploadFile, File(description="`PS_LibreAcces_Personne_activite_AAAAMMJJHHMM.txt`, UTF-8")],
    scope: ScopeForm = "partial",
    confirm_gone: ConfirmForm = False,
) -> ImportOut:
    """Takes the file in and answers at once; the worker reads it. Follow `Location` for progress.

    Good lines are kept, each bad one is listed with its number and cause. A file whose first line is not
    the header of an extract is refused with 422. The same file again changes nothing and tells nothing.
    A whole file flags whom it no longer names; when these are suspiciously many, the run fails with
    `too_many_gone` and nothing is merged, unless `confirm_gone` says that it is right.
    """
    request = _request("rpps", runtime, file, scope, confirm_gone)
    return _answer(await request_import(work, caller, runtime.blobs, file, request), work, response)


@router.post(
    "/imports/finess",
    operation_id="importFiness",
    summary="Import a FINESS file",
    status_code=202,
    responses=problem_responses(413),
)
async def import_finess(
    *,
    caller: Importer,
    work: WorkDep,
    runtime: RuntimeDep,
    response: Response,
    file: Annotated[
        UploadFile,
        File(description="FINESS+ structures (JSON, plain or gz), or etalab CSV: structures, geolocation, equipment"),
    ],
    scope: ScopeForm = "partial",
    confirm_gone: ConfirmForm = False,
) -> ImportOut:
    """Takes the file in and answers at once; its beginning tells the format. Follow `Location` for progress.

    What FINESS says of a structure the RPPS does not overwrite. A closed structure is kept, not listed. Equipment
    gives beds and places; its structures are imported before. A file of equipment cannot be `whole` (422).
    """
    request = _request("finess", runtime, file, scope, confirm_gone)
    return _answer(await request_import(work, caller, runtime.blobs, file, request), work, response)


@router.get("/imports", operation_id="listImports", summary="Imports, the newest first")
async def index(*, caller: Importer, work: WorkDep, page: PageDep) -> Page[ImportOut]:
    """Every run over a national file, whoever asked for it."""
    kept, following = page_of(await list_imports(work, _before(page), page.limit), page, key=lambda run: [str(run.id)])
    return Page(items=[import_out(run, work.now) for run in kept], next=following)


@router.get("/imports/{import_id}", operation_id="getImport", summary="One import", responses=problem_responses(404))
async def show(*, caller: Importer, work: WorkDep, import_id: UUID) -> ImportOut:
    """State, progress and counts of a run."""
    return import_out(await show_import(work, import_id), work.now)


@router.get(
    "/imports/{import_id}/errors",
    operation_id="listRefusedLines",
    summary="Refused lines of an import",
    responses=problem_responses(404),
)
async def errors(*, caller: Importer, work: WorkDep, page: PageDep, import_id: UUID) -> Page[RefusedLineOut]:
    """In the order of the file, each with its cause."""
    start = (after(page, int) or [0])[0]
    rows = await list_refused_lines(work, import_id, start, page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["line"]])
    return Page(items=[refused_line_out(row) for row in kept], next=following)


@router.get(
    "/imports/{import_id}/warnings",
    operation_id="listWarnedLines",
    summary="Lines of an import kept with a warning",
    responses=problem_responses(404),
)
async def warnings(*, caller: Importer, work: WorkDep, page: PageDep, import_id: UUID) -> Page[WarnedLineOut]:
    """In the order of the file. What such a line says is in the directory, flagged where an answer can show it."""
    line, cause = after(page, int, str) or (0, "")
    rows = await list_warned_lines(work, import_id, (line, cause), page.limit)
    kept, following = page_of(rows, page, key=lambda row: [row["line"], row["cause"]])
    return Page(items=[warned_line_out(row) for row in kept], next=following)


def _request(
    register: Literal["rpps", "finess"], runtime: Runtime, file: UploadFile, scope: Scope, confirm_gone: bool
) -> Request:
    settings = cast(DirectorySettings, runtime.settings)
    name = (file.filename or "")[-_MAX_NAME:]
    return Request(register, name, scope, confirm_gone, settings.max_upload_bytes)


def _answer(run: ImportRun, work: Work, response: Response) -> ImportOut:
    response.headers["Location"] = f"/v1/imports/{run.id}"
    return import_out(run, work.now)


def _before(page: PageParams) -> UUID | None:
    key = after(page, str)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise invalid_cursor() from None
