"""Paying what is owed: one ceiling a person and year, batches of a month or quarter. Euros in cents."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

PERIOD = r"^20[0-9]{2}-(0[1-9]|1[0-2]|Q[1-4])$"
"""`2026-03` or `2026-Q1`."""

LineKind = Literal["indemnity", "correction", "compensation", "reversal"]
"""Validated time; the difference when it was wrong; a reserved slot whose patient did not come; one taken back."""

YEARLY_CEILING, OWN_CAP = "yearly_ceiling", "own_cap"
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Span:
    """A month or quarter; both days belong to it."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Owed:
    """What of an amount is paid, and why not all of it."""

    amount: Decimal
    payable: Decimal
    cut_reason: str | None


def span_of(period: str) -> Span:
    """The days of a period of the form PERIOD. Raises ValueError for another text."""
    if not re.match(PERIOD, period):
        raise ValueError("not a month or quarter")
    year, part = int(period[:4]), period[5:]
    months = 3 if part.startswith("Q") else 1
    start = (int(part[1:]) - 1) * 3 + 1 if months == 3 else int(part)
    after = start + months
    following = date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1)
    return Span(period, date(year, start, 1), following - timedelta(days=1))


def under(amount: Decimal, room: Decimal, own_room: Decimal | None = None) -> Owed:
    """What of the amount lies under the ceiling (`room` is left of it) and under the cap of its own kind, if any."""
    room = max(NOTHING, room)
    if own_room is not None and (own_room := max(NOTHING, own_room)) < min(amount, room):
        return Owed(amount, own_room, OWN_CAP)
    return Owed(amount, room, YEARLY_CEILING) if room < amount else Owed(amount, amount, None)


def correction(amount: Decimal, payable: Decimal, right: Decimal, room: Decimal) -> Owed:
    """The difference to what stands (`amount`, `payable`) when `right` is the amount, `room` being left."""
    now = under(right, payable + max(NOTHING, room))
    return Owed(right - amount, now.payable - payable, now.cut_reason)
