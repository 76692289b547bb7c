"""Routes on documents of meetings and convocations."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Response, UploadFile

from directory.api.params import AssociationDep, AssociationReader, AssociationWriter, MeansDep, Voter
from directory.api.schemas_meeting_documents import ConvocationOut, DocumentOut
from directory.domain.meeting_documents import DocumentKind
from directory.usecases.add_document import add_document, withdraw_document
from directory.usecases.meeting_documents import list_documents, read_document
from directory.usecases.send_convocation import list_convocations, send_convocation
from kit.answers import filled
from kit.file_answers import FILE_ANSWER, file_answer, safe_name
from kit.http import RuntimeDep, WorkDep, service_router
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["association"])


@router.post(
    "/meetings/{meeting_id}/documents",
    operation_id="addMeetingDocument",
    summary="Put a document before a meeting",
    status_code=201,
    responses=problem_responses(404, 409, 413),
)
async def post_document(
    *,
    caller: AssociationWriter,
    work: WorkDep,
    runtime: RuntimeDep,
    meeting_id: UUID,
    file: Annotated[UploadFile, File(description="PDF, image, or office file without macros; at most 10 MB")],
    kind: Annotated[DocumentKind, Form()] = "other",
) -> DocumentOut:
    """Accounts, budget orientations, reports, minutes. A new text is a new edition; both stand until one is withdrawn.

    409 `meeting_cancelled`, 413 `file_too_large`, 422 `file_type_refused`: name and content must agree.
    """
    name = safe_name(file.filename)
    return _document(await add_document(work, caller, runtime.blobs, file, meeting_id=meeting_id, kind=kind, name=name))


@router.get(
    "/meetings/{meeting_id}/documents",
    operation_id="listMeetingDocuments",
    summary="Documents of a meeting",
    responses=problem_responses(404),
)
async def get_documents(*, caller: Voter, work: WorkDep, rules: AssociationDep, meeting_id: UUID) -> list[DocumentOut]:
    """For a coordinator and those who may attend. 403 `not_invited`."""
    return [_document(row) for row in await list_documents(work, caller, rules, meeting_id)]


@router.get(
    "/meetings/{meeting_id}/documents/{document_id}/file",
    operation_id="getMeetingDocument",
    summary="A document of a meeting, as a file",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404)},
)
async def get_file(
    *, caller: Voter, work: WorkDep, runtime: RuntimeDep, rules: AssociationDep, meeting_id: UUID, document_id: UUID
) -> Response:
    """A withdrawn one too, for who has its id. 403 `not_invited`."""
    wanted = {"meeting_id": meeting_id, "document_id": document_id}
    row, content = await read_document(work, runtime.blobs, caller, rules, **wanted)
    return file_answer(content, row["media_type"], row["name"], digest=row["sha256"])


@router.post(
    "/meetings/{meeting_id}/documents/{document_id}/withdraw",
    operation_id="withdrawMeetingDocument",
    summary="Withdraw a document",
    responses=problem_responses(404, 409),
)
async def post_withdraw(
    *, caller: AssociationWriter, work: WorkDep, meeting_id: UUID, document_id: UUID
) -> DocumentOut:
    """It is listed no more. 409 `withdrawn_already`, `voted_on`: what was put to the vote stays."""
    return _document(await withdraw_document(work, caller, meeting_id, document_id))


@router.post(
    "/meetings/{meeting_id}/convocations",
    operation_id="sendConvocation",
    summary="Send the convocation",
    status_code=201,
    responses=problem_responses(404, 409),
)
async def post_convocation(
    *, caller: AssociationWriter, work: WorkDep, means: MeansDep, rules: AssociationDep, meeting_id: UUID
) -> ConvocationOut:
    """Agenda and documents to everybody who may attend, by the channels that they confirmed for the association.

    Late by the rules of the territory: flagged, or 409 `notice_too_short`. 409 `meeting_over`.
    """
    return _convocation(await send_convocation(work, caller, means, rules, meeting_id))


@router.get(
    "/meetings/{meeting_id}/convocations",
    operation_id="listConvocations",
    summary="Convocations that were sent",
    responses=problem_responses(404),
)
async def get_convocations(*, caller: AssociationReader, work: WorkDep, meeting_id: UUID) -> list[ConvocationOut]:
    """When, how many clear days before, and whom they could not reach."""
    return [_convocation(row) for row in await list_convocations(work, meeting_id)]


def _document(row: Record) -> DocumentOut:
    return filled(DocumentOut, row)


def _convocation(row: Record) -> ConvocationOut:
    return filled(ConvocationOut, row)
