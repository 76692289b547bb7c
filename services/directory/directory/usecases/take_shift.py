"""Professionals sign up for shifts, withdraw, and are noted as present or absent."""

from typing import Any
from uuid import UUID

from contracts.directory import ShiftLeft, ShiftPresenceNoted, ShiftTaken
from directory.domain.crisis import MESSAGES, Shift, refusal
from directory.store import rosters
from directory.usecases.access import check_own
from directory.usecases.rosters import find_shift
from directory.usecases.show_professional import find_professional
from kit.auth import Caller
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def take_shift(work: Work, caller: Caller, shift_id: UUID, rpps: str) -> Record:
    """Gives a professional a seat of a shift; a repeat changes nothing.

    Raises Problem 403 `not_own_entry`, 404, or 409 with one of the codes of `domain.crisis.MESSAGES`.
    """
    check_own(caller, rpps)
    person = await find_professional(work, rpps)
    # Two shifts of one hour, asked for at once, meet here; the shift's lock settles who gets its last seat.
    await rosters.lock_person(work, rpps)
    row = await find_shift(work, shift_id, lock=True)
    present = await rosters.sign_up(work, shift_id, rpps)
    if present and present["state"] != "withdrawn":
        return present
    shift = Shift(row["starts_at"], row["ends_at"], row["professions"], row["seats"], row["cancelled_at"] is not None)
    others, elsewhere = await rosters.taken(work, shift_id, rpps), await rosters.elsewhere(work, row, rpps)
    if code := refusal(shift, work.now, person["professions"], taken=others, elsewhere=elsewhere):
        raise Problem(409, code, MESSAGES[code])
    profession = next((it for it in person["professions"] if it in shift.professions), person["profession"])
    taken = await rosters.put_sign_up(work, shift_id, rpps, profession=profession, state="signed", by=caller.subject)
    told = ShiftTaken(**_shift(row, taken), starts_at=row["starts_at"])
    work.emit(told, version=taken["version"])
    return taken


async def leave_shift(work: Work, caller: Caller, shift_id: UUID, rpps: str) -> Record:
    """Withdraws a professional before the shift begins; a repeat changes nothing.

    Raises Problem 403 `not_own_entry`, 404 `sign_up_unknown`, 409 `shift_begun`.
    """
    check_own(caller, rpps)
    row, present = await _sign_up(work, shift_id, rpps)
    if present["state"] == "withdrawn":
        return present
    if work.now >= row["starts_at"]:
        raise Problem(409, "shift_begun", "Once it has begun, presence is noted instead")
    left = await rosters.put_sign_up(
        work, shift_id, rpps, profession=present["profession"], state="withdrawn", by=caller.subject
    )
    work.emit(ShiftLeft(sign_up_id=left["id"], shift_id=shift_id, rpps=rpps), version=left["version"])
    return left


async def note_presence(work: Work, caller: Caller, shift_id: UUID, rpps: str, *, present: bool) -> Record:
    """Notes whether a professional came; may be corrected.

    Raises Problem 404 `sign_up_unknown`, 409 `shift_not_begun`, `not_signed_up`.
    """
    row, known = await _sign_up(work, shift_id, rpps)
    if known["state"] == "withdrawn":
        raise Problem(409, "not_signed_up", "This professional withdrew")
    if work.now < row["starts_at"]:
        raise Problem(409, "shift_not_begun", "Presence is noted once the shift has begun")
    state = "present" if present else "absent"
    if known["state"] == state:
        return known
    noted = await rosters.put_sign_up(
        work, shift_id, rpps, profession=known["profession"], state=state, by=caller.subject
    )
    told = ShiftPresenceNoted(**_shift(row, noted), present=present)
    work.emit(told, version=noted["version"])
    return noted


async def list_sign_ups(work: Work, shift_id: UUID, *, after: str | None, limit: int) -> list[Record]:
    """Who is or was on a shift. Raises Problem 404."""
    await find_shift(work, shift_id)
    return await rosters.sign_ups(work, shift_id, after=after, limit=limit)


def _shift(row: Record, sign_up: Record) -> dict[str, Any]:
    """What is told of a place on a shift."""
    names = ("shift_id", "rpps", "profession")
    told = {name: sign_up[name] for name in names}
    return {"sign_up_id": sign_up["id"], "roster_id": row["roster_id"], "roster_kind": row["kind"], **told}


async def _sign_up(work: Work, shift_id: UUID, rpps: str) -> tuple[Record, Record]:
    row = await find_shift(work, shift_id, lock=True)
    present = or_404(
        await rosters.sign_up(work, shift_id, rpps),
        "sign_up_unknown",
        "This professional never signed up for the shift",
    )
    return row, present
