"""A professional says whether they are available: by their personal link, by the API, or through a coordinator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from directory.store import call_ups, rosters
from directory.usecases.access import check_own
from directory.usecases.call_volunteers import LINK_USE
from directory.usecases.run_call_up import find_call_up
from directory.usecases.take_shift import take_shift
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.personal_token import row_of
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work

_TABLE, _SHOWN = "call_up_person", 50


@dataclass(frozen=True)
class Availability:
    """What is said. Without times: for the whole of the call-up."""

    available: bool
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def answer_call_up(work: Work, caller: Caller, call_up_id: UUID, rpps: str, said: Availability) -> Record:
    """Stores what a professional says; the last answer counts.

    Raises Problem 403 `not_own_entry`, 404 `call_up_unknown`, `not_called`, 409 `call_up_over`, 422 `period_refused`.
    """
    check_own(caller, rpps)
    call_up = await find_call_up(work, call_up_id)
    if call_up["state"] != "open":
        raise Problem(409, "call_up_over", "The call-up is not open")
    person = or_404(
        await call_ups.person(work, call_up_id, rpps), "not_called", "This call-up does not call this professional"
    )
    return await _store(work, call_up, person, said, caller.subject)


async def open_call_up_link(work: Work, keyring: Keyring, token: str) -> Record:
    """What the link asks, of whom. Changes nothing. Raises Problem 404 (altered) or 410 (closed)."""
    row = await row_of(work, keyring, LINK_USE, token, call_ups.by_link)
    if row["call_up_state"] != "open" or row["needed_until"] <= work.now:
        raise Problem(410, "call_up_over", "The call-up is closed: answers by link no longer count")
    return row


async def answer_by_call_up_link(work: Work, keyring: Keyring, token: str, said: Availability) -> Record:
    """Stores the answer, the last one counts. Raises Problem 404, 410 or 422."""
    link = await open_call_up_link(work, keyring, token)
    await _store(work, link, link, said, f"link:{link['rpps']}")
    return await open_call_up_link(work, keyring, token)


async def take_shift_by_link(work: Work, keyring: Keyring, token: str, shift_id: UUID) -> Record:
    """A seat of the roster that the call-up fills, for who holds the link. Raises Problem 404, 409, 410."""
    link = await open_call_up_link(work, keyring, token)
    shift = await rosters.shift(work, shift_id)
    if shift is None or shift["roster_id"] != link["roster_id"]:
        raise Problem(404, "shift_unknown", "This call-up has no such shift")
    holder = Caller(f"link:{link['rpps']}", work.territory, frozenset(), rpps=link["rpps"])
    return await take_shift(work, holder, shift_id, link["rpps"])


async def free_shifts(work: Work, link: Record) -> list[Record]:
    """Shifts to come of the roster with a free seat for the profession of who holds the link."""
    if link["roster_id"] is None or not link["available"]:
        return []
    found = await rosters.shifts(work, link["roster_id"], since=work.now, free=True, limit=_SHOWN)
    return [it for it in found if not it["professions"] or set(it["professions"]) & set(link["professions"])]


async def _store(work: Work, call_up: Record, person: Record, said: Availability, by: str) -> Record:
    starts, ends = said.starts_at or call_up["needed_from"], said.ends_at or call_up["needed_until"]
    if said.available and not call_up["needed_from"] <= starts < ends <= call_up["needed_until"]:
        raise field_problem("from", "period_refused", "Within the time of the call-up, the end after the beginning")
    values = {
        "available": said.available,
        "available_from": starts if said.available else None,
        "available_until": ends if said.available else None,
    }
    if person["answered_at"] is not None and all(person[name] == value for name, value in values.items()):
        return person
    return await rows.change(work, _TABLE, person["id"], by, **values, answered_at=work.now, answered_by=by)
