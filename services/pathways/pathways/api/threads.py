"""Routes on exchanges between named professionals."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, File, Path, Query, Response, UploadFile

from kit.answers import filled
from kit.file_answers import FILE_ANSWER, file_answer, safe_name
from kit.http import RuntimeDep, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from pathways.api.params import BY_ID, AccessDep, Reader, Writer
from pathways.api.schemas_threads import (
    ListedThreadOut,
    MessageFileMadeOut,
    MessageFileOut,
    MessageIn,
    MessageMadeOut,
    MessageOut,
    MessagesReadIn,
    ParticipantIn,
    ParticipantMadeOut,
    ParticipantOut,
    ReceiptOut,
    ThreadIn,
    ThreadMadeOut,
    ThreadOut,
    ThreadUnreadOut,
)
from pathways.store.seal import Seal
from pathways.usecases.exchange import (
    Desk,
    add_participant,
    attach_to_message,
    close_thread,
    mark_messages_read,
    open_thread,
    read_message_file,
    remove_participant,
    write_message,
)
from pathways.usecases.secure_mail import write_secure_mail
from pathways.usecases.show_exchange import MessageView, list_threads, read_messages, show_thread

router = service_router(tags=["exchanges"])
ThreadPath = Annotated[UUID, Path(description="Id of the exchange")]
MessagePath = Annotated[UUID, Path(description="Id of the message")]
_EML: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A message (RFC 5322) to open in a program of secure mail",
        "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _desk(access: AccessDep, work: WorkDep, runtime: RuntimeDep) -> Desk:
    return Desk(work, access, runtime.keyring, Seal(runtime.keyring, access.caller.territory))


DeskDep = Annotated[Desk, Depends(_desk)]


@router.post(
    "/threads",
    operation_id="openThread",
    summary="Open an exchange between professionals",
    status_code=201,
    responses=problem_responses(404, 410),
)
async def post_thread(*, caller: Writer, desk: DeskDep, body: ThreadIn, response: Response) -> ThreadMadeOut:
    """On a patient (`enrolment_id`: for their care team) or on a situation without any identity."""
    others = [it.new() for it in body.participants]
    row = await open_thread(desk, body.enrolment_id, body.subject, body.me.contact(), others)
    response.headers["Location"] = f"/v1/threads/{row['id']}"
    return filled(ThreadMadeOut, row)


@router.get("/threads", operation_id="listThreads", summary="Exchanges that one takes part in")
async def get_threads(
    *,
    caller: Reader,
    desk: DeskDep,
    page: PageDep,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
) -> Page[ListedThreadOut]:
    """The newest first. Those on patients whom one may not see (any more) are left out."""
    found = await list_threads(desk, is_open=is_open, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda it: [it[0]["id"]])
    return Page(items=[filled(ListedThreadOut, row, subject=subject) for row, subject in kept], next=following)


@router.get(
    "/threads/{thread_id}",
    operation_id="getThread",
    summary="An exchange and who takes part",
    responses=problem_responses(404, 410),
)
async def get_thread(*, caller: Reader, desk: DeskDep, thread_id: ThreadPath) -> ThreadOut:
    """404 `thread_unknown` to who takes no part."""
    opened, people = await show_thread(desk, thread_id)
    listed = [
        filled(ParticipantOut, row, name=contact.name, secure_mailbox=contact.secure_mailbox) for row, contact in people
    ]
    return filled(ThreadOut, opened.row, subject=opened.subject, participants=listed)


@router.post(
    "/threads/{thread_id}/participants",
    operation_id="addParticipant",
    summary="Somebody joins an exchange",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_participant(
    *, caller: Writer, desk: DeskDep, thread_id: ThreadPath, body: ParticipantIn
) -> ParticipantMadeOut:
    """They read what was written before. 409 `participant_already`, `thread_closed`, `too_many_participants`."""
    return filled(ParticipantMadeOut, await add_participant(desk, thread_id, body.new()))


@router.post(
    "/threads/{thread_id}/participants/{participant_id}/remove",
    operation_id="removeParticipant",
    summary="Somebody leaves an exchange",
    responses=problem_responses(404, 409, 410),
)
async def post_remove(
    *, caller: Writer, desk: DeskDep, thread_id: ThreadPath, participant_id: UUID
) -> ParticipantMadeOut:
    """They see nothing of it from the next request on. 409 `thread_closed`."""
    return filled(ParticipantMadeOut, await remove_participant(desk, thread_id, participant_id))


@router.post(
    "/threads/{thread_id}/close",
    operation_id="closeThread",
    summary="Close an exchange",
    responses=problem_responses(404, 409, 410),
)
async def post_close(*, caller: Writer, desk: DeskDep, thread_id: ThreadPath) -> ThreadMadeOut:
    """It is read and no more written in. 409 `thread_closed`."""
    return filled(ThreadMadeOut, await close_thread(desk, thread_id))


@router.post(
    "/threads/{thread_id}/messages",
    operation_id="writeMessage",
    summary="Write in an exchange",
    status_code=201,
    responses=problem_responses(404, 409, 410),
)
async def post_message(*, caller: Writer, desk: DeskDep, thread_id: ThreadPath, body: MessageIn) -> MessageMadeOut:
    """Never changed. 409 `thread_closed`."""
    return filled(MessageMadeOut, await write_message(desk, thread_id, body.text))


@router.get(
    "/threads/{thread_id}/messages",
    operation_id="readMessages",
    summary="Messages of an exchange",
    responses=problem_responses(404, 410),
)
async def get_messages(*, caller: Reader, desk: DeskDep, thread_id: ThreadPath, page: PageDep) -> Page[MessageOut]:
    """The newest first, each with who read it. Reading the list is no receipt: say so by `.../messages/read`."""
    found = await read_messages(desk, thread_id, after=page.first_key(BY_ID), limit=page.limit)
    kept, following = page_of(found, page, key=lambda it: [it.row["id"]])
    return Page(items=[_message(it) for it in kept], next=following)


@router.post(
    "/threads/{thread_id}/messages/read",
    operation_id="markMessagesRead",
    summary="Say that one has read messages",
    responses=problem_responses(404, 410),
)
async def post_read(*, caller: Reader, desk: DeskDep, thread_id: ThreadPath, body: MessagesReadIn) -> ThreadUnreadOut:
    """The first time counts."""
    return ThreadUnreadOut(unread=await mark_messages_read(desk, thread_id, body.message_ids))


@router.post(
    "/threads/{thread_id}/messages/{message_id}/files",
    operation_id="attachMessageFile",
    summary="Put a file to a message of one's own",
    status_code=201,
    responses=problem_responses(404, 409, 410, 413),
)
async def post_file(
    *,
    caller: Writer,
    desk: DeskDep,
    runtime: RuntimeDep,
    thread_id: ThreadPath,
    message_id: MessagePath,
    file: Annotated[UploadFile, File(description="PDF, image, or office file without macros; at most 10 MB")],
) -> MessageFileMadeOut:
    """Kept encrypted. 403 `not_author`, 409 `thread_closed`, 413 `file_too_large`, 422 `file_type_refused`."""
    where = {"thread_id": thread_id, "message_id": message_id}
    row = await attach_to_message(desk, runtime.blobs, file, **where, name=safe_name(file.filename))
    return filled(MessageFileMadeOut, row)


@router.get(
    "/threads/{thread_id}/messages/{message_id}/files/{file_id}",
    operation_id="getMessageFile",
    summary="A file of a message",
    response_class=Response,
    responses={**FILE_ANSWER, **problem_responses(404, 410)},
)
async def get_file(
    *,
    caller: Reader,
    desk: DeskDep,
    runtime: RuntimeDep,
    thread_id: ThreadPath,
    message_id: MessagePath,
    file_id: UUID,
) -> Response:
    """As it was sent."""
    where = {"thread_id": thread_id, "message_id": message_id, "file_id": file_id}
    media_type, name, content = await read_message_file(desk, runtime.blobs, **where)
    return file_answer(content, media_type, name)


@router.get(
    "/threads/{thread_id}/mail.eml",
    operation_id="writeSecureMail",
    summary="An exchange as a secure mail ready to send (MSSanté)",
    response_class=Response,
    responses={**_EML, **problem_responses(404, 409, 410)},
)
async def get_mail(*, caller: Reader, desk: DeskDep, runtime: RuntimeDep, thread_id: ThreadPath) -> Response:
    """From the caller to the other participants who have a mailbox, files inside. Nothing is sent.

    409 `no_secure_mailbox`, `too_large_to_mail`.
    """
    return file_answer(await write_secure_mail(desk, runtime.blobs, thread_id), "message/rfc822", "echange.eml")


def _message(it: MessageView) -> MessageOut:
    files = [filled(MessageFileOut, row, name=name) for row, name in it.files]
    readers = [ReceiptOut(**receipt) for receipt in orjson.loads(it.row["readers"])]
    return filled(MessageOut, it.row, text=it.text, files=files, readers=readers)
