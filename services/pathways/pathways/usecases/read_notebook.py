"""A liaison notebook is read: what is new, by whom it was read and when; its files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit import rows
from kit.blobs import BlobStore, keeping, read_bytes
from kit.problems import Problem, or_404
from kit.take_file import Upload, document_type, whole
from kit.work import Record, Work
from pathways.store import notes
from pathways.store.held import content_context
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.show_patient import present_keys
from pathways.usecases.write_note import find_enrolment

MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Wanted:
    """Which notes; None asks nothing."""

    kind: str | None = None
    event: bool | None = None
    unread: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class OpenedNote:
    """A note with its text, its files by name, and whether the reader has it read (or written)."""

    row: Record
    text: str
    files: list[tuple[Record, str]]


async def read_notebook(
    work: Work, access: Access, seal: Seal, enrolment_id: UUID, wanted: Wanted, *, after: UUID | None, limit: int
) -> tuple[list[OpenedNote], int]:
    """One more than `limit`, the newest first, and how many the caller has not read. Raises Problem 403, 404, 410."""
    enrolment = await find_enrolment(work, enrolment_id)
    await access.check(enrolment["patient_id"], "clinical", enrolment_id=enrolment_id, action="read_notebook")
    found = await notes.listed(
        work,
        enrolment_id,
        kind=wanted.kind,
        event=wanted.event,
        unread_by=access.people if wanted.unread else None,
        since=wanted.since,
        after=after,
        limit=limit + 1,
    )
    unread = await notes.unread(work, enrolment_id, access.people)
    return await opened_notes(work, seal, enrolment["patient_id"], found), unread


async def opened_notes(work: Work, seal: Seal, patient_id: UUID, found: list[Record]) -> list[OpenedNote]:
    """For who may see them: the use case has asked. Raises Problem 410."""
    keys = present_keys(await seal.keys(work, patient_id))
    files = await notes.files(work, [row["id"] for row in found])
    named = [(it, _name(keys, it)) for it in files]
    return [
        OpenedNote(
            row,
            keys.decrypt(row["text"], content_context(notes.NOTE, row["id"], "text")),
            [pair for pair in named if pair[0]["note_id"] == row["id"]],
        )
        for row in found
    ]


async def mark_read(work: Work, access: Access, enrolment_id: UUID, note_ids: Sequence[UUID]) -> int:
    """The caller has read these; answers how many are left unread. Raises Problem 403, 404, 410."""
    enrolment = await find_enrolment(work, enrolment_id)
    await access.check(enrolment["patient_id"], "clinical", enrolment_id=enrolment_id, action="read_notes")
    await notes.mark_read(work, enrolment_id, note_ids, access.people[-1])
    return await notes.unread(work, enrolment_id, access.people)


async def list_readers(work: Work, access: Access, note_id: UUID) -> list[Record]:
    """Who read a note, and when they first did. Raises Problem 403, 404, 410."""
    await _readable(work, access, note_id, "read_receipts")
    return await notes.readers(work, note_id)


async def attach_file(
    work: Work, access: Access, seal: Seal, blobs: BlobStore, upload: Upload, *, note_id: UUID, name: str
) -> Record:
    """Puts a file to a note of one's own, sealed with the patient's key before it reaches the store.

    Raises Problem 403 `not_author`, 404, 410, 413 `file_too_large`, 422 `file_type_refused`.
    """
    file, content = await whole(upload, document_type(name), MOST_BYTES)
    if work.idempotency is not None:
        work.idempotency.fingerprint = hashlib.sha256(file.digest.digest() + f"{note_id} {name}".encode()).digest()
    note = or_404(await rows.find(work, notes.NOTE, note_id), "note_unknown")
    await access.check(note["patient_id"], "clinical", "write", enrolment_id=note["enrolment_id"], action="attach_file")
    if note["author"] not in access.people:
        raise Problem(403, "not_author", "Who wrote the note puts files to it: write another one")
    keys, file_id = present_keys(await seal.keys(work, note["patient_id"])), work.new_id()
    async with keeping(blobs, keys.encrypt_bytes(content, content_context(notes.FILE, file_id, "blob"))) as blob:
        kept = {"id": file_id, "patient_id": note["patient_id"], "note_id": note_id, "blob": blob}
        sealed = keys.encrypt(name, content_context(notes.FILE, file_id, "name"))
        more = {"name": sealed, "media_type": file.type, "size": file.size}
        return await rows.add(work, notes.FILE, access.caller.subject, **kept, **more)


async def read_file(
    work: Work, access: Access, seal: Seal, blobs: BlobStore, *, note_id: UUID, file_id: UUID
) -> tuple[Record, str, bytes]:
    """A file, its name and its bytes. Raises Problem 403, 404, 410."""
    note = await _readable(work, access, note_id, "read_file")
    row = or_404(await notes.file(work, note_id, file_id), "file_unknown")
    keys = present_keys(await seal.keys(work, note["patient_id"]))
    content = keys.decrypt_bytes(await read_bytes(blobs, row["blob"]), content_context(notes.FILE, file_id, "blob"))
    return row, _name(keys, row), content


async def _readable(work: Work, access: Access, note_id: UUID, action: str) -> Record:
    note = or_404(await rows.find(work, notes.NOTE, note_id), "note_unknown")
    await access.check(note["patient_id"], "clinical", enrolment_id=note["enrolment_id"], action=action)
    return note


def _name(keys: PatientKeys, row: Record) -> str:
    return keys.decrypt(row["name"], content_context(notes.FILE, row["id"], "name"))
