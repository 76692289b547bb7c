"""Time spent for the CPTS: declared by the professional, validated or refused by the coordinator, paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.directory import IndemnityApproved
from directory.domain.as_of import paris_day
from directory.domain.indemnities import Ceilings, IndemnityRules, amount_of, payable
from directory.store import indemnities
from directory.usecases.access import COORDINATOR
from directory.usecases.show_professional import find_professional
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work

_ALL = 10_000


@dataclass(frozen=True)
class Statement:
    """What one person declared in a calendar year, and what of it is owed, paid, over the cap. Euros."""

    rpps: str
    year: int
    cap: Decimal | None
    lines: list[Record]

    def total(self, column: str, *states: str) -> Decimal:
        return sum((row[column] for row in self.lines if row["state"] in states), Decimal("0.00"))


async def declare_time(
    work: Work, caller: Caller, rules: IndemnityRules, *, rpps: str, mission: str, day: date, minutes: int
) -> Record:
    """A practitioner declares their own time, a coordinator anyone's. Raises Problem 403 `not_own_entry`, 409, 422."""
    if caller.role != COORDINATOR and caller.rpps != rpps:
        raise Problem(403, "not_own_entry", "Only a coordinator declares the time of somebody else")
    if not rules.missions:
        raise Problem(409, "no_missions", "indemnities.yaml of the territory names no missions")
    if mission not in rules.missions:
        raise field_problem("mission", "mission_unknown", f"One of {', '.join(rules.missions)}")
    if day > paris_day(work.now):
        raise field_problem("day", "in_the_future", "Time is declared once it is spent")
    person = await find_professional(work, rpps)
    values = {"rpps": rpps, "profession": person["profession"], "mission": mission, "day": day, "minutes": minutes}
    return await find_time(work, await indemnities.add(work, values, caller.subject))


async def find_time(work: Work, indemnity_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    found = await indemnities.find(work, indemnity_id, lock=lock)
    if found is None:
        raise Problem(404, "indemnity_unknown", "No such declaration on this territory")
    return found


async def approve_time(
    work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, indemnity_id: UUID
) -> Record:
    """Sets the amount by the rate of the day; what is over the cap of the year is shown and never paid.

    Raises Problem 403 `own_time`, 404, 409 `decided_already`, `conditions_unmet`, `no_rate`, `ceiling_unknown`.
    """
    row = await _declared(work, caller, indemnity_id)
    year = row["day"].year
    await indemnities.lock_year(work, row["rpps"], year)
    await _check_conditions(work, rules, row)
    rate, cap = rules.rate(row["profession"], row["mission"], row["day"]), rules.cap(ceilings, year)
    if rate is None or row["mission"] not in rules.missions:
        raise Problem(409, "no_rate", "No rate of the territory holds for this profession, mission and day")
    if cap is None:
        raise Problem(409, "ceiling_unknown", f"The ceiling of social security (PASS) of {year} is not known")
    amount = amount_of(rate, row["minutes"])
    owed = payable(amount, await indemnities.payable_in(work, row["rpps"], year), cap)
    kind = rules.missions[row["mission"]].kind
    values = {"state": "approved", "kind": kind, "per_hour": rate.per_hour, "amount": amount, "payable": owed}
    await indemnities.change(work, indemnity_id, {**values, "rules_version": rules.version}, caller.subject)
    approved = await find_time(work, indemnity_id)
    work.emit(
        IndemnityApproved(
            indemnity_id=indemnity_id,
            kind=kind,
            mission=row["mission"],
            profession=row["profession"],
            day=row["day"],
            minutes=row["minutes"],
        ),
        version=approved["version"],
    )
    return approved


async def refuse_time(work: Work, caller: Caller, indemnity_id: UUID, reason: str) -> Record:
    """Raises Problem 403 `own_time`, 404, 409 `decided_already`."""
    await _declared(work, caller, indemnity_id)
    await indemnities.change(work, indemnity_id, {"state": "refused", "reason": reason}, caller.subject)
    return await find_time(work, indemnity_id)


async def mark_paid(work: Work, caller: Caller, indemnity_id: UUID, paid_on: date) -> Record:
    """The bank transfer was made. Raises Problem 404, 409 `not_approved`, 422."""
    row = await find_time(work, indemnity_id, lock=True)
    if row["state"] != "approved":
        raise Problem(409, "not_approved", f"It is {row['state']}")
    if paid_on > paris_day(work.now):
        raise field_problem("paid_on", "in_the_future", "Paid today at the latest")
    await indemnities.change(work, indemnity_id, {"state": "paid", "paid_on": paid_on}, caller.subject)
    return await find_time(work, indemnity_id)


async def list_time(
    work: Work, caller: Caller, *, rpps: str | None, state: str | None, year: int | None, after: UUID | None, limit: int
) -> list[Record]:
    """A practitioner sees their own. One more than `limit` when there are more. Raises Problem 403."""
    mine = rpps if caller.role == COORDINATOR else _own(caller, rpps)
    return await indemnities.search(work, rpps=mine, state=state, year=year, after=after, limit=limit + 1)


async def state_year(
    work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, *, rpps: str, year: int
) -> Statement:
    """The statement of a person and year; a practitioner's own. Raises Problem 403."""
    who = rpps if caller.role == COORDINATOR else _own(caller, rpps)
    lines = await indemnities.search(work, rpps=who, state=None, year=year, after=None, limit=_ALL)
    return Statement(rpps, year, rules.cap(ceilings, year), lines)


def _own(caller: Caller, rpps: str | None) -> str:
    if caller.rpps is None or rpps not in (None, caller.rpps):
        raise Problem(403, "not_own_entry", "Only a coordinator sees the time of somebody else")
    return caller.rpps


async def _declared(work: Work, caller: Caller, indemnity_id: UUID) -> Record:
    row = await find_time(work, indemnity_id, lock=True)
    if caller.rpps == row["rpps"] or caller.subject == row["declared_by"]:
        raise Problem(403, "own_time", "Somebody else decides on one's own time, and on what one declared oneself")
    if row["state"] != "declared":
        raise Problem(409, "decided_already", f"It is {row['state']}")
    return row


async def _check_conditions(work: Work, rules: IndemnityRules, row: Record) -> None:
    member = await indemnities.standing(work, row["rpps"], row["day"], row["day"].year)
    unmet = ["membership"] if member is None else rules.unmet(**dict(member))
    if unmet:
        raise Problem(409, "conditions_unmet", f"Not fulfilled: {', '.join(unmet)}", unmet=unmet)
