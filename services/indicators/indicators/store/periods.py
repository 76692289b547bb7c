"""Periods: their state, what was done to them, and the lock under which that changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from indicators.domain.periods import Period
from indicators.domain.reporting import State, Verb
from kit.query import Query
from kit.work import Record, Work

_LOCK = """
SELECT count(pg_advisory_xact_lock(hashtextextended('periods of ' || territory, 0)))
FROM (SELECT DISTINCT territory FROM unnest($1::text[]) AS wanted(territory) ORDER BY territory) AS sorted
"""
_TELL = """
INSERT INTO period_event (territory, period_id, version, verb, state, at, by, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def lock(work: Work, territories: Sequence[str]) -> None:
    """Makes others who change periods of these territories, or record late facts of them, wait for this transaction.

    So a fact is either in the figures that an approval stores, or late: never neither.
    """
    await work.execute(_LOCK, list(territories))


async def find(work: Work, period_id: str) -> Record | None:
    """A period of the caller's territory; None while nothing was done to it."""
    return await work.fetchrow(
        "SELECT * FROM reporting_period WHERE territory = $1 AND period_id = $2", work.territory, period_id
    )


async def listed(
    work: Work, states: Sequence[State] | None, after: tuple[datetime, str] | None, limit: int
) -> list[Record]:
    """Periods to which something was done, the latest first."""
    query = Query()
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind("state = ANY(?)", list(states))] if states else []
    conditions += [query.bind("(starts_at, period_id) < (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY starts_at DESC, period_id DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM reporting_period WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def ever_approved(work: Work) -> list[Record]:
    """The periods of which figures were approved at some time, the earliest first."""
    return await work.fetch(
        "SELECT * FROM reporting_period WHERE territory = $1 AND approvals > 0 ORDER BY starts_at, period_id",
        work.territory,
    )


async def put(work: Work, period: Period, **values: Any) -> Record:
    """Changes a period that the caller has locked, and answers it; its version is one more."""
    columns = {
        "territory": work.territory,
        "period_id": period.id,
        "starts_at": period.start,
        "ends_at": period.end,
        "version": 1,
        **values,
    }
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    sets = ", ".join(f"{name} = excluded.{name}" for name in values)
    (row,) = await work.fetch(
        f"INSERT INTO reporting_period ({', '.join(columns)}) VALUES ({marks}) "
        f"ON CONFLICT (territory, period_id) DO UPDATE SET version = reporting_period.version + 1, {sets} RETURNING *",
        *columns.values(),
    )
    return row


async def tell(work: Work, row: Record, verb: Verb, by: str, reason: str | None) -> None:
    """Adds what was just done to the history."""
    await work.execute(
        _TELL, work.territory, row["period_id"], row["version"], verb, row["state"], work.now, by, reason
    )


async def history(work: Work, period_id: str, before_id: int | None, limit: int) -> list[Record]:
    """What was done to a period, the latest first."""
    return await work.fetch(
        "SELECT * FROM period_event WHERE territory = $1 AND period_id = $2 AND ($3::bigint IS NULL OR id < $3) "
        "ORDER BY id DESC LIMIT $4",
        *(work.territory, period_id, before_id, limit),
    )
