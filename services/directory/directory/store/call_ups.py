"""Call-ups of volunteers: whom each calls and why not the others, waves, answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from directory.domain.facets import ANYONE
from directory.store.channels import reachable
from directory.store.communes import Around
from directory.store.query import Query
from directory.store.statements import attests
from kit.history import source
from kit.work import Record, Work


@dataclass(frozen=True)
class Sought:
    """Who may be called. Empty lists ask nothing. `capabilities` are pairs (kind, code or None)."""

    around: Around
    communes: Sequence[str]
    professions: Sequence[str]
    specialties: Sequence[str]
    capabilities: Sequence[tuple[str, str | None]]


class _Statement:
    """Everybody who practises on the territory or within the radius, each with `why` they are not called (or null)."""

    def __init__(self, work: Work, sought: Sought) -> None:
        self.query, self._work, self._sought = Query(), work, sought

    def base(self) -> str:
        bind, sought = self.query.bind, self._sought
        near = self.query.near(*sought.around)
        here = bind("SELECT unnest(?::text[]) AS insee", list(sought.communes))
        anyone = bind("s.facet = ?", ANYONE)
        why = f"CASE {' '.join(self._reasons())} END AS why"
        told = reachable(bind("?", self._work.territory), "b.rpps", "alerts")
        return (
            f"WITH near AS MATERIALIZED ({near}), place AS (SELECT insee FROM near UNION ({here})), "
            "b AS MATERIALIZED (SELECT s.rpps, min(n.metres) AS metres FROM place l "
            f"JOIN search_entry s ON s.place = l.insee AND {anyone} LEFT JOIN near n ON n.insee = l.insee "
            f"GROUP BY s.rpps), judged AS (SELECT p.rpps, p.name, p.profession, b.metres, {why}, "
            f"{told} AS reachable FROM b JOIN professional p USING (rpps) "
            "WHERE p.listed)"
        )

    def _reasons(self) -> list[str]:
        bind, sought = self.query.bind, self._sought
        reasons = []
        if sought.professions:
            reasons.append(
                bind("WHEN NOT p.professions && ?::text[] THEN 'profession_not_wanted'", list(sought.professions))
            )
        if sought.specialties:
            reasons.append(
                bind("WHEN NOT p.specialties && ?::text[] THEN 'specialty_not_wanted'", list(sought.specialties))
            )
        reasons.append("WHEN b.metres IS NULL THEN 'too_far'")
        here = (self._work.territory, self._work.now)
        has = [attests(self.query, *here, "p.rpps", it) for it in sought.capabilities]
        return reasons + [f"WHEN NOT {it} THEN 'capability_missing'" for it in has]


async def called(work: Work, sought: Sought, limit: int) -> list[Record]:
    """Whom it calls, the nearest first: rpps, name, profession, metres, reachable."""
    statement = _Statement(work, sought)
    base = statement.base()
    tail = statement.query.bind("LIMIT ?", limit)
    return await work.fetch(
        f"{base} SELECT * FROM judged WHERE why IS NULL ORDER BY metres, rpps {tail}", *statement.query.args
    )


async def not_called(work: Work, sought: Sought) -> dict[str, int]:
    """Why the others are not called: counts by reason."""
    statement = _Statement(work, sought)
    rows = await work.fetch(
        f"{statement.base()} SELECT why, count(*) AS count FROM judged WHERE why IS NOT NULL GROUP BY why ORDER BY why",
        *statement.query.args,
    )
    return {row["why"]: row["count"] for row in rows}


async def add_people(work: Work, call_up_id: UUID, people: Sequence[Record], by: str) -> None:
    """One row each, in their order."""
    await work.executemany(
        "INSERT INTO call_up_person (id, territory, call_up_id, rpps, profession, metres, rank, state, version, "
        "changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)",
        [
            (
                *(work.new_id(), work.territory, call_up_id, it["rpps"], it["profession"], it["metres"], rank),
                *("waiting" if it["reachable"] else "to_phone", work.now, by),
            )
            for rank, it in enumerate(people, start=1)
        ],
    )


async def due(work: Work, limit: int) -> list[Record]:
    """Open call-ups to look at now, of every territory. Locked; other replicas skip them."""
    return await work.fetch(
        "SELECT * FROM call_up WHERE state = 'open' AND next_wave_at <= $1 ORDER BY next_wave_at LIMIT $2 "
        "FOR UPDATE SKIP LOCKED",
        work.now,
        limit,
    )


async def state_of(work: Work, call_up_id: UUID) -> Record:
    """How many have said that they are available, and how many are still to be asked."""
    (row,) = await work.fetch(
        "SELECT count(*) FILTER (WHERE available) AS available, count(*) FILTER (WHERE state = 'waiting' "
        "AND answered_at IS NULL) AS waiting FROM call_up_person WHERE call_up_id = $1",
        call_up_id,
    )
    return row


async def take_wave(work: Work, call_up_id: UUID, wave: int, size: int, by: str) -> list[Record]:
    """The nearest who have not been asked are now: their id, rpps and name."""
    return await work.fetch(
        "UPDATE call_up_person c SET state = 'asked', wave = $2, asked_at = $4, version = c.version + 1, "
        "changed_at = $4, changed_by = $5 FROM professional p WHERE p.rpps = c.rpps AND c.id IN ("
        "SELECT id FROM call_up_person WHERE call_up_id = $1 AND state = 'waiting' AND answered_at IS NULL "
        "ORDER BY rank LIMIT $3) RETURNING c.id, c.rpps, p.name",
        call_up_id,
        wave,
        size,
        work.now,
        by,
    )


async def progress(work: Work, call_up_id: UUID, until: datetime | None) -> list[Record]:
    """Counts of whom it calls by profession (null: all), as of an instant."""
    query = Query()
    people = source(query, "call_up_person", work.territory, until)
    where = query.bind("territory = ? AND call_up_id = ?", work.territory, call_up_id)
    return await work.fetch(
        "SELECT profession, count(*) AS called, count(*) FILTER (WHERE state = 'asked') AS asked, "
        "count(*) FILTER (WHERE state = 'waiting') AS waiting, "
        "count(*) FILTER (WHERE state = 'to_phone') AS to_phone, count(*) FILTER (WHERE available) AS available, "
        "count(*) FILTER (WHERE NOT available) AS unavailable "
        f"FROM {people} c WHERE {where} GROUP BY GROUPING SETS ((), (profession)) ORDER BY profession NULLS FIRST",
        *query.args,
    )


async def people(
    work: Work, call_up_id: UUID, *, state: str | None, available: bool | None, after: int | None, limit: int
) -> list[Record]:
    """Whom it calls, the nearest first, with what they said."""
    query = Query()
    conditions = [query.bind("c.territory = ? AND c.call_up_id = ?", work.territory, call_up_id)]
    conditions += [query.bind("c.state = ?", state)] if state else []
    conditions += [query.bind("c.available = ?", available)] if available is not None else []
    conditions += [query.bind("c.rank > ?", after)] if after else []
    tail = query.bind("ORDER BY c.rank LIMIT ?", limit)
    return await work.fetch(
        "SELECT c.*, p.name, p.professions FROM call_up_person c JOIN professional p ON p.rpps = c.rpps "
        f"WHERE {' AND '.join(conditions)} {tail}",
        *query.args,
    )


async def person(work: Work, call_up_id: UUID, rpps: str) -> Record | None:
    """The place of a professional in a call-up, locked."""
    return await work.fetchrow(
        "SELECT * FROM call_up_person WHERE territory = $1 AND call_up_id = $2 AND rpps = $3 FOR UPDATE",
        work.territory,
        call_up_id,
        rpps,
    )


async def by_link(work: Work, person_id: UUID) -> Record | None:
    """What a personal link is about: the person with the call-up, the name and the place."""
    return await work.fetchrow(
        "SELECT c.*, u.title, u.state AS call_up_state, u.needed_from, u.needed_until, u.roster_id, p.name, "
        "p.professions, m.name AS place FROM call_up_person c JOIN call_up u ON u.id = c.call_up_id "
        "JOIN professional p ON p.rpps = c.rpps LEFT JOIN commune m ON m.insee = u.commune "
        "WHERE c.territory = $1 AND c.id = $2",
        work.territory,
        person_id,
    )


async def duties(work: Work, people: Sequence[str], starts: datetime, ends: datetime) -> list[Record]:
    """Shifts that these professionals are on within a time, on any roster: rpps, starts_at, ends_at."""
    return await work.fetch(
        "SELECT u.rpps, s.starts_at, s.ends_at FROM sign_up u JOIN shift s ON s.id = u.shift_id WHERE u.territory = $1 "
        "AND u.rpps = ANY ($2) AND u.state <> 'withdrawn' AND s.cancelled_at IS NULL AND s.starts_at < $4 "
        "AND s.ends_at > $3",
        work.territory,
        list(people),
        starts,
        ends,
    )


async def seats(work: Work, roster_id: UUID) -> tuple[int, int]:
    """Seats of the shifts of a roster that stand, and those taken."""
    (row,) = await work.fetch(
        "SELECT coalesce(sum(s.seats), 0) AS seats, coalesce(sum(u.taken), 0) AS taken FROM shift s "
        "LEFT JOIN LATERAL (SELECT count(*) AS taken FROM sign_up u WHERE u.shift_id = s.id AND "
        "u.state <> 'withdrawn') u ON true WHERE s.territory = $1 AND s.roster_id = $2 AND s.cancelled_at IS NULL",
        work.territory,
        roster_id,
    )
    return int(row["seats"]), int(row["taken"])
