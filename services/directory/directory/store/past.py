"""National rows as they were: each state of a person that an import ended."""

from collections.abc import Sequence
from datetime import datetime

from directory.store.query import Query
from kit.work import Record, Work


async def keep(work: Work, persons: Sequence[str]) -> None:
    """Keeps what is known of these persons, with their activities, before it is changed."""
    await work.execute(_KEEP, list(persons), work.now)


_STATE = (
    "(to_jsonb(p) - 'digest') || jsonb_build_object('activities', coalesce("
    "(SELECT jsonb_agg(to_jsonb(a) ORDER BY a.position) FROM activity a WHERE a.rpps = p.rpps), '[]'))"
)
_KEEP = f"""
INSERT INTO professional_past (rpps, version, valid_from, valid_until, import_id, found_under, state)
SELECT p.rpps, p.version, p.updated_at, $2, p.import_id,
       ARRAY(SELECT place || ' ' || facet FROM search_entry s WHERE s.rpps = p.rpps ORDER BY 1), {_STATE}
  FROM professional p WHERE p.rpps = ANY($1)
"""

THEN = "jsonb_populate_record(NULL::professional, h.state) r"
"""The row of a state `h` of the past."""


def standing(query: Query, until: datetime) -> str:
    """Conditions that a state `h` of the past is the one that stood last before `until`."""
    return query.bind("h.valid_from < ? AND h.valid_until >= ?", until, until)


def person_source(query: Query, rpps: str, until: datetime) -> str:
    """One person as it stood: what stands after FROM in the place of `professional`."""
    now = query.bind("SELECT r.* FROM professional r WHERE r.rpps = ? AND r.updated_at < ?", rpps, until)
    then = query.bind("h.rpps = ?", rpps)
    return f"({now} UNION ALL SELECT r.* FROM professional_past h, {THEN} WHERE {then} AND {standing(query, until)})"


async def activities(work: Work, persons: Sequence[str], until: datetime) -> list[Record]:
    """Where these persons practised, in the order of the source, with the name of the commune."""
    query = Query()
    who = list(persons)
    now = query.bind(
        "SELECT a.* FROM activity a JOIN professional p USING (rpps) WHERE a.rpps = ANY(?) AND p.updated_at < ?",
        who,
        until,
    )
    then = query.bind("h.rpps = ANY(?)", who) + f" AND {standing(query, until)}"
    past = "SELECT e.* FROM professional_past h, jsonb_populate_recordset(NULL::activity, h.state -> 'activities') e "
    return await work.fetch(
        f"SELECT a.*, c.name AS commune_name, c.department FROM ({now} UNION ALL {past}WHERE {then}) a "
        "LEFT JOIN commune c ON c.insee = a.commune ORDER BY a.rpps, a.position",
        *query.args,
    )


async def states(work: Work, rpps: str, before: int, limit: int) -> list[Record]:
    """The states of a person, the latest first: (version, valid_from, valid_until, import_id, state).

    `valid_until` is null for the one that stands. One row more than a page shows what the last one changed.
    """
    return await work.fetch(
        "SELECT version, valid_from, valid_until, import_id, state FROM ("
        "SELECT p.version, p.updated_at AS valid_from, NULL::timestamptz AS valid_until, p.import_id, "
        f"{_STATE} AS state FROM professional p WHERE p.rpps = $1 UNION ALL "
        "SELECT version, valid_from, valid_until, import_id, state FROM professional_past WHERE rpps = $1) s "
        "WHERE version < $2 ORDER BY version DESC LIMIT $3",
        rpps,
        before,
        limit,
    )
