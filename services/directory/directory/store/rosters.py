"""Rosters, their shifts, and who takes them. Row-level security keeps each territory to its own rows."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

# Who counts as being on a shift: everyone but those who withdrew.
_TAKEN = "count(*) FILTER (WHERE u.state <> 'withdrawn')"


class NewRoster(NamedTuple):
    """What a roster is for, where and when."""

    name: str
    kind: str
    commune: str
    address: str | None
    starts_on: date
    ends_on: date


class NewShift(NamedTuple):
    """A time to be filled."""

    starts_at: datetime
    ends_at: datetime
    professions: Sequence[str]
    seats: int


async def add_shifts(work: Work, roster_id: UUID, shifts: Iterable[NewShift], by: str) -> list[UUID]:
    """Stores shifts of a roster; answers their ids, in their order."""
    rows = [(work.new_id(), *shift) for shift in shifts]
    await work.executemany(
        "INSERT INTO shift (id, territory, roster_id, starts_at, ends_at, professions, seats, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
        [(it[0], work.territory, roster_id, it[1], it[2], list(it[3]), it[4], work.now, by) for it in rows],
    )
    return [it[0] for it in rows]


async def shifts(
    work: Work,
    roster_id: UUID,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    free: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Record]:
    """Shifts of a roster in order of start, each with how many seats are `taken`."""
    query = Query()
    conditions = [query.bind("s.territory = ? AND s.roster_id = ?", work.territory, roster_id)]
    conditions += [query.bind("s.starts_at >= ?", since)] if since else []
    conditions += [query.bind("s.starts_at < ?", before)] if before else []
    conditions += ["s.cancelled_at IS NULL"] if free else []
    conditions += [query.bind("(s.starts_at, s.id) > (?, ?)", *after)] if after else []
    having = f"HAVING {_TAKEN} < s.seats" if free else ""
    tail = query.bind("ORDER BY s.starts_at, s.id LIMIT ?", limit)
    return await work.fetch(
        f"SELECT s.*, {_TAKEN} AS taken FROM shift s LEFT JOIN sign_up u ON u.shift_id = s.id "
        f"WHERE {' AND '.join(conditions)} GROUP BY s.id {having} {tail}",
        *query.args,
    )


async def shift(work: Work, shift_id: UUID, *, lock: bool = False) -> Record | None:
    """A shift with its roster's `kind`; with `lock` nobody else signs up for it until this transaction ends."""
    return await work.fetchrow(
        "SELECT s.*, r.kind FROM shift s JOIN roster r ON r.id = s.roster_id WHERE s.id = $1"
        + (" FOR UPDATE OF s" if lock else ""),
        shift_id,
    )


async def taken(work: Work, shift_id: UUID, rpps: str) -> int:
    """Seats of the shift that others have."""
    found: int = await work.fetchval(
        f"SELECT {_TAKEN} FROM sign_up u WHERE u.shift_id = $1 AND u.rpps <> $2", shift_id, rpps
    )
    return found


async def lock_person(work: Work, rpps: str) -> None:
    """One sign-up of a person at a time, so that two shifts of one hour do not both take them."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{work.territory}:shift:{rpps}")


async def elsewhere(work: Work, shift: Record, rpps: str) -> bool:
    """Whether a professional is on another shift that overlaps this one."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM sign_up u JOIN shift o ON o.id = u.shift_id WHERE u.rpps = $1 AND u.territory = $2 "
        "AND u.state <> 'withdrawn' AND o.cancelled_at IS NULL AND o.id <> $3 AND o.starts_at < $5 AND o.ends_at > $4)",
        rpps,
        work.territory,
        shift["id"],
        shift["starts_at"],
        shift["ends_at"],
    )
    return found


async def sign_up(work: Work, shift_id: UUID, rpps: str) -> Record | None:
    """The place of a professional on a shift, whatever its state."""
    return await work.fetchrow("SELECT * FROM sign_up WHERE shift_id = $1 AND rpps = $2 FOR UPDATE", shift_id, rpps)


async def sign_ups(work: Work, shift_id: UUID, *, after: str | None, limit: int) -> list[Record]:
    """Who is or was on a shift, by RPPS number, with their names."""
    return await work.fetch(
        "SELECT u.*, p.name FROM sign_up u JOIN professional p USING (rpps) "
        "WHERE u.shift_id = $1 AND ($2::text IS NULL OR u.rpps > $2) ORDER BY u.rpps LIMIT $3",
        shift_id,
        after,
        limit,
    )


async def put_sign_up(work: Work, shift_id: UUID, rpps: str, *, profession: str, state: str, by: str) -> Record:
    """Stores where a professional stands with a shift; answers the row."""
    (row,) = await work.fetch(
        "INSERT INTO sign_up AS u (id, territory, shift_id, rpps, profession, state, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8) ON CONFLICT (shift_id, rpps) DO UPDATE SET "
        "state = excluded.state, profession = excluded.profession, version = u.version + 1, "
        "changed_at = excluded.changed_at, changed_by = excluded.changed_by RETURNING *",
        *(work.new_id(), work.territory, shift_id, rpps, profession, state, work.now, by),
    )
    return row


async def participation(work: Work, roster_id: UUID, until: datetime | None) -> list[Record]:
    """Distinct people of a roster by profession: `signed` were ever on it and did not withdraw, `present` came."""
    query = Query()
    people = source(query, "sign_up", work.territory, until)
    roster = query.bind("s.roster_id = ?", roster_id)
    return await work.fetch(
        "SELECT u.profession, count(DISTINCT u.rpps) AS signed, "
        "count(DISTINCT u.rpps) FILTER (WHERE u.state = 'present') AS present "
        f"FROM {people} u JOIN shift s ON s.id = u.shift_id WHERE {roster} AND u.state <> 'withdrawn' "
        "GROUP BY u.profession ORDER BY u.profession",
        *query.args,
    )
