"""The directory pays what the dispatch says a missed visit is worth: one place knows the ceiling of a person."""

from decimal import Decimal

from contracts.snp_dispatch import CompensationValued
from directory.store import payments
from kit.work import Work

BY = "snp-dispatch"


async def keep_claim(work: Work, told: CompensationValued, version: int) -> None:
    """The last telling counts; an amount of 0 takes the claim back (docs/adr/0033)."""
    cap = told.yearly_cap_cents
    values = {
        "rpps": told.rpps,
        "day": told.day,
        "amount": _euros(told.amount_cents),
        "own_cap": None if cap is None else _euros(cap),
        "final_on": told.final_on,
        "rules_version": told.rules_version,
        "told_version": version,
    }
    await payments.keep_claim(work, told.booking_id, values, BY)


def _euros(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
