"""The statement of a person and year: declared, owed, paid, and what the ceiling cut."""

from dataclasses import dataclass
from decimal import Decimal

from directory.domain.indemnities import Ceilings, IndemnityRules
from directory.store import indemnities, payments
from directory.usecases.find_time import whose
from kit.auth import Caller
from kit.work import Record, Work


@dataclass(frozen=True)
class Statement:
    """What one person declared in a calendar year, and what of it is owed, paid, over the cap. Euros."""

    rpps: str
    year: int
    cap: Decimal | None
    lines: list[Record]

    def total(self, column: str, *states: str) -> Decimal:
        return sum((row[column] for row in self.lines if row["state"] in states), Decimal("0.00"))


@dataclass(frozen=True)
class Ceiling:
    """The one ceiling of a person and year, whatever the money is for: each entry with what was cut and why."""

    rpps: str
    year: int
    ceiling: Decimal | None
    cap: Decimal | None
    entries: list[Record]
    waiting: list[Record]

    @property
    def used(self) -> Decimal:
        return sum((row["payable"] for row in self.entries), Decimal("0.00"))

    @property
    def left(self) -> Decimal | None:
        return None if self.cap is None else max(Decimal("0.00"), self.cap - self.used)


async def state_year(
    work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, *, rpps: str, year: int
) -> Statement:
    """The statement of a person and year; a practitioner's own. Raises Problem 403."""
    who = whose(caller, rpps)
    lines = await indemnities.search(work, rpps=who, state=None, year=year, after=None, limit=None)
    return Statement(rpps, year, rules.cap(ceilings, year), lines)


async def show_ceiling(
    work: Work, caller: Caller, rules: IndemnityRules, ceilings: Ceilings, *, rpps: str, year: int
) -> Ceiling:
    """What of the ceiling is used by indemnities, corrections and paid compensations; what waits to be paid.

    A practitioner's own. Raises Problem 403.
    """
    whose(caller, rpps)
    entries = await payments.entries(work, rpps, year)
    waiting = await payments.waiting_claims(work, rpps, year)
    return Ceiling(rpps, year, ceilings.yearly.get(year), rules.cap(ceilings, year), entries, waiting)
