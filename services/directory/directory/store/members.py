"""Rows of the register of members (*registre des adhérents*)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_NAMED = (
    "SELECT m.*, r.name_sealed AS sealed, p.name, p.profession, f.paid_on "
    "FROM {rows} m JOIN member r ON r.territory = m.territory AND r.id = m.id "
    "LEFT JOIN professional p ON p.rpps = m.rpps "
    "LEFT JOIN {fees} f ON f.territory = m.territory AND f.member_id = m.id AND f.year = {year}"
)


@dataclass(frozen=True)
class MemberFilter:
    """Which members. `day`: standing on that day; None for all that ever were."""

    day: date | None
    kind: str | None = None
    college: int | None = None
    category: str | None = None
    rpps: str | None = None
    fee_paid: bool | None = None


async def lock_person(work: Work, person: bytes) -> None:
    """One at a time joins, leaves or takes a seat for this person, until the end of the transaction."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{work.territory}:{person.hex()}")


async def lock_body(work: Work, body: str) -> None:
    """One at a time takes or leaves a seat of this body, until the end of the transaction."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"{work.territory}:{body}")


async def find(work: Work, member_id: UUID, *, lock: bool = False) -> Record | None:
    """The membership, with the name of the professional if it is one."""
    query = Query()
    select = _select(query, work, None, work.now.year)
    where = query.bind("m.territory = ? AND m.id = ?", work.territory, member_id)
    return await work.fetchrow(f"{select} WHERE {where}" + (" FOR UPDATE OF m" if lock else ""), *query.args)


async def of_person(work: Work, person: bytes) -> list[Record]:
    """Every membership of somebody, the latest first."""
    return await work.fetch(
        "SELECT * FROM member WHERE territory = $1 AND person = $2 ORDER BY joined_on DESC, id DESC",
        work.territory,
        person,
    )


async def search(
    work: Work, chosen: MemberFilter, *, year: int, until: datetime | None, after: UUID | None, limit: int | None
) -> list[Record]:
    """Members in the order of their id (of entry), with whether the fee of `year` is paid."""
    query = Query()
    select = _select(query, work, until, year)
    conditions = _conditions(query, work, chosen)
    conditions += [query.bind("m.id > ?", after)] if after else []
    limited = query.bind("ORDER BY m.id LIMIT ?", limit)
    return await work.fetch(f"{select} WHERE {' AND '.join(conditions)} {limited}", *query.args)


async def standing(work: Work, day: date) -> list[Record]:
    """All who are members on that day, with whether the fee of its year is paid."""
    return await search(work, MemberFilter(day), year=day.year, until=None, after=None, limit=None)


async def counts(work: Work, day: date, until: datetime | None) -> list[Record]:
    """How many stand on that day, by kind, college, category and profession."""
    query = Query()
    select = _select(query, work, until, day.year)
    conditions = " AND ".join(_conditions(query, work, MemberFilter(day)))
    return await work.fetch(
        "SELECT kind, college, category, profession, count(*) AS members, count(paid_on) AS fees_paid "
        f"FROM ({select} WHERE {conditions}) standing GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        *query.args,
    )


async def set_fee(work: Work, member_id: UUID, year: int, *, paid_on: date | None, amount: Any, by: str) -> None:
    """What is known of the fee of a year; nothing is written when it stands so."""
    await work.execute(
        "INSERT INTO member_fee AS f (territory, member_id, year, paid_on, amount, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (territory, member_id, year) DO UPDATE SET "
        "paid_on = excluded.paid_on, amount = excluded.amount, version = f.version + 1, "
        "changed_at = excluded.changed_at, changed_by = excluded.changed_by "
        "WHERE (f.paid_on, f.amount) IS DISTINCT FROM (excluded.paid_on, excluded.amount)",
        work.territory,
        member_id,
        year,
        paid_on,
        amount,
        work.now,
        by,
    )


async def fees(work: Work, member_id: UUID) -> list[Record]:
    """The paid fees of a member, the latest year first."""
    return await work.fetch(
        "SELECT year, paid_on, amount FROM member_fee "
        "WHERE territory = $1 AND member_id = $2 AND paid_on IS NOT NULL ORDER BY year DESC",
        work.territory,
        member_id,
    )


async def entitled(work: Work, day: date) -> list[Record]:
    """The adherents who stand on that day: id and college."""
    return await work.fetch(
        "SELECT id, college FROM member WHERE territory = $1 AND kind = 'adherent' "
        "AND joined_on <= $2 AND (left_on IS NULL OR left_on > $2) ORDER BY id",
        work.territory,
        day,
    )


def _select(query: Query, work: Work, until: datetime | None, year: int) -> str:
    rows = source(query, "member", work.territory, until)
    fees_then = source(query, "member_fee", work.territory, until)
    return _NAMED.format(rows=rows, fees=fees_then, year=query.bind("?", year))


def _conditions(query: Query, work: Work, chosen: MemberFilter) -> list[str]:
    found = [query.bind("m.territory = ?", work.territory)]
    if chosen.day is not None:
        found.append(query.bind("m.joined_on <= ? AND (m.left_on IS NULL OR m.left_on > ?)", chosen.day, chosen.day))
    for column in ("kind", "college", "category", "rpps"):
        value = getattr(chosen, column)
        if value is not None:
            found.append(query.bind(f"m.{column} = ?", value))
    if chosen.fee_paid is not None:
        found.append(f"f.paid_on IS {'NOT ' if chosen.fee_paid else ''}NULL")
    return found
