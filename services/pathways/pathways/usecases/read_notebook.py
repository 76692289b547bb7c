"""A liaison notebook is read: what is new, by whom it was read and when; its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit import rows
from kit.blobs import BlobStore
from kit.problems import Problem, or_404
from kit.take_file import Upload
from kit.work import Record, Work
from pathways.store import notes
from pathways.store.held import content_context
from pathways.store.seal import Seal
from pathways.usecases import sealed_files
from pathways.usecases.access import Access
from pathways.usecases.show_patient import present_keys
from pathways.usecases.write_note import find_enrolment


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
    named = [(it, sealed_files.name_of(keys, notes.FILE, it)) for it in files]
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
    file = await sealed_files.receive(work, upload, name, to=note_id)
    note = or_404(await rows.find(work, notes.NOTE, note_id), "note_unknown")
    await access.check(note["patient_id"], "clinical", "write", enrolment_id=note["enrolment_id"], action="attach_file")
    if note["author"] not in access.people:
        raise Problem(403, "not_author", "Who wrote the note puts files to it: write another one")
    keys, owner = present_keys(await seal.keys(work, note["patient_id"])), {"patient_id": note["patient_id"]}
    return await sealed_files.keep(
        work, keys, blobs, file, table=notes.FILE, by=access.caller.subject, note_id=note_id, **owner
    )


async def read_file(
    work: Work, access: Access, seal: Seal, blobs: BlobStore, *, note_id: UUID, file_id: UUID
) -> tuple[Record, str, bytes]:
    """A file, its name and its bytes. Raises Problem 403, 404, 410."""
    note = await _readable(work, access, note_id, "read_file")
    row = or_404(await notes.file(work, note_id, file_id), "file_unknown")
    keys = present_keys(await seal.keys(work, note["patient_id"]))
    content = await sealed_files.content_of(keys, blobs, notes.FILE, row)
    return row, sealed_files.name_of(keys, notes.FILE, row), content


async def _readable(work: Work, access: Access, note_id: UUID, action: str) -> Record:
    note = or_404(await rows.find(work, notes.NOTE, note_id), "note_unknown")
    await access.check(note["patient_id"], "clinical", enrolment_id=note["enrolment_id"], action=action)
    return note
