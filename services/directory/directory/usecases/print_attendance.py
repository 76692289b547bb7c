"""The attendance sheet on paper (*feuille d'émargement*): everybody who may attend, and room to sign."""

import asyncio
from uuid import UUID

from directory.domain.association import Association
from directory.domain.french import french_time
from directory.store import meetings
from directory.usecases.find_meeting import find_meeting
from directory.usecases.find_member import opened
from directory.usecases.load_reference import Reference
from directory.usecases.meeting_documents import invited
from directory.usecases.record_meeting import PRESENCES
from kit.crypto import Keyring
from kit.pdf import Grid, Text, write_pdf
from kit.work import Work

_HEAD = ("Nom", "Collège", "Présence", "Pouvoir donné à")

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


async def attendance_table(work: Work, keyring: Keyring, rules: Association, meeting_id: UUID) -> Table:
    """Head and lines, by college and name. Raises Problem 404."""
    meeting = await find_meeting(work, meeting_id)
    people = {row["id"]: (opened(row, keyring), row["college"]) for row in await invited(work, rules, meeting)}
    signed = {line["member_id"]: line for line in await meetings.attendance(work, meeting_id)}
    people |= {key: (opened(line, keyring, key), line["college"]) for key, line in signed.items()}
    lines: list[tuple[str, ...]] = []
    for key, (name, college) in sorted(people.items(), key=lambda it: (it[1][1] or 99, it[1][0] or "")):
        noted = signed.get(key)
        holder = people.get(noted["holder_id"]) if noted and noted["holder_id"] else None
        status = PRESENCES[noted["status"]] if noted else ""
        lines.append((name or "", "" if college is None else str(college), status, (holder[0] or "") if holder else ""))
    return _HEAD, lines


async def print_attendance(work: Work, keyring: Keyring, reference: Reference, meeting_id: UUID) -> bytes:
    """As PDF. Raises Problem 404."""
    meeting = await find_meeting(work, meeting_id)
    head, lines = await attendance_table(work, keyring, reference.association(work.territory), meeting_id)
    where = french_time(meeting["starts_at"]) + (f", {meeting['place']}" if meeting["place"] else "")
    grid = Grid((*head, "Signature"), [(*line, "") for line in lines], (4, 1, 2, 3, 4))
    title = f"Feuille d'émargement - {meeting['title']}"
    return await asyncio.to_thread(write_pdf, title, reference.territories[work.territory].name, [Text(where), grid])
