"""Rows of payments: the ceiling of a person and year, corrections, compensations, batches."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kit import rows
from kit.work import Record, Work

_YEAR = "day >= make_date($3, 1, 1) AND day < make_date($3 + 1, 1, 1)"
# What counts under the ceiling: time when it is validated, its corrections, and compensations when a batch takes them.
_ENTRIES = f"""
SELECT 'indemnity' AS kind, id AS source_id, day, amount, payable, cut_reason FROM indemnity
 WHERE territory = $1 AND rpps = $2 AND {_YEAR} AND state IN ('approved', 'paid')
UNION ALL
SELECT 'correction', id, day, amount, payable, cut_reason FROM indemnity_correction
 WHERE territory = $1 AND rpps = $2 AND {_YEAR}
UNION ALL
SELECT kind, source_id, day, amount, payable, cut_reason FROM payment_line
 WHERE territory = $1 AND rpps = $2 AND {_YEAR} AND kind IN ('compensation', 'reversal')
"""
_NOT_PAID = (
    "NOT EXISTS (SELECT FROM payment_line l WHERE l.territory = {0}.territory AND l.kind = '{1}' AND l.source_id = {2})"
)
_DUE = {
    "indemnity": (
        "SELECT i.id AS source_id, i.rpps, i.mission, i.day, i.minutes, i.amount, i.payable, i.cut_reason, i.late "
        "FROM indemnity i WHERE i.territory = $1 AND i.state = 'approved' AND i.day <= $2 AND "
        + _NOT_PAID.format("i", "indemnity", "i.id")
        + " ORDER BY i.rpps, i.day, i.id"
    ),
    "correction": (
        "SELECT c.id AS source_id, c.rpps, c.mission, c.day, c.minutes, c.amount, c.payable, c.cut_reason, "
        "false AS late FROM indemnity_correction c WHERE c.territory = $1 AND c.day <= $2 AND "
        + _NOT_PAID.format("c", "correction", "c.id")
        + " ORDER BY c.rpps, c.day, c.id"
    ),
    "compensation": (
        "SELECT c.booking_id AS source_id, c.rpps, c.day, c.amount, c.own_cap FROM compensation_claim c "
        "WHERE c.territory = $1 AND c.day <= $2 AND c.amount > 0 AND c.final_on <= $3 AND "
        + _NOT_PAID.format("c", "compensation", "c.booking_id")
        + " ORDER BY c.rpps, c.day, c.booking_id"
    ),
    "reversal": (
        "SELECT c.booking_id AS source_id, c.rpps, c.day, -p.amount AS amount, -p.payable AS payable "
        "FROM compensation_claim c JOIN payment_line p ON p.territory = c.territory AND p.kind = 'compensation' "
        "AND p.source_id = c.booking_id WHERE c.territory = $1 AND c.amount = 0 AND "
        + _NOT_PAID.format("c", "reversal", "c.booking_id")
        + " ORDER BY c.rpps, c.day, c.booking_id"
    ),
}


async def lock_year(work: Work, rpps: str, year: int) -> None:
    """One at a time uses the ceiling of this person and year, until the end of the transaction."""
    await work.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"indemnity:{work.territory}:{rpps}:{year}"
    )


async def lock_batches(work: Work) -> None:
    """One at a time closes a batch of the territory, until the end of the transaction."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"payments:{work.territory}")


async def used(work: Work, rpps: str, year: int) -> Decimal:
    """What of the ceiling of this person and year is used."""
    total = f"SELECT coalesce(sum(payable), 0) FROM ({_ENTRIES}) e"
    return Decimal(await work.fetchval(total, work.territory, rpps, year))


async def entries(work: Work, rpps: str, year: int) -> list[Record]:
    """What uses the ceiling, by day, each with the number of the batch that pays it."""
    return await work.fetch(
        f"SELECT e.*, b.number AS batch FROM ({_ENTRIES}) e LEFT JOIN payment_line l ON l.territory = $1 "
        "AND l.kind = e.kind AND l.source_id = e.source_id LEFT JOIN payment_batch b ON b.id = l.batch_id "
        "ORDER BY e.day, e.kind, e.source_id",
        *(work.territory, rpps, year),
    )


async def compensated(work: Work, rpps: str, year: int) -> Decimal:
    """What of it went to unhonoured slots."""
    return Decimal(
        await work.fetchval(
            "SELECT coalesce(sum(payable), 0) FROM payment_line "
            f"WHERE territory = $1 AND rpps = $2 AND {_YEAR} AND kind IN ('compensation', 'reversal')",
            *(work.territory, rpps, year),
        )
    )


async def waiting_claims(work: Work, rpps: str, year: int) -> list[Record]:
    """Compensations that no batch has taken yet."""
    return await work.fetch(
        "SELECT c.booking_id, c.day, c.amount, c.final_on FROM compensation_claim c "
        f"WHERE c.territory = $1 AND c.rpps = $2 AND c.{_YEAR.replace('AND day', 'AND c.day')} AND c.amount > 0 AND "
        + _NOT_PAID.format("c", "compensation", "c.booking_id")
        + " ORDER BY c.day, c.booking_id",
        *(work.territory, rpps, year),
    )


