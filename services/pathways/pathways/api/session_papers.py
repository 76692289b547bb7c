"""Routes on the papers of a session: documents, the sheet to sign, certificates."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Response, UploadFile

from kit.answers import filled
from kit.file_answers import FILE_ANSWER, PDF_ANSWER, file_answer, pdf_answer, safe_name
from kit.http import RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from kit.work import Record
from pathways.api.activity_params import (
    ActivityReader,
    ActivityWriter,
    Attendee,
    SessionPath,
    WordsDep,
)
from pathways.api.schemas_sessions import DocumentOut
from pathways.usecases.print_session import print_certificate, print_sheet
from pathways.usecases.session_documents import (
    DocumentKind,
    add_session_document,
    list_session_documents,
    read_session_document,
    withdraw_session_document,
)

router = service_router(tags=["sessions"])


@router.post(
    "/sessions/{session_id}/documents",
    operation_id="addSessionDocument",
    summary="Put a document to a session",
    status_code=201,
    responses=problem_responses(404, 413),
)
async def post_document(
    *,
    caller: ActivityWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    session_id: SessionPath,
    file: Annotated[UploadFile, File(description="PDF, image, or office file without macros; at most 10 MB")],
    kind: Annotated[DocumentKind, Form()] = "other",
) -> DocumentOut:
    """Programme, slides, signed sheet, minutes. 413 `file_too_large`, 422 `file_type_refused`."""
    row = await add_session_document(
        work, caller, runtime.blobs, file, session_id=session_id, kind=kind, name=safe_name(file.filename)
    )
    return _document(row)


@router.get(
    "/sessions/{session_id}/documents",
    operation_id="listSessionDocuments",
    summary="Documents of a session",
    responses=problem_responses(404),
)
async def get_documents(*, caller: ActivityReader, work: WorkDep, session_id: SessionPath) -> list[DocumentOut]:
    """Those that stand."""
    return [_document(row) for row in await list_session_documents(work, session_id)]


@router.get(
    "/sessions/{session_id}/documents/{document_id}/file",
    operation_id="getSessionDocument",
    summary="A document of a session, as a file",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404, 410)},
)
async def get_file(
    *, caller: ActivityReader, work: WorkDep, runtime: RuntimeDep, session_id: SessionPath, document_id: UUID
) -> Response:
    """410 `document_withdrawn`."""
    row, content = await read_session_document(work, runtime.blobs, session_id, document_id)
    return file_answer(content, row["media_type"], row["name"], digest=row["sha256"])


@router.post(
    "/sessions/{session_id}/documents/{document_id}/withdraw",
    operation_id="withdrawSessionDocument",
    summary="Withdraw a document",
    responses=problem_responses(404),
)
async def post_withdraw(
    *, caller: ActivityWriter, work: WorkDep, session_id: SessionPath, document_id: UUID
) -> DocumentOut:
    """It is listed no more; a repeat changes nothing."""
    return _document(await withdraw_session_document(work, caller, session_id, document_id))


@router.get(
    "/sessions/{session_id}/sheet.pdf",
    operation_id="printSessionSheet",
    summary="The attendance sheet on paper",
    response_class=Response,
    responses={**PDF_ANSWER, **problem_responses(404)},
)
async def get_sheet(
    *,
    caller: ActivityWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    words: WordsDep,
    session_id: SessionPath,
) -> Response:
    """Who is invited, or came, and room to sign (*feuille d'émargement*)."""
    return pdf_answer(await print_sheet(work, runtime.keyring, words, session_id), "emargement.pdf")


@router.get(
    "/sessions/{session_id}/attendance/{line_id}/certificate.pdf",
    operation_id="printCertificate",
    summary="The certificate of somebody who took part",
    response_class=Response,
    responses={**PDF_ANSWER, **problem_responses(404, 409)},
)
async def get_certificate(
    *,
    caller: Attendee,
    work: WorkDep,
    runtime: RuntimeDep,
    words: WordsDep,
    session_id: SessionPath,
    line_id: UUID,
) -> Response:
    """*Attestation de présence*, for oneself; a coordinator for anyone (403 `not_own_entry`). 409 `no_certificate`."""
    wanted = {"session_id": session_id, "line_id": line_id}
    content = await print_certificate(work, caller, runtime.keyring, words, **wanted)
    return pdf_answer(content, "attestation.pdf")


def _document(row: Record) -> DocumentOut:
    return filled(DocumentOut, row)
