"""Papers of a session: the sheet to sign (*feuille d'émargement*) and certificates (*attestation de présence*)."""

import asyncio
from uuid import UUID

from kit.auth import Caller
from kit.crypto import Keyring
from kit.pdf import Grid, Text, write_pdf
from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.french_time import french_day, french_period
from pathways.store import sessions
from pathways.usecases.activity_words import Words
from pathways.usecases.hold_session import Line, opened_line, show_sheet
from pathways.usecases.own_entry import check_own
from pathways.usecases.plan_session import find_session

_BLANK_LINES = 12


async def print_sheet(work: Work, keyring: Keyring, words: Words, session_id: UUID) -> bytes:
    """As PDF: who came, or who is invited while it is to come, and room for others. Raises Problem 404."""
    session = await find_session(work, session_id)
    lines = [it.line for it in await show_sheet(work, keyring, session_id)]
    invited = [row for row in await sessions.invitations(work, session_id) if row["state"] in ("invited", "accepted")]
    known = [(line.name or line.rpps or "", _profession(words, line)) for line in lines if line.people == 1]
    rows = known or [(row["rpps"], "") for row in invited]
    grid = Grid(
        ("Nom ou RPPS", "Profession", "Signature"),
        [(*row, "\n") for row in (*rows, *(("", ""),) * (0 if lines else _BLANK_LINES))],
        (4, 3, 3),
    )
    title = f"Feuille d'émargement - {session['title']}"
    return await asyncio.to_thread(write_pdf, title, words.territory, [Text(_where(words, session)), grid])


async def print_certificate(
    work: Work, caller: Caller, keyring: Keyring, words: Words, *, session_id: UUID, line_id: UUID
) -> bytes:
    """As PDF, for the professional and the coordinator. The same attendance gives the same bytes.

    Raises Problem 403, 404, 409 `no_certificate` for a kind of session that has none.
    """
    session = await find_session(work, session_id)
    row = await sessions.attendance_line(work, session_id, line_id)
    if row is None:
        raise Problem(404, "attendance_unknown", "No such line on the attendance sheet")
    check_own(caller, row["rpps"])
    kind = words.activities.session_kinds.get(session["kind"])
    line = opened_line(row, keyring).line
    if kind is None or not kind.certificate or line.people > 1 or not (line.rpps or line.name):
        raise Problem(409, "no_certificate", "This kind of session, or this line, has no certificate")
    blocks = [Text(text) for text in _attested(words, session, line)]
    return await asyncio.to_thread(write_pdf, "Attestation de présence", words.territory, blocks)


def _attested(words: Words, session: Record, line: Line) -> list[str]:
    number = f" (RPPS {line.rpps})" if line.rpps else ""
    who = f"{line.name}{number}" if line.name else f"Le professionnel de RPPS {line.rpps}"
    profession = f", {_profession(words, line).lower()}," if line.profession else ""
    role = "a animé" if line.speaker else "a participé à"
    return [
        f"{words.territory} atteste que {who}{profession} {role} la session suivante :",
        f"{session['title']}\n{_where(words, session)}",
        f"Présence enregistrée le {french_day(session['changed_at'])}. Session n° {session['id']}.",
    ]


def _where(words: Words, session: Record) -> str:
    kind = words.activities.session_kinds.get(session["kind"])
    theme = words.activities.themes.get(session["theme"] or "")
    parts = (
        kind.label if kind else session["kind"],
        theme.label if theme else None,
        french_period(session["starts_at"], session["ends_at"]),
        session["place"],
    )
    return "\n".join(part for part in parts if part)


def _profession(words: Words, line: Line) -> str:
    return words.professions.get(line.profession or "", "")