async def standing(work: Work, indemnity_id: UUID) -> Record:
    """Minutes, amount and payable of validated time with its corrections."""
    (row,) = await work.fetch(
        "SELECT coalesce((SELECT minutes FROM indemnity_correction WHERE territory = $1 AND indemnity_id = $2 "
        "ORDER BY id DESC LIMIT 1), i.minutes) AS minutes, i.amount + coalesce(sum(c.amount), 0) AS amount, "
        "i.payable + coalesce(sum(c.payable), 0) AS payable FROM indemnity i LEFT JOIN indemnity_correction c "
        "ON c.territory = i.territory AND c.indemnity_id = i.id WHERE i.territory = $1 AND i.id = $2 "
        "GROUP BY i.minutes, i.amount, i.payable",
        *(work.territory, indemnity_id),
    )
    return row


async def keep_claim(work: Work, booking_id: UUID, values: dict[str, Any], by: str) -> None:
    """What a missed visit is worth now; an older telling than the last changes nothing."""
    columns = ("rpps", "day", "amount", "own_cap", "final_on", "rules_version", "told_version")
    told = ", ".join(f"{name} = excluded.{name}" for name in (*columns, "changed_at", "changed_by"))
    marks = ", ".join(f"${number}" for number in range(5, 5 + len(columns)))
    await work.execute(
        f"INSERT INTO compensation_claim AS c (territory, booking_id, changed_at, changed_by, {', '.join(columns)}, "
        f"version) VALUES ($1, $2, $3, $4, {marks}, 1) ON CONFLICT (territory, booking_id) DO UPDATE SET {told}, "
        "version = c.version + 1 WHERE c.told_version < excluded.told_version",
        *(work.territory, booking_id, work.now, by, *(values[name] for name in columns)),
    )


async def due(work: Work, kind: str, last_day: date, today: date, *, lock: bool) -> list[Record]:
    """What no batch has taken yet, up to that day; locked time is neither paid nor corrected meanwhile."""
    statement = _DUE[kind] + (" FOR UPDATE OF i" if lock and kind == "indemnity" else "")
    days = {"compensation": (last_day, today), "reversal": ()}.get(kind, (last_day,))
    return await work.fetch(statement, work.territory, *days)


async def last_batch(work: Work) -> Record | None:
    """The batch that was closed last."""
    return await work.fetchrow(
        "SELECT * FROM payment_batch WHERE territory = $1 ORDER BY number DESC LIMIT 1", work.territory
    )


async def add_lines(work: Work, batch_id: UUID, lines: Sequence[dict[str, Any]], by: str) -> None:
    """The lines of a batch; the database refuses what another batch has."""
    columns = ("kind", "source_id", "rpps", "mission", "day", "minutes", "amount", "payable", "cut_reason", "late")
    marks = ", ".join(f"${number}" for number in range(6, 6 + len(columns)))
    await work.executemany(
        f"INSERT INTO payment_line (id, territory, batch_id, version, changed_at, changed_by, {', '.join(columns)}) "
        f"VALUES ($1, $2, $3, 1, $4, $5, {marks})",
        [
            (work.new_id(), work.territory, batch_id, work.now, by, *(line.get(name) for name in columns))
            for line in lines
        ],
    )


async def batches(work: Work, before: int | None, limit: int, until: datetime | None) -> list[Record]:
    """The latest first."""
    after = None if before is None else (before,)
    return await rows.listed(
        work, "payment_batch", [], order=("number",), latest_first=True, until=until, after=after, limit=limit
    )


async def lines(work: Work, batch_id: UUID, after: UUID | None, limit: int | None) -> list[Record]:
    """The lines of a batch with the names of those it pays."""
    return await work.fetch(
        "SELECT l.*, p.name FROM payment_line l LEFT JOIN professional p ON p.rpps = l.rpps "
        "WHERE l.territory = $1 AND l.batch_id = $2 AND ($3::uuid IS NULL OR l.id > $3) ORDER BY l.id LIMIT $4",
        *(work.territory, batch_id, after, limit),
    )


async def batch_of(work: Work, kind: str, source_id: UUID) -> int | None:
    """The number of the batch that has it."""
    found: int | None = await work.fetchval(
        "SELECT b.number FROM payment_line l JOIN payment_batch b ON b.id = l.batch_id "
        "WHERE l.territory = $1 AND l.kind = $2 AND l.source_id = $3",
        *(work.territory, kind, source_id),
    )
    return found


async def mark_paid(work: Work, batch_id: UUID, paid_on: date, by: str) -> None:
    """All validated time of a batch was paid."""
    await work.execute(
        "UPDATE indemnity i SET state = 'paid', paid_on = $3, version = i.version + 1, changed_at = $4, "
        "changed_by = $5 FROM payment_line l WHERE l.territory = $1 AND l.batch_id = $2 AND l.kind = 'indemnity' "
        "AND i.territory = l.territory AND i.id = l.source_id AND i.state = 'approved'",
        *(work.territory, batch_id, paid_on, work.now, by),
    )
