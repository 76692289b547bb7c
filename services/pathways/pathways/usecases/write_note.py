"""A note of a liaison notebook (*cahier de liaison*), by the team, the patient or a carer; a correction is one more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.coordination import NoteWritten
from kit import rows
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work
from pathways.domain.notebook import Notebook, NoteKind, Writer
from pathways.store import enrolments, notes
from pathways.store.held import content_context
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.show_enrolment import unknown_enrolment
from pathways.usecases.show_patient import present_keys

_LONG_AGO = timedelta(days=366)


@dataclass(frozen=True)
class NewNote:
    """What somebody writes. `corrects`: an earlier note of theirs, which stays."""

    kind: str
    text: str
    occurred_at: datetime | None = None
    corrects: UUID | None = None


@dataclass(frozen=True)
class Author:
    """Who writes: the name in the care team, or `patient`, or `carer:<link>`; and whom the stamps name."""

    writer: Writer
    person: str
    role: str | None
    subject: str


async def write_note(
    work: Work, access: Access, seal: Seal, notebooks: Mapping[str, Notebook], *, enrolment_id: UUID, new: NewNote
) -> Record:
    """By a member of the care team. Raises Problem 403, 404, 410, 422 `kind_unknown` or `day_refused`."""
    enrolment = await find_enrolment(work, enrolment_id)
    grounds = await access.check(
        enrolment["patient_id"], "clinical", "write", enrolment_id=enrolment_id, action="write_note"
    )
    author = Author("professional", access.people[-1], grounds.role, access.caller.subject)
    return await add_note(work, seal, notebooks[work.territory], enrolment, author=author, new=new)


async def add_note(
    work: Work, seal: Seal, notebook: Notebook, enrolment: Record, *, author: Author, new: NewNote
) -> Record:
    """For who may write there: the use case has asked. Raises Problem 403 `not_author`, 410, 422."""
    kind = _kind(notebook, new.kind, author.writer)
    occurred_at = new.occurred_at or work.now
    if not work.now - _LONG_AGO <= occurred_at <= work.now + timedelta(minutes=5):
        raise field_problem("occurred_at", "day_refused", "Within the last year, not in the future")
    await _check_corrected(work, enrolment, author, new.corrects)
    row = await _kept(work, seal, enrolment, author, kind, new=new, occurred_at=occurred_at)
    told = NoteWritten(
        note_id=row["id"], template=enrolment["template"], kind=kind.code, event=kind.event, writer=author.writer
    )
    work.emit(told, version=row["version"])
    return row


async def find_enrolment(work: Work, enrolment_id: UUID) -> Record:
    """Raises Problem 404 `enrolment_unknown`."""
    enrolment = await enrolments.find(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    return enrolment


def _kind(notebook: Notebook, code: str, writer: Writer) -> NoteKind:
    kind = notebook.kind(code, writer)
    if kind is None:
        raise field_problem("kind", "kind_unknown", "See /v1/note-kinds")
    return kind


async def _check_corrected(work: Work, enrolment: Record, author: Author, corrects: UUID | None) -> None:
    if corrects is None:
        return
    earlier = or_404(await rows.find(work, notes.NOTE, corrects), "note_unknown")
    if earlier["enrolment_id"] != enrolment["id"]:
        raise Problem(404, "note_unknown", "This notebook has no such note")
    if earlier["author"] != author.person:
        raise Problem(403, "not_author", "Who wrote a note corrects it: write another one")


async def _kept(
    work: Work, seal: Seal, enrolment: Record, author: Author, kind: NoteKind, *, new: NewNote, occurred_at: datetime
) -> Record:
    keys = present_keys(await seal.keys(work, enrolment["patient_id"]))
    note_id = work.new_id()
    return await rows.add(
        work,
        notes.NOTE,
        author.subject,
        id=note_id,
        patient_id=enrolment["patient_id"],
        enrolment_id=enrolment["id"],
        kind=kind.code,
        event=kind.event,
        writer=author.writer,
        author=author.person,
        role=author.role,
        corrects=new.corrects,
        text=keys.encrypt(new.text, content_context(notes.NOTE, note_id, "text")),
        occurred_at=occurred_at,
        written_at=work.now,
    )
