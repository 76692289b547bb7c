"""Declared time is validated: what it is worth, and what of it lies under the ceiling of the year."""

from uuid import UUID

from contracts.directory import IndemnityApproved
from directory.domain.indemnities import Ceilings, IndemnityRules, amount_of
from directory.domain.payments import under
from directory.store import indemnities, payments
from directory.usecases.find_time import find_decidable
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work


async def approve_time(
    work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, indemnity_id: UUID
) -> Record:
    """Sets the amount by the rate of the day; what is over the ceiling of the year is shown and never paid.

    Raises Problem 403 `own_time`, 404, 409 `decided_already`, `conditions_unmet`, `no_rate`, `ceiling_unknown`.
    """
    row = await find_decidable(work, caller, indemnity_id)
    if row["state"] != "declared":
        raise Problem(409, "decided_already", f"It is {row['state']}")
    year = row["day"].year
    await payments.lock_year(work, row["rpps"], year)
    await _check_conditions(work, rules, row)
    rate, cap = rules.rate(row["profession"], row["mission"], row["day"]), rules.cap(ceilings, year)
    if rate is None or row["mission"] not in rules.missions:
        raise Problem(409, "no_rate", "No rate of the territory holds for this profession, mission and day")
    if cap is None:
        raise Problem(409, "ceiling_unknown", f"The ceiling of social security (PASS) of {year} is not known")
    amount = amount_of(rate.per_hour, row["minutes"])
    owed = under(amount, cap - await payments.used(work, row["rpps"], year))
    kind = rules.missions[row["mission"]].kind
    values = {"state": "approved", "kind": kind, "per_hour": rate.per_hour, "rules_version": rules.version}
    approved = await rows.change(work, indemnities.TABLE, indemnity_id, caller.subject, **values, **vars(owed))
    _tell(work, approved)
    return approved


def _tell(work: Work, approved: Record) -> None:
    names = ("kind", "mission", "profession", "day", "minutes")
    told = IndemnityApproved(indemnity_id=approved["id"], **{name: approved[name] for name in names})
    work.emit(told, version=approved["version"])


async def _check_conditions(work: Work, rules: IndemnityRules, row: Record) -> None:
    member = await indemnities.standing(work, row["rpps"], row["day"], row["day"].year)
    unmet = ["membership"] if member is None else rules.unmet(**dict(member))
    if unmet:
        raise Problem(409, "conditions_unmet", f"Not fulfilled: {', '.join(unmet)}", unmet=unmet)
