"""Organisations that help the spouse (*conjoint*) of somebody who settles to find work."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kit import rows
from kit.auth import Caller
from kit.problems import or_404
from kit.work import Record, Work


async def add_contact(work: Work, caller: Caller, *, name: str, fields: Sequence[str], how: str) -> Record:
    """Adds an organisation: the fields of work in which it helps, and how to reach it."""
    return await rows.add(work, "spouse_contact", caller.subject, name=name, fields=list(fields), how=how)


async def end_contact(work: Work, caller: Caller, contact_id: UUID, today: date) -> Record:
    """A contact that helps no more; a repeat changes nothing. Raises Problem 404 `contact_unknown`."""
    row = or_404(await rows.find(work, "spouse_contact", contact_id, lock=True), "contact_unknown")
    if row["ended_on"] is not None:
        return row
    return await rows.change(work, "spouse_contact", contact_id, caller.subject, ended_on=today)
