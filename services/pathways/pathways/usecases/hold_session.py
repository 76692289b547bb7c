"""A session took place: its attendance sheet (*feuille d'émargement*), whole, and what is told of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from contracts.activities import AudienceCount, SessionAttendee, SessionHeld
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.store import sessions
from pathways.store.master_seals import ATTENDEE
from pathways.usecases.activity_words import Words, check_word
from pathways.usecases.plan_session import TABLE, find_session

Audience = Literal["professional", "student", "patient", "carer", "partner", "public"]
MOST_LINES = 1000


@dataclass(frozen=True)
class Line:
    """Who came. A professional has a profession; a patient or carer is counted, never named. `people` > 1: a group."""

    audience: Audience
    rpps: str | None
    profession: str | None
    name: str | None
    speaker: bool
    people: int


@dataclass(frozen=True)
class KeptLine:
    """A line of the sheet with its id."""

    id: UUID
    line: Line


async def hold_session(
    work: Work, caller: Caller, keyring: Keyring, words: Words, *, session_id: UUID, sheet: Sequence[Line]
) -> list[KeptLine]:
    """The whole sheet, replacing the one before; lines that are the same keep their id. Told each time.

    Raises Problem 404, 409 `session_cancelled` or `session_to_come`, 422 that names the line.
    """
    session = await find_session(work, session_id, lock=True)
    if session["state"] == "cancelled":
        raise Problem(409, "session_cancelled", "The session was cancelled")
    if session["starts_at"] > work.now:
        raise Problem(409, "session_to_come", "Attendance is noted once it has begun")
    _check(words, sheet)
    standing = await show_sheet(work, keyring, session_id)
    gone, new = _difference(standing, sheet)
    await sessions.remove_lines(work, gone, caller.subject)
    for line in new:
        await _add(work, caller, keyring, session_id, line)
    session = await rows.change(work, TABLE, session_id, caller.subject, state="held")
    work.emit(_held(session, sheet), version=session["version"])
    return await show_sheet(work, keyring, session_id)


async def show_sheet(work: Work, keyring: Keyring, session_id: UUID) -> list[KeptLine]:
    """The sheet as it stands. Raises Problem 404."""
    await find_session(work, session_id)
    return [opened_line(row, keyring) for row in await sessions.attendance(work, session_id)]


def opened_line(row: Record, keyring: Keyring) -> KeptLine:
    """A stored line with its name."""
    name = keyring.decrypt(row["sealed"], ATTENDEE.bound_to(row["territory"], row["id"])) if row["sealed"] else None
    plain = {field: row[field] for field in ("audience", "rpps", "profession", "speaker", "people")}
    return KeptLine(row["id"], Line(**plain, name=name))


async def _add(work: Work, caller: Caller, keyring: Keyring, session_id: UUID, line: Line) -> None:
    line_id = work.new_id()
    sealed = keyring.encrypt(line.name, ATTENDEE.bound_to(work.territory, line_id)) if line.name else None
    values = {name: value for name, value in vars(line).items() if name != "name"}
    await rows.add(work, "attendance", caller.subject, id=line_id, session_id=session_id, sealed=sealed, **values)


def _difference(standing: Sequence[KeptLine], sheet: Sequence[Line]) -> tuple[list[UUID], list[Line]]:
    """Lines to take off, and lines to add: the same line may stand several times."""
    wanted = Counter(sheet)
    gone = []
    for kept in standing:
        if wanted[kept.line]:
            wanted[kept.line] -= 1
        else:
            gone.append(kept.id)
    return gone, list(wanted.elements())


def _check(words: Words, sheet: Sequence[Line]) -> None:
    numbers = Counter(line.rpps for line in sheet if line.rpps)
    for place, line in enumerate(sheet):
        where = f"lines.{place}"
        if (line.profession is None) is (line.audience == "professional"):
            raise field_problem(f"{where}.profession", "profession_of_professional", "Of a professional, and only then")
        check_word(f"{where}.profession", line.profession, words.professions)
        if line.rpps and (line.audience != "professional" or line.people > 1):
            raise field_problem(f"{where}.rpps", "rpps_of_one", "A number is that of one professional")
        if line.rpps and numbers[line.rpps] > 1:
            raise field_problem(f"{where}.rpps", "rpps_twice", "On the sheet twice")
        if line.name and (line.people > 1 or line.audience in ("patient", "carer", "public")):
            raise field_problem(f"{where}.name", "name_refused", "Patients, carers and groups are counted, not named")


def _held(session: Record, sheet: Sequence[Line]) -> SessionHeld:
    professionals = [
        SessionAttendee(rpps=line.rpps, profession=line.profession, speaker=line.speaker)
        for line in sheet
        if line.profession is not None
        for _ in range(line.people)
    ]
    others: Counter[str] = Counter()
    for line in sheet:
        if line.profession is None:
            others[line.audience] += line.people
    return SessionHeld(
        session_id=session["id"],
        kind=session["kind"],
        topic=session["topic"],
        theme=session["theme"],
        starts_at=session["starts_at"],
        professionals=tuple(sorted(professionals, key=lambda it: (it.profession, it.rpps or ""))),
        others=tuple(AudienceCount(audience=code, people=others[code]) for code in sorted(others)),
        codes_version=session["codes_version"],
    )
