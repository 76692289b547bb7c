"""Validated time was wrong: the difference is a line of its own, which the next batch pays or takes back."""

from uuid import UUID

from directory.domain.indemnities import Ceilings, IndemnityRules, amount_of
from directory.domain.payments import correction
from directory.store import payments
from directory.usecases.find_time import find_decidable
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work


async def correct_time(
    work: Work,
    caller: Caller,
    rules: IndemnityRules,
    ceilings: Ceilings,
    *,
    indemnity_id: UUID,
    minutes: int,
    reason: str,
) -> Record:
    """What stands is never rewritten: `minutes` are those that were right (0: none), at the rate of the validation.

    Raises Problem 403 `own_time`, 404, 409 `not_approved`, `ceiling_unknown`, `nothing_changes`.
    """
    row = await find_decidable(work, caller, indemnity_id)
    if row["state"] not in ("approved", "paid"):
        raise Problem(409, "not_approved", f"It is {row['state']}: decide on it, or declare anew")
    year = row["day"].year
    await payments.lock_year(work, row["rpps"], year)
    cap = rules.cap(ceilings, year)
    if cap is None:
        raise Problem(409, "ceiling_unknown", f"The ceiling of social security (PASS) of {year} is not known")
    stands = await payments.standing(work, indemnity_id)
    if stands["minutes"] == minutes:
        raise Problem(409, "nothing_changes", f"It is {minutes} minutes already")
    room = cap - await payments.used(work, row["rpps"], year)
    change = correction(stands["amount"], stands["payable"], amount_of(row["per_hour"], minutes), room)
    values = {"indemnity_id": indemnity_id, "rpps": row["rpps"], "day": row["day"], "mission": row["mission"]}
    amounts = {"amount": change.amount, "payable": change.payable, "cut_reason": change.cut_reason}
    return await rows.add(
        work, "indemnity_correction", caller.subject, **values, minutes=minutes, reason=reason, **amounts
    )
