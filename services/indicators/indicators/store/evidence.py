"""The facts behind a figure: the counted units, and for each the events that prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from indicators.domain.catalogue import Count
from indicators.domain.periods import Period
from indicators.store.language import Rows, rows_of
from kit.work import Work

SHOWN = 10
"""Facts that are listed with a unit; all of them are in the unit's own list."""

_COLUMNS = "event_id, type, subject, version, occurred_at, arrived_at, slot_id, call_id, booking_id"


@dataclass(frozen=True)
class Proof:
    """One fact that proves a counted unit."""

    event_id: UUID
    type: str
    subject: str
    version: int
    occurred_at: datetime
    arrived_at: datetime
    slot_id: UUID | None
    call_id: UUID | None
    booking_id: UUID | None


@dataclass(frozen=True)
class CountedUnit:
    """One thing that was counted, how many facts prove it, and the newest of them."""

    unit: str
    facts: int
    newest: tuple[Proof, ...]


async def units(work: Work, count: Count, period: Period, after: str | None, limit: int) -> list[CountedUnit]:
    """The next `limit` counted units after `after`, in the order of their names, with their newest facts."""
    rows = rows_of(count, work.territory, period)
    names = await _names(work, count, period, after, limit)
    wanted = rows.parameter(names)
    proofs = _proofs(count, rows, f"{rows.unit} = ANY({wanted}::text[])")
    found = await work.fetch(
        f"SELECT * FROM (SELECT unit, {_COLUMNS}, count(*) OVER one AS facts, "
        "row_number() OVER (one ORDER BY occurred_at DESC, event_id) AS place "
        f"FROM ({proofs}) AS proofs WINDOW one AS (PARTITION BY unit)) AS placed "
        f"WHERE place <= {SHOWN} ORDER BY unit, place",
        *rows.args,
    )
    by_unit: dict[str, list[Any]] = {name: [] for name in names}
    for row in found:
        by_unit[row["unit"]].append(row)
    return [
        CountedUnit(name, items[0]["facts"] if items else 0, tuple(_proof(item) for item in items))
        for name, items in by_unit.items()
    ]


async def facts_of(
    work: Work, count: Count, period: Period, *, unit: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[Proof]:
    """The next `limit` facts that prove one unit, oldest first; none when it was not counted."""
    rows = rows_of(count, work.territory, period)
    proofs = _proofs(count, rows, f"{rows.unit} = {rows.parameter(unit)}")
    start = ""
    if after is not None:
        start = f"WHERE (occurred_at, event_id) > ({rows.parameter(after[0])}, {rows.parameter(after[1])}) "
    found = await work.fetch(
        f"SELECT {_COLUMNS} FROM ({proofs}) AS proofs {start}ORDER BY occurred_at, event_id LIMIT {limit}", *rows.args
    )
    return [_proof(row) for row in found]


async def total(work: Work, count: Count, period: Period) -> int:
    """How many facts prove what was counted, each once."""
    rows = rows_of(count, work.territory, period)
    proofs = _proofs(count, rows, "true")
    found: int = await work.fetchval(f"SELECT count(DISTINCT event_id) FROM ({proofs}) AS proofs", *rows.args)
    return found


@dataclass(frozen=True)
class Seal:
    """How many facts prove a count, and the SHA-256 of their ids in order: what it stood on can be checked later."""

    count: int
    digest: str


async def seal(work: Work, count: Count, period: Period) -> Seal:
    """The facts behind all that was counted, each once."""
    rows = rows_of(count, work.territory, period)
    (row,) = await work.fetch(
        "SELECT count(*) AS facts, "
        "encode(sha256(coalesce(string_agg(uuid_send(event_id), ''::bytea ORDER BY event_id), '')), 'hex') AS digest "
        f"FROM (SELECT DISTINCT event_id FROM ({_proofs(count, rows, 'true')}) AS proofs) AS facts",
        *rows.args,
    )
    return Seal(row["facts"], row["digest"])


def together(seals: Sequence[Seal]) -> Seal:
    """One seal of several counts: of one it is that one, of more the SHA-256 of their digests."""
    if len(seals) == 1:
        return seals[0]
    return Seal(sum(item.count for item in seals), sha256("".join(item.digest for item in seals).encode()).hexdigest())


async def _names(work: Work, count: Count, period: Period, after: str | None, limit: int) -> list[str]:
    rows = rows_of(count, work.territory, period)
    start = f"AND {rows.unit} > {rows.parameter(after)}" if after is not None else ""
    found = await work.fetch(
        f"SELECT DISTINCT {rows.unit} AS unit {rows.sql} {start} ORDER BY unit LIMIT {limit}", *rows.args
    )
    return [row["unit"] for row in found]


def _proofs(count: Count, rows: Rows, scope: str) -> str:
    """Facts of the counted rows in `scope`. Those of a booking that is cancelled, or has left, prove nothing."""
    key, kinds = rows.place.key, rows.parameter(list(count.proofs))
    columns = ", ".join(f"fact.{name.strip()}" for name in _COLUMNS.split(","))
    found = (
        f"SELECT counted.unit, {columns} FROM (SELECT {rows.unit} AS unit, {key} {rows.sql} AND {scope}) AS counted "
        f"JOIN fact ON fact.territory = $1 AND fact.{key} = counted.{key} AND fact.kind = ANY({kinds}::text[])"
    )
    if not rows.place.visits:
        return found
    return (
        f"{found} WHERE fact.booking_id IS NULL OR EXISTS (SELECT FROM booking_fact WHERE booking_fact.territory = $1 "
        f"AND booking_fact.booking_id = fact.booking_id AND booking_fact.{key} = counted.{key} "
        "AND booking_fact.state <> 'cancelled')"
    )


def _proof(row: Any) -> Proof:
    return Proof(**{name.strip(): row[name.strip()] for name in _COLUMNS.split(",")})
