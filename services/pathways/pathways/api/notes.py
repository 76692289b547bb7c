"""Routes on liaison notebooks (*cahier de liaison*)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Path, Query, Response, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from kit.answers import filled
from kit.file_answers import FILE_ANSWER, file_answer, safe_name
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.fields import Body, Code, CodeQuery
from pathways.api.params import BY_ID, AccessDep, EnrolmentPath, Reader, Writer, seal_of
from pathways.domain.notebook import Notebook
from pathways.domain.notebook import Writer as WriterKind
from pathways.usecases.read_notebook import (
    OpenedNote,
    Wanted,
    attach_file,
    list_readers,
    mark_read,
    read_file,
    read_notebook,
)
from pathways.usecases.write_note import NewNote, write_note

router = service_router(tags=["liaison notebook"])
NotePath = Annotated[UUID, Path(description="Id of the note")]
NoteText = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]


async def _notebooks(runtime: RuntimeDep) -> Mapping[str, Notebook]:
    notebooks: Mapping[str, Notebook] = runtime.extras["notebooks"]
    return notebooks


NotebooksDep = Annotated[Mapping[str, Notebook], Depends(_notebooks)]


class NoteIn(Body):
    """A note, or an event between two visits. `corrects`: an earlier note of one's own, which stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kind": "observation", "text": "Pansement refait, propre"}]}
    )

    kind: Code = Field(description="See /v1/note-kinds")
    text: NoteText
    occurred_at: AwareDatetime | None = Field(default=None, description="Now unless given")
    corrects: UUID | None = None


class NoteMadeOut(BaseModel):
    """A note without its text: answers of requests are kept for a day."""

    id: UUID
    enrolment_id: UUID
    kind: str
    event: bool
    writer: WriterKind
    author: str
    role: str | None
    corrects: UUID | None
    occurred_at: datetime
    written_at: datetime


class NoteFileMadeOut(BaseModel):
    """A file without its name."""

    id: UUID
    note_id: UUID
    media_type: str
    size: int


class NoteFileOut(NoteFileMadeOut):
    """A file of a note."""

    name: str


class NoteOut(NoteMadeOut):
    """A note; `corrected_by` is the one that puts it right."""

    text: str
    corrected_by: UUID | None
    files: list[NoteFileOut]


class NotePage(Page[NoteOut]):
    """`unread`: how many notes of the whole notebook the caller has neither written nor read."""

    unread: int


class ReadIn(Body):
    """Notes that one has read."""

    note_ids: list[UUID] = Field(min_length=1, max_length=200)


class UnreadOut(BaseModel):
    """How many are left."""

    unread: int


class ReaderOut(BaseModel):
    """Who read a note, and when they first did."""

    person: str
    read_at: datetime


@router.get("/note-kinds", operation_id="listNoteKinds", summary="Kinds of notes of the territory")
async def get_kinds(*, caller: Reader, notebooks: NotebooksDep) -> Notebook:
    """`event`: an intercurrent event, flagged; `plain`: what patients and carers choose from."""
    return notebooks[caller.territory]


@router.post(
    "/enrolments/{enrolment_id}/notes",
    operation_id="writeNote",
    summary="Write into the liaison notebook",
    status_code=201,
    responses=problem_responses(404, 410),
)
async def post_note(
    *,
    caller: Writer,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    notebooks: NotebooksDep,
    enrolment_id: EnrolmentPath,
    body: NoteIn,
) -> NoteMadeOut:
    """By any member of the care team; never changed, a correction is one more note. 403 `not_author`."""
    new = NewNote(**body.model_dump())
    seal = seal_of(runtime, caller)
    row = await write_note(work, access, seal, notebooks, enrolment_id=enrolment_id, new=new)
    return filled(NoteMadeOut, row)


@router.get(
    "/enrolments/{enrolment_id}/notes",
    operation_id="readNotebook",
    summary="The liaison notebook of an enrolment",
    responses=problem_responses(404, 410),
)
async def get_notes(
    *,
    caller: Reader,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    enrolment_id: EnrolmentPath,
    page: PageDep,
    kind: CodeQuery = None,
    event: Annotated[bool | None, Query()] = None,
    unread: Annotated[bool, Query(description="Only what the caller has neither written nor read")] = False,
    since: Annotated[AwareDatetime | None, Query(description="Written from then on")] = None,
) -> NotePage:
    """The newest first. Reading the list is no receipt: say so by `.../notes/read`."""
    wanted, seal = Wanted(kind, event, unread, since), seal_of(runtime, caller)
    found, left = await read_notebook(
        work, access, seal, enrolment_id, wanted, after=page.first_key(BY_ID), limit=page.limit
    )
    kept, following = page_of(found, page, key=lambda it: [it.row["id"]])
    return NotePage(items=[_note(it) for it in kept], next=following, unread=left)


@router.post(
    "/enrolments/{enrolment_id}/notes/read",
    operation_id="markNotesRead",
    summary="Say that one has read notes",
    responses=problem_responses(404, 410),
)
async def post_read(
    *, caller: Reader, access: AccessDep, work: WorkDep, enrolment_id: EnrolmentPath, body: ReadIn
) -> UnreadOut:
    """The first time counts. Ids of other notebooks are passed over."""
    return UnreadOut(unread=await mark_read(work, access, enrolment_id, body.note_ids))


@router.get(
    "/notes/{note_id}/readers",
    operation_id="listNoteReaders",
    summary="Who read a note, and when",
    responses=problem_responses(404, 410),
)
async def get_readers(*, caller: Reader, access: AccessDep, work: WorkDep, note_id: NotePath) -> Page[ReaderOut]:
    """The earliest first. Always one page."""
    return Page(items=[filled(ReaderOut, it) for it in await list_readers(work, access, note_id)], next=None)


@router.post(
    "/notes/{note_id}/files",
    operation_id="attachNoteFile",
    summary="Put a file to a note of one's own",
    status_code=201,
    responses=problem_responses(404, 410, 413),
)
async def post_file(
    *,
    caller: Writer,
    access: AccessDep,
    work: WorkDep,
    runtime: RuntimeDep,
    note_id: NotePath,
    file: Annotated[UploadFile, File(description="PDF, image, or office file without macros; at most 10 MB")],
) -> NoteFileMadeOut:
    """Kept encrypted with the patient's key. 403 `not_author`, 413 `file_too_large`, 422 `file_type_refused`."""
    name = safe_name(file.filename)
    seal = seal_of(runtime, caller)
    row = await attach_file(work, access, seal, runtime.blobs, file, note_id=note_id, name=name)
    return filled(NoteFileMadeOut, row)


@router.get(
    "/notes/{note_id}/files/{file_id}",
    operation_id="getNoteFile",
    summary="A file of a note",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404, 410)},
)
async def get_file(
    *, caller: Reader, access: AccessDep, work: WorkDep, runtime: RuntimeDep, note_id: NotePath, file_id: UUID
) -> Response:
    """Recorded as an access to clinical content."""
    seal = seal_of(runtime, caller)
    row, name, content = await read_file(work, access, seal, runtime.blobs, note_id=note_id, file_id=file_id)
    return file_answer(content, row["media_type"], name)


def _note(it: OpenedNote) -> NoteOut:
    files: list[Any] = [filled(NoteFileOut, row, name=name) for row, name in it.files]
    return filled(NoteOut, it.row, text=it.text, files=files)
