"""What a missed visit is worth is told with its outcome, for the directory, which pays under the ceiling of the person.

The list of compensations stays as it is: computed from the visits each time (compensate.py).
"""

from datetime import timedelta
from decimal import Decimal

from contracts.snp_dispatch import CompensationValued
from kit.work import Record, Work
from snp_dispatch.domain.compensation import worth
from snp_dispatch.store import compensations
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.compensate import missed_of
from snp_dispatch.usecases.problems import policy_of


async def worth_of(work: Work, rules: Rules, booking: Record) -> Decimal | None:
    """Of a visit that is missed now, in euros; None when it is not paid for."""
    rule = rules.compensation(work.territory)
    if not rule.enabled or (row := await compensations.missed_visit(work, booking["id"])) is None:
        return None
    return worth(rule, missed_of(row, rules.zones.of(rules.territories[work.territory].somewhere)))


def tell_worth(work: Work, rules: Rules, booking: Record, amount: Decimal) -> None:
    """Tells what it is worth from now on: 0 once the outcome is taken back."""
    rule, zone = rules.compensation(work.territory), rules.zones.of(rules.territories[work.territory].somewhere)
    undo = timedelta(days=policy_of(rules, work.territory, work.now).outcome_undo_days)
    told = CompensationValued(
        booking_id=booking["id"],
        rpps=booking["effector_id"],
        day=booking["starts_at"].astimezone(zone).date(),
        amount_cents=int(amount * 100),
        yearly_cap_cents=None if rule.yearly_cap is None else int(rule.yearly_cap * 100),
        final_on=(booking["ends_at"] + undo).astimezone(zone).date() + timedelta(days=1),
        rules_version=rule.version,
    )
    work.emit(told, version=booking["version"])
