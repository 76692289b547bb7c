"""A member takes a seat: on the board for a college, in the bureau, in a commission."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from directory.domain.association import BOARD, BUREAU, Association, years_later
from directory.domain.mandates import REFERENT, SEAT, Candidate, Sitting, refusal
from directory.store import mandates, members
from directory.usecases.find_member import find_member
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work


@dataclass(frozen=True)
class Seat:
    """What is asked: a body, a role in it, from when until before when (None: as the rules say)."""

    member_id: UUID
    body: str
    role: str
    started_on: date
    ends_on: date | None = None


async def start_mandate(work: Work, caller: Caller, keyring: Keyring, rules: Association, asked: Seat) -> Record:
    """Raises Problem 404 (member), 409 with the rule that refuses, 422 (body, role, day)."""
    _check(rules, asked)
    # Board before bureau, always: who ends a seat of the board ends that of the bureau in the same order.
    await members.lock_body(work, BOARD if asked.body == BUREAU else asked.body)
    member = await find_member(work, keyring, asked.member_id, lock=True)
    if not member.stands_on(asked.started_on):
        raise Problem(409, "not_a_member", "This person is not a member on the day the mandate begins")
    person: bytes = member.person
    own_seat = await _board_seat(work, asked)
    had = await mandates.board_mandates(work, person)
    candidate = Candidate(str(member.id), member.kind, member.college, had, own_seat["ends_on"] if own_seat else None)
    running = await mandates.running(work, asked.body, asked.started_on)
    sitting = [Sitting(str(row["member_id"]), row["role"], row["college"]) for row in running]
    if refused := refusal(rules, asked.body, asked.role, candidate, sitting):
        raise Problem(409, refused.code, refused.detail)
    return await rows.add(
        work,
        "mandate",
        caller.subject,
        **vars(asked) | {"ends_on": _end(rules, asked, own_seat)},
        person=person,
        college=member.college,
        number=had + 1 if asked.body == BOARD else 1,
        rules_version=rules.version,
    )


async def find_mandate(work: Work, mandate_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, "mandate", mandate_id, lock=lock), "mandate_unknown")


def _check(rules: Association, asked: Seat) -> None:
    kind = rules.bodies().get(asked.body)
    if kind is None:
        known = ", ".join(rules.bodies()) or "none: the territory's association.yaml names no body"
        raise field_problem("body", "body_unknown", f"One of {known}")
    roles = {"board": (SEAT,), "bureau": tuple(rules.bureau)}.get(kind, (SEAT, REFERENT))
    if asked.role not in roles:
        raise field_problem("role", "role_unknown", f"One of {', '.join(roles)}")
    if asked.ends_on is not None and asked.ends_on <= asked.started_on:
        raise field_problem("ends_on", "not_after_start", "A mandate ends after it began")
    if asked.body == BOARD and rules.board and asked.ends_on is not None:
        latest = years_later(asked.started_on, rules.board.years)
        if asked.ends_on > latest:
            raise field_problem("ends_on", "too_long", f"A mandate of the board ends on {latest} at the latest")


async def _board_seat(work: Work, asked: Seat) -> Record | None:
    """The board seat that a function of the bureau rests on."""
    if asked.body != BUREAU:
        return None
    seats = await mandates.running(work, BOARD, asked.started_on)
    mine = (row for row in seats if row["member_id"] == asked.member_id and row["started_on"] <= asked.started_on)
    return next(mine, None)


def _end(rules: Association, asked: Seat, own_seat: Record | None) -> date | None:
    """Before which day the mandate ends: as asked, or as the rules say; a function of the bureau with the seat."""
    ends_on = asked.ends_on
    if ends_on is None and asked.body == BOARD and rules.board:
        ends_on = years_later(asked.started_on, rules.board.years)
    seat_ends = own_seat["ends_on"] if own_seat else None
    return min(filter(None, (ends_on, seat_ends)), default=None)
