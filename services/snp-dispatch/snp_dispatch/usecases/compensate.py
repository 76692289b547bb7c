"""What is owed for unhonoured slots (*SNP non honorés*), by practitioner and period."""

from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.compensation import CompensationRules, Line, Missed, lines
from snp_dispatch.domain.period import Period, period_of
from snp_dispatch.store import compensations
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access


@dataclass(frozen=True)
class Owed:
    """One practitioner in the period. Unfilled slots stand beside the money and are never part of it."""

    rpps: str
    name: str
    lines: list[Line]
    unfilled_slots: int

    @property
    def amount(self) -> Decimal:
        return sum((it.amount for it in self.lines), Decimal("0.00"))

    @property
    def owed(self) -> Decimal:
        return sum((it.owed for it in self.lines), Decimal("0.00"))


@dataclass(frozen=True)
class Statement:
    """The whole period. `practitioners` is empty where the rule is off."""

    period: Period
    rules: CompensationRules
    cap: Decimal | None
    practitioners: list[Owed]


async def compensate(work: Work, rules: Rules, caller: Caller, text: str) -> Statement:
    """Computed anew from the visits each time: an outcome that is taken back is owed no more.

    A practitioner sees their own. Raises Problem 409 `ceiling_unknown` when the PASS of the year is not known.
    """
    zone = rules.zones.of(rules.territories[work.territory].somewhere)
    period, rule = period_of(text, zone), rules.compensation(work.territory)
    if not rule.enabled:
        return Statement(period, rule, None, [])
    cap = rule.cap(rules.ceilings, period.year)
    if cap is None:
        raise Problem(409, "ceiling_unknown", f"The PASS of {period.year} is not known: add it to the reference file")
    rpps = (caller.rpps or "") if access.works_alone(caller) else None
    # From January: what was owed before the period has used up part of the cap.
    missed = await compensations.missed(work, period.year_start, period.end, rpps)
    unfilled = await compensations.unfilled(work, period.start, period.end, rpps, rule)
    return Statement(period, rule, cap, _practitioners(rule, cap, period, missed, unfilled))


def _practitioners(
    rule: CompensationRules, cap: Decimal, period: Period, missed: list[Record], unfilled: list[Record]
) -> list[Owed]:
    """By RPPS; those with nothing to pay and nothing unfilled are left out."""
    names = {row["effector_id"]: row["name"] for row in (*missed, *unfilled)}
    empty = {row["effector_id"]: row["slots"] for row in unfilled}
    first = period.start.date()
    found = []
    for rpps, name in sorted(names.items()):
        visits = [missed_of(row, period.start.tzinfo) for row in missed if row["effector_id"] == rpps]
        inside = [line for line in lines(rule, cap, visits) if line.day >= first]
        if inside or rpps in empty:
            found.append(Owed(rpps, name, inside, empty.get(rpps, 0)))
    return found


def missed_of(row: Record, zone: tzinfo | None) -> Missed:
    """A missed visit, its day by the clock of the territory."""
    return Missed(
        booking_id=row["booking_id"],
        profession=row["profession"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        day=row["starts_at"].astimezone(zone).date(),
        audience=frozenset(row["audience"]),
        absent=row["absent"],
    )
