"""Professionals are invited to a session, and say whether they come."""

from collections.abc import Sequence
from uuid import UUID

from contracts.activities import SessionInvited
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from pathways.store import sessions
from pathways.usecases.own_entry import check_own
from pathways.usecases.plan_session import find_planned, find_session

_TABLE = "session_invitation"


async def invite_to_session(work: Work, caller: Caller, session_id: UUID, rpps: Sequence[str]) -> list[Record]:
    """Answers everybody who is invited then; who is new is told of it. Raises Problem 404, 409 `session_over`."""
    session = await find_planned(work, session_id)
    for row in await sessions.invite(work, session_id, sorted(set(rpps)), caller.subject):
        work.emit(_invited(session, row), version=row["version"])
    return await sessions.invitations(work, session_id)


async def answer_invitation(work: Work, caller: Caller, session_id: UUID, rpps: str, *, comes: bool) -> Record:
    """Yes or no, until the session is over; the last answer counts. A seat is needed to say yes.

    Raises Problem 403, 404, 409 `session_over`, `session_full`.
    """
    check_own(caller, rpps)
    session = await find_planned(work, session_id)
    row = await _find(work, session_id, rpps)
    state = "accepted" if comes else "declined"
    if row["state"] == state:
        return row
    full = session["capacity"] is not None and await sessions.accepted(work, session_id) >= session["capacity"]
    if comes and full:
        raise Problem(409, "session_full", "Every seat is taken")
    return await rows.change(work, _TABLE, row["id"], caller.subject, state=state)


async def withdraw_invitation(work: Work, caller: Caller, session_id: UUID, rpps: str) -> Record:
    """Takes an invitation back; a repeat changes nothing. Raises Problem 404, 409 `session_over`."""
    await find_planned(work, session_id)
    row = await _find(work, session_id, rpps)
    if row["state"] == "withdrawn":
        return row
    return await rows.change(work, _TABLE, row["id"], caller.subject, state="withdrawn")


async def list_invitations(work: Work, session_id: UUID) -> list[Record]:
    """Who is invited, and their answers. Raises Problem 404."""
    await find_session(work, session_id)
    return await sessions.invitations(work, session_id)


async def _find(work: Work, session_id: UUID, rpps: str) -> Record:
    row = await sessions.invitation(work, session_id, rpps)
    if row is None:
        raise Problem(404, "invitation_unknown", "This professional is not invited")
    return row


def _invited(session: Record, row: Record) -> SessionInvited:
    return SessionInvited(
        invitation_id=row["id"],
        session_id=session["id"],
        rpps=row["rpps"],
        kind=session["kind"],
        topic=session["topic"],
        theme=session["theme"],
        starts_at=session["starts_at"],
        ends_at=session["ends_at"],
    )
