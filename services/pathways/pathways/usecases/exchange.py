"""A thread between named professionals on a situation: opened, joined, written in, read, closed (L1110-4 II)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import orjson

from kit import rows
from kit.blobs import BlobStore
from kit.crypto import Keyring
from kit.problems import Problem, or_404
from kit.take_file import Upload
from kit.work import Record, Work
from pathways.domain.access import Verb
from pathways.store import threads
from pathways.store.held import content_context
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases import sealed_files
from pathways.usecases.access import Access
from pathways.usecases.show_patient import present_keys
from pathways.usecases.write_note import find_enrolment

MOST_PARTICIPANTS = 50


@dataclass(frozen=True)
class Contact:
    """How a participant is called and written to, as the directory publishes it."""

    name: str | None = None
    secure_mailbox: str | None = None


@dataclass(frozen=True)
class NewParticipant:
    """`rpps:<number>` or `sub:<account>`."""

    person: str
    contact: Contact


@dataclass(frozen=True)
class Desk:
    """What the use cases of a request share."""

    work: Work
    access: Access
    keyring: Keyring
    seal: Seal


@dataclass(frozen=True)
class OpenThread:
    """A thread that the caller takes part in, and the keys of what is written in it."""

    row: Record
    keys: PatientKeys

    @property
    def subject(self) -> str:
        return self.keys.decrypt(self.row["subject"], content_context(threads.THREAD, self.row["id"], "subject"))

    @property
    def owner(self) -> dict[str, UUID | None]:
        """What rows of the thread carry."""
        return {"patient_id": self.row["patient_id"]}


async def open_thread(
    desk: Desk, enrolment_id: UUID | None, subject: str, mine: Contact, others: Sequence[NewParticipant]
) -> Record:
    """With an enrolment it is on that patient and sealed with their key; without it names nobody.

    Raises Problem 403, 404, 410.
    """
    work, thread_id, by = desk.work, desk.work.new_id(), desk.access.caller.subject
    owner: dict[str, UUID | None] = {"patient_id": None, "enrolment_id": None}
    key = desk.seal.new_key()
    keys = PatientKeys({str(thread_id): key})
    kept = {"wrapped": threads.wrapped(desk.keyring, work.territory, thread_id, key)}
    if enrolment_id is not None:
        patient_id = (await find_enrolment(work, enrolment_id))["patient_id"]
        await desk.access.check(patient_id, "clinical", "write", enrolment_id=enrolment_id, action="open_thread")
        keys, kept = present_keys(await desk.seal.keys(work, patient_id)), {}
        owner = {"patient_id": patient_id, "enrolment_id": enrolment_id}
    sealed = keys.encrypt(subject, content_context(threads.THREAD, thread_id, "subject"))
    row = await rows.add(work, threads.THREAD, by, id=thread_id, subject=sealed, opened_at=work.now, **owner, **kept)
    opened = OpenThread(row, keys)
    everybody = {it.person: it for it in (*others, NewParticipant(desk.access.people[-1], mine))}
    for it in everybody.values():
        await _join(desk, opened, it)
    return row


async def enter_thread(desk: Desk, thread_id: UUID, *, write: bool = False, action: str) -> OpenThread:
    """For a participant; on a patient the rules on who may see what hold besides, at each request.

    Raises Problem 403, 404 `thread_unknown` (to who takes no part, too), 409 `thread_closed` (to write), 410.
    """
    row = or_404(await threads.find(desk.work, thread_id, desk.access.people), "thread_unknown")
    if row["patient_id"] is not None:
        verb: Verb = "write" if write else "read"
        await desk.access.check(row["patient_id"], "clinical", verb, enrolment_id=row["enrolment_id"], action=action)
    if write:
        locked = await threads.lock(desk.work, thread_id)
        if locked is None or locked["closed_at"] is not None:
            raise Problem(409, "thread_closed", "The exchange is closed: open another one")
    return OpenThread(row, await keys_of(desk, row))


async def keys_of(desk: Desk, row: Record) -> PatientKeys:
    """Of the patient, or the thread's own. Raises Problem 410."""
    if row["patient_id"] is None:
        return threads.own_keys(desk.keyring, row)
    return present_keys(await desk.seal.keys(desk.work, row["patient_id"]))


async def add_participant(desk: Desk, thread_id: UUID, new: NewParticipant) -> Record:
    """By any participant. Raises Problem 403, 404, 409 `participant_already` or `too_many_participants`, 410."""
    opened = await enter_thread(desk, thread_id, write=True, action="add_participant")
    standing = [it for it in await threads.participants(desk.work, thread_id) if it["left_at"] is None]
    if new.person in {it["person"] for it in standing}:
        raise Problem(409, "participant_already", "This person takes part already")
    if len(standing) >= MOST_PARTICIPANTS:
        raise Problem(409, "too_many_participants", f"At most {MOST_PARTICIPANTS}")
    return await _join(desk, opened, new)


