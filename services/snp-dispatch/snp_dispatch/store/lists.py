"""Lists of calls and bookings for desks: any mix of filters, one statement by index, page by page.

The statement has only the conditions that were asked for. With `$n IS NULL OR ...` for each filter,
PostgreSQL could not choose the index that a filter has.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.store.rows import Row

Order = Literal["received", "deadline"]
Position = tuple[datetime, UUID] | None
"""Sort key of the last row that the client has."""

_WAITS = ("open", "waiting")
AWAITING = "c.state IN ('open', 'waiting')"
_STATE_NOW = f"CASE WHEN {AWAITING} AND c.deadline <= $1 THEN 'expired' ELSE c.state END"
_CALLS = "SELECT c.* FROM call c"
# The page first, then its bookings.
_SHOWN = f"""
SELECT c.id, {_STATE_NOW} AS state, c.origin, c.received_at, c.deadline, c.need, c.patient, c.caller, c.outcome,
       b.id AS booking_id
  FROM (%s) c LEFT JOIN booking b ON b.call_id = c.id AND b.state <> 'cancelled' ORDER BY %s
"""
_BOOKINGS = "SELECT b.* FROM booking b"


@dataclass(frozen=True)
class CallFilter:
    """What a list of calls is narrowed to; a field left out narrows nothing."""

    since: datetime | None = None
    until: datetime | None = None
    deadline_before: datetime | None = None
    states: list[str] | None = None
    waiting: bool = False
    origin: str | None = None
    organisation: str | None = None
    commune: str | None = None
    profession: str | None = None
    specialty: str | None = None
    client: str | None = None
    order: Order = "received"


@dataclass(frozen=True)
class BookingFilter:
    """What a list of bookings is narrowed to; a field left out narrows nothing."""

    since: datetime | None = None
    until: datetime | None = None
    effector_id: str | None = None
    states: list[str] | None = None
    call_id: UUID | None = None
    commune: str | None = None
    origin: str | None = None
    organisation: str | None = None


@dataclass
class _Statement:
    """Conditions that were asked for, with their parameters. Conditions are texts of this file, never of a client."""

    args: list[Any]
    conditions: list[str] = field(default_factory=list)

    def where(self, condition: str, *values: Any) -> None:
        """Adds a condition, `?` standing for the values in turn; nothing when the first of them is None."""
        if values and values[0] is None:
            return
        for value in values:
            self.args.append(value)
            condition = condition.replace("?", f"${len(self.args)}", 1)
        self.conditions.append(condition)

    def text(self, select: str, order: str, limit: int) -> str:
        self.args.append(limit)
        return f"{select} WHERE {' AND '.join(self.conditions)} ORDER BY {order} LIMIT ${len(self.args)}"


async def calls(work: Work, wanted: CallFilter, after: Position, limit: int) -> list[Row]:
    """Calls, the latest first, or by `order="deadline"` the most urgent first."""
    sql, args = calls_statement(work.territory, work.now, wanted, after, limit)
    return [dict(row) for row in await work.fetch(sql, *args)]


async def bookings(work: Work, wanted: BookingFilter, after: Position, limit: int) -> list[Record]:
    """Bookings in order of start."""
    sql, args = bookings_statement(work.territory, wanted, after, limit)
    return await work.fetch(sql, *args)


def calls_statement(
    territory: str, now: datetime, wanted: CallFilter, after: Position, limit: int
) -> tuple[str, list[Any]]:
    """The statement of a list of calls and its parameters."""
    sql = _Statement([now])
    sql.where("c.territory = ?", territory)
    sql.where("c.received_at >= ?", wanted.since)
    sql.where("c.received_at < ?", wanted.until)
    sql.where("c.deadline < ?", wanted.deadline_before)
    _in_state(sql, wanted.states)
    if wanted.waiting:
        sql.where(f"{AWAITING} AND c.deadline > $1")
    sql.where("c.origin = ?", wanted.origin)
    sql.where("c.organisation = ?", wanted.organisation)
    sql.where("c.commune = ?", wanted.commune)
    sql.where("c.profession = ?", wanted.profession)
    sql.where("c.specialty = ?", wanted.specialty)
    sql.where("c.client = ?", wanted.client)
    if wanted.order == "deadline":
        sql.where("(c.deadline, c.id) > (?, ?::uuid)", *(after or (None,)))
        order = "c.deadline, c.id"
    else:
        sql.where("(c.received_at, c.id) < (?, ?::uuid)", *(after or (None,)))
        order = "c.received_at DESC, c.id DESC"
    return _SHOWN % (sql.text(_CALLS, order, limit), order), sql.args


def _in_state(sql: _Statement, states: list[str] | None) -> None:
    """Its state as it stands now: past its deadline a call that waits is expired, swept or not.

    Said by plain columns rather than by the CASE of the answer, of which PostgreSQL knows no frequencies.
    """
    if states is None:
        return
    settled = [state for state in states if state not in _WAITS]
    waits = [state for state in states if state in _WAITS]
    overdue = f" OR ({AWAITING} AND c.deadline <= $1)" if "expired" in states else ""
    sql.where(
        f"(c.state = ANY (?::text[]) OR (c.state = ANY (?::text[]) AND c.deadline > $1){overdue})", settled, waits
    )


def bookings_statement(territory: str, wanted: BookingFilter, after: Position, limit: int) -> tuple[str, list[Any]]:
    """The statement of a list of bookings and its parameters."""
    sql = _Statement([])
    sql.where("b.territory = ?", territory)
    sql.where("b.starts_at >= ?", wanted.since)
    sql.where("b.starts_at < ?", wanted.until)
    sql.where("b.effector_id = ?", wanted.effector_id)
    sql.where("b.state = ANY (?::text[])", wanted.states)
    sql.where("b.call_id = ?", wanted.call_id)
    sql.where("b.commune = ?", wanted.commune)
    sql.where("b.origin = ?", wanted.origin)
    sql.where("c.organisation = ?", wanted.organisation)
    sql.where("(b.starts_at, b.id) > (?, ?::uuid)", *(after or (None,)))
    joined = " JOIN call c ON c.id = b.call_id" if wanted.organisation is not None else ""
    return sql.text(_BOOKINGS + joined, "b.starts_at, b.id", limit), sql.args
