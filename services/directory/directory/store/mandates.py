"""Rows of mandates: who sits where, from when until when."""

from datetime import date, datetime
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_RUNS = "m.started_on <= ? AND (m.ends_on IS NULL OR m.ends_on > ?) AND (m.ended_on IS NULL OR m.ended_on > ?)"
_OVERLAPS = "(m.ends_on IS NULL OR m.ends_on > ?) AND (m.ended_on IS NULL OR m.ended_on > ?)"


async def running(work: Work, body: str, since: date) -> list[Record]:
    """Mandates of a body that run on that day or later."""
    query = Query()
    overlaps = query.bind(_OVERLAPS, since, since)
    where = query.bind("m.territory = ? AND m.body = ?", work.territory, body)
    return await work.fetch(f"SELECT m.* FROM mandate m WHERE {where} AND {overlaps}", *query.args)


async def board_mandates(work: Work, person: bytes) -> int:
    """How many mandates of the board this person ever had, under any membership."""
    return int(
        await work.fetchval(
            "SELECT count(*) FROM mandate WHERE territory = $1 AND person = $2 AND body = 'board' "
            "AND (ended_on IS NULL OR ended_on > started_on)",
            work.territory,
            person,
        )
    )


async def of_member(work: Work, member_id: UUID, since: date) -> list[Record]:
    """Mandates of a member that run on that day or later."""
    query = Query()
    overlaps = query.bind(_OVERLAPS, since, since)
    where = query.bind("m.territory = ? AND m.member_id = ?", work.territory, member_id)
    return await work.fetch(f"SELECT m.* FROM mandate m WHERE {where} AND {overlaps} FOR UPDATE", *query.args)


async def sitting(work: Work, day: date, until: datetime | None) -> list[Record]:
    """Who sits on that day, with the name of the member."""
    query = Query()
    rows = source(query, "mandate", work.territory, until)
    runs = query.bind(_RUNS, day, day, day)
    where = query.bind("m.territory = ?", work.territory)
    return await work.fetch(
        "SELECT m.*, r.rpps, r.name_sealed AS sealed, p.name "
        f"FROM {rows} m JOIN member r ON r.territory = m.territory AND r.id = m.member_id "
        f"LEFT JOIN professional p ON p.rpps = r.rpps WHERE {where} AND {runs} "
        "ORDER BY m.body, m.college NULLS LAST, m.role, m.started_on, m.id",
        *query.args,
    )