async def remove_participant(desk: Desk, thread_id: UUID, participant_id: UUID) -> Record:
    """From the next request on they see nothing of it; a repeat changes nothing. Raises Problem 403, 404, 409, 410."""
    await enter_thread(desk, thread_id, write=True, action="remove_participant")
    found = await threads.participants(desk.work, thread_id)
    row = or_404(next((it for it in found if it["id"] == participant_id), None), "participant_unknown")
    if row["left_at"] is not None:
        return row
    by = desk.access.caller.subject
    return await rows.change(desk.work, threads.PARTICIPANT, participant_id, by, left_at=desk.work.now)


async def close_thread(desk: Desk, thread_id: UUID) -> Record:
    """Nothing is written any more. Raises Problem 403, 404, 409 `thread_closed`, 410."""
    await enter_thread(desk, thread_id, write=True, action="close_thread")
    return await rows.change(desk.work, threads.THREAD, thread_id, desk.access.caller.subject, closed_at=desk.work.now)


async def write_message(desk: Desk, thread_id: UUID, text: str) -> Record:
    """Raises Problem 403, 404, 409 `thread_closed`, 410."""
    opened = await enter_thread(desk, thread_id, write=True, action="write_message")
    message_id = desk.work.new_id()
    return await rows.add(
        desk.work,
        threads.MESSAGE,
        desk.access.caller.subject,
        id=message_id,
        thread_id=thread_id,
        author=desk.access.people[-1],
        body=opened.keys.encrypt(text, content_context(threads.MESSAGE, message_id, "body")),
        written_at=desk.work.now,
        **opened.owner,
    )


async def mark_messages_read(desk: Desk, thread_id: UUID, message_ids: Sequence[UUID]) -> int:
    """Answers how many are left unread. Raises Problem 403, 404, 410."""
    await enter_thread(desk, thread_id, action="read_messages")
    await threads.mark_read(desk.work, thread_id, message_ids, desk.access.people[-1])
    left = or_404(await threads.find(desk.work, thread_id, desk.access.people), "thread_unknown")
    return int(left["unread"])


async def attach_to_message(
    desk: Desk, blobs: BlobStore, upload: Upload, *, thread_id: UUID, message_id: UUID, name: str
) -> Record:
    """Puts a file to a message of one's own, sealed before it reaches the store.

    Raises Problem 403 `not_author`, 404, 409, 410, 413 `file_too_large`, 422 `file_type_refused`.
    """
    work = desk.work
    file = await sealed_files.receive(work, upload, name, to=message_id)
    opened = await enter_thread(desk, thread_id, write=True, action="attach_file")
    message = or_404(await threads.message(work, thread_id, message_id), "message_unknown")
    if message["author"] not in desk.access.people:
        raise Problem(403, "not_author", "Who wrote the message puts files to it")
    owner, by = opened.owner | {"message_id": message_id}, desk.access.caller.subject
    return await sealed_files.keep(work, opened.keys, blobs, file, table=threads.FILE, by=by, **owner)


async def read_message_file(
    desk: Desk, blobs: BlobStore, *, thread_id: UUID, message_id: UUID, file_id: UUID
) -> tuple[str, str, bytes]:
    """Media type, name and bytes. Raises Problem 403, 404, 410."""
    opened = await enter_thread(desk, thread_id, action="read_file")
    or_404(await threads.message(desk.work, thread_id, message_id), "message_unknown")
    found = await threads.files(desk.work, [message_id])
    row = or_404(next((it for it in found if it["id"] == file_id), None), "file_unknown")
    return row["media_type"], file_name(opened.keys, row), await file_content(opened.keys, blobs, row)


def file_name(keys: PatientKeys, row: Record) -> str:
    """Opens the name of a file."""
    return sealed_files.name_of(keys, threads.FILE, row)


async def file_content(keys: PatientKeys, blobs: BlobStore, row: Record) -> bytes:
    """Opens a file."""
    return await sealed_files.content_of(keys, blobs, threads.FILE, row)


def message_text(keys: PatientKeys, row: Record) -> str:
    """Opens a message."""
    return keys.decrypt(row["body"], content_context(threads.MESSAGE, row["id"], "body"))


def contact_of(keys: PatientKeys, row: Record) -> Contact:
    """Opens how a participant is called and written to."""
    sealed = content_context(threads.PARTICIPANT, row["id"], "contact")
    return Contact(**orjson.loads(keys.decrypt(row["contact"], sealed)))


async def _join(desk: Desk, opened: OpenThread, new: NewParticipant) -> Record:
    participant_id = desk.work.new_id()
    told = orjson.dumps(asdict(new.contact)).decode()
    return await rows.add(
        desk.work,
        threads.PARTICIPANT,
        desk.access.caller.subject,
        id=participant_id,
        thread_id=opened.row["id"],
        person=new.person,
        contact=opened.keys.encrypt(told, content_context(threads.PARTICIPANT, participant_id, "contact")),
        joined_at=desk.work.now,
        **opened.owner,
    )
