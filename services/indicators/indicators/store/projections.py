"""Projections: rows that are a pure function of the facts of one slot, call or booking.

A row is never changed step by step. It is derived again from all facts of its aggregate, so the order
in which these arrived cannot matter, and an event applied twice changes nothing. One SELECT per
projection is used for the rows of a batch (of any territories), for all rows of a territory (a rebuild)
and to find rows that drifted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zlib import crc32

from indicators.store import month_sums
from indicators.store.places import PLACES
from kit.work import Work

Aggregate = tuple[str, UUID]
"""The territory and the id of a slot, call or booking."""
Times = tuple[datetime, datetime]
"""The first and the last instant at which something occurred."""

_TOLD = ("told_from", "told_until")
_FACTS = """
           min(occurred_at) AS told_from, max(occurred_at) AS told_until
    FROM fact WHERE fact.territory = wanted.territory AND fact.occurred_at BETWEEN wanted.since AND wanted.until
"""


@dataclass(frozen=True)
class Projection:
    """The columns of each aggregate in `wanted (territory, id, since, until)`, from its facts between these instants:
    each aggregate by itself and by index, in the months in which its facts can be (docs/adr/0049).

    `source`: what the rows are called in the catalogue, where months of them may have sums.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    derive: str
    source: str | None = None

    def select(self, wanted: str) -> str:
        """The rows of the aggregates that the SELECT `wanted` gives."""
        return (
            f"WITH wanted AS MATERIALIZED ({wanted}) "
            f"SELECT wanted.territory, wanted.id AS {self.key}, {', '.join(self.columns)} FROM wanted {self.derive}"
        )


BOOKINGS = Projection(
    "booking_fact",
    "booking_id",
    ("slot_id", "call_id", "state", "starts_at", "call_received_at", *_TOLD),
    f"""
CROSS JOIN LATERAL (
    SELECT (array_agg(slot_id ORDER BY version DESC, event_id))[1] AS slot_id,
           (array_agg(call_id ORDER BY version DESC, event_id))[1] AS call_id,
           (array_agg(split_part(kind, '.', 2) ORDER BY version DESC, event_id))[1] AS last,
           (array_agg(dimensions ORDER BY version DESC, event_id)
                FILTER (WHERE kind IN ('booking.confirmed', 'booking.moved')))[1] AS visit,
           {_FACTS} AND fact.booking_id = wanted.id AND kind LIKE 'booking.%'
      AND kind <> 'booking.reminder_due'  -- says nothing of the state of the visit
) AS told CROSS JOIN LATERAL (
    SELECT CASE WHEN last IN ('moved', 'outcome_undone') THEN 'confirmed' ELSE last END AS state,
           (visit ->> 'starts_at')::timestamptz AS starts_at,
           (visit ->> 'call_received_at')::timestamptz AS call_received_at
) AS row WHERE told_from IS NOT NULL
""",
)

SLOTS = Projection(
    "slot_fact",
    "slot_id",
    (
        "published",
        "standing",
        "booked",
        "starts_at",
        "effector_kind",
        "effector_id",
        "profession",
        "specialties",
        "audience",
        "mode",
        "commune",
        *_TOLD,
    ),
    f"""
CROSS JOIN LATERAL (
    SELECT max(version) FILTER (WHERE kind = 'slot.published') AS published_by,
           max(version) FILTER (WHERE kind = 'slot.withdrawn') AS withdrawn_by,
           (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'slot.published'))[1] AS slot,
           {_FACTS} AND fact.slot_id = wanted.id AND kind IN ('slot.published', 'slot.withdrawn')
) AS told CROSS JOIN LATERAL (
    SELECT bool_or(state <> 'cancelled') AS taken, min(starts_at) AS visit_at
    FROM booking_fact WHERE booking_fact.territory = wanted.territory AND booking_fact.slot_id = wanted.id
) AS visits CROSS JOIN LATERAL (
    SELECT slot IS NOT NULL AS published,
           slot IS NOT NULL AND coalesce(withdrawn_by, 0) < published_by AS standing,
           coalesce(taken, false) AS booked,
           coalesce((slot ->> 'starts_at')::timestamptz, visit_at) AS starts_at,
           CASE WHEN slot #>> '{{effector,rpps}}' IS NOT NULL THEN 'professional'
                WHEN slot #>> '{{effector,finess}}' IS NOT NULL THEN 'structure' END AS effector_kind,
           coalesce(slot #>> '{{effector,rpps}}', slot #>> '{{effector,finess}}') AS effector_id,
           slot ->> 'profession' AS profession,
           ARRAY(SELECT jsonb_array_elements_text(slot -> 'specialties')) AS specialties,
           ARRAY(SELECT jsonb_array_elements_text(slot -> 'audience')) AS audience,
           slot ->> 'mode' AS mode,
           slot ->> 'commune' AS commune
) AS row WHERE told_from IS NOT NULL OR taken IS NOT NULL
""",
    "slots",
)

CALLS = Projection(
    "call_fact",
    "call_id",
    ("standing", "booked", "received_at", "origin", "profession", "specialty", "outcome", "commune", *_TOLD),
    f"""
CROSS JOIN LATERAL (
    SELECT (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'call.received'))[1] AS received,
           (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'call.screened'))[1] AS screened,
           {_FACTS} AND fact.call_id = wanted.id AND kind IN ('call.received', 'call.screened')
) AS told CROSS JOIN LATERAL (
    SELECT bool_or(state <> 'cancelled') AS taken, min(call_received_at) AS visit_call_at
    FROM booking_fact WHERE booking_fact.territory = wanted.territory AND booking_fact.call_id = wanted.id
) AS visits CROSS JOIN LATERAL (
    SELECT received IS NOT NULL AS standing,
           coalesce(taken, false) AS booked,
           coalesce((received ->> 'received_at')::timestamptz, visit_call_at) AS received_at,
           received ->> 'origin' AS origin,
           received ->> 'profession' AS profession,
           received ->> 'specialty' AS specialty,
           screened ->> 'outcome' AS outcome,
           received ->> 'commune' AS commune
) AS row WHERE told_from IS NOT NULL OR taken IS NOT NULL
""",
    "calls",
)

ALL = (BOOKINGS, SLOTS, CALLS)
"""In the order of derivation: slots and calls read the bookings."""

# Facts of an aggregate that came before lie where its row says, those of this batch where the batch does.
_OF_BATCH = """
SELECT told.territory, told.id,
       least(told.since, kept.told_from) AS since, greatest(told.until, kept.told_until) AS until
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS told (territory, id, since, until)
LEFT JOIN {table} AS kept ON kept.territory = told.territory AND kept.{key} = told.id
"""
_OF_TERRITORY = """
SELECT territory, {key} AS id, min(occurred_at) AS since, max(occurred_at) AS until
FROM fact WHERE territory = $1 AND {key} IS NOT NULL GROUP BY territory, {key}
"""
# The statements of a batch go by index whatever the tables hold by now (docs/adr/0024): also one that was planned while
# a table was small enough to be read whole, and is used when it no longer is.
_LOCKS = """
SELECT (SELECT count(pg_advisory_xact_lock_shared(7064, it)) FROM unnest($1::int[]) AS it),
       set_config('enable_seqscan', 'off', true)
"""
_AGGREGATE_LOCKS = """
SELECT (SELECT count(pg_advisory_xact_lock(7065, it)) FROM unnest($1::int[]) AS it),
       set_config('plan_cache_mode', 'force_generic_plan', true)
"""
_LOCK_ALL = "SELECT pg_advisory_xact_lock(7064, $1)"
_TERRITORIES, _AGGREGATES = 64, 1024
"""Locks, each of which stands for many: their number bounds what a batch of a thousand territories holds."""


async def lock_territories(work: Work, territories: Iterable[str]) -> None:
    """Keeps others from deriving or summing these territories whole (`lock_all`) until this transaction ends.

    Before the first fact is added: a sum that is made meanwhile would miss it. Always territories before aggregates,
    each in order, so that nobody waits in a circle.
    """
    await work.execute(_LOCKS, sorted({_of_territory(it) for it in territories}))


async def lock(work: Work, aggregates: Iterable[Aggregate]) -> None:
    """Makes other transactions that derive these slots and calls wait for this one, which has locked their territories.

    Two facts of one aggregate may be handled at once; without the lock neither would see the other.
    Whoever comes second derives after the first has committed, and sees both.
    """
    await work.execute(_AGGREGATE_LOCKS, sorted({item.int % _AGGREGATES for _, item in aggregates}))


async def lock_all(work: Work, territory: str) -> None:
    """Makes everyone who adds or derives anything of the territory that figures count wait for this transaction."""
    await work.execute(_LOCK_ALL, _of_territory(territory))


def _of_territory(territory: str) -> int:
    return crc32(territory.encode()) % _TERRITORIES


async def refresh(work: Work, projection: Projection, aggregates: Mapping[Aggregate, Times]) -> None:
    """Derives these rows again; one that comes out the same is not written. `Times` are those of the newly told."""
    rows = [(*aggregate, *times) for aggregate, times in aggregates.items()]
    if rows:
        await work.execute(_upsert(projection, _OF_BATCH), *(list(column) for column in zip(*rows, strict=True)))


async def derive_all(work: Work, projection: Projection, territory: str) -> None:
    """Derives every row of the territory."""
    await work.execute(_upsert(projection, _OF_TERRITORY), territory)


async def drifted(work: Work, projection: Projection, territory: str) -> list[UUID]:
    """Ids whose row is not what the facts say. One statement, one snapshot: facts and rows belong together."""
    told = ", ".join(f"told.{name}" for name in projection.columns)
    kept = ", ".join(f"kept.{name}" for name in projection.columns)
    derived = projection.select(_wanted(projection, _OF_TERRITORY))
    rows = await work.fetch(
        f"WITH told AS ({derived}), kept AS (SELECT * FROM {projection.table} WHERE territory = $1) "
        f"SELECT {projection.key} AS id FROM told FULL JOIN kept USING (territory, {projection.key}) "
        f"WHERE ({told}) IS DISTINCT FROM ({kept})",
        territory,
    )
    return [row["id"] for row in rows]


async def drop(work: Work, projection: Projection, territory: str, ids: Sequence[UUID]) -> None:
    """Removes rows, before they are derived again."""
    gone = f"DELETE FROM {projection.table} WHERE territory = $1 AND {projection.key} = ANY($2)"
    await work.execute(_forgetting(projection, gone), territory, list(ids))


def _wanted(projection: Projection, form: str) -> str:
    return form.format(table=projection.table, key=projection.key)


def _upsert(projection: Projection, form: str) -> str:
    table, columns = projection.table, ", ".join(projection.columns)
    fresh = ", ".join(f"excluded.{name}" for name in projection.columns)
    kept = ", ".join(f"{table}.{name}" for name in projection.columns)
    return _forgetting(
        projection,
        f"INSERT INTO {table} (territory, {projection.key}, {columns}) {projection.select(_wanted(projection, form))} "
        f"ON CONFLICT (territory, {projection.key}) DO UPDATE SET ({columns}) = ROW({fresh}) "
        f"WHERE ({kept}) IS DISTINCT FROM ({fresh})",
    )


def _forgetting(projection: Projection, change: str) -> str:
    """The statement that changes rows and removes the sums of the months in which these were or are.

    Beside the change, the table is read as it was before it.
    """
    if projection.source is None:
        return change
    at, row = PLACES[projection.source].at, f"territory, {projection.key}"
    return (
        f"WITH changed AS ({change} RETURNING {row}, {at}), moment AS ("
        f"SELECT territory, {at} AS at FROM changed UNION "
        f"SELECT territory, was.{at} FROM changed JOIN {projection.table} AS was USING ({row})), "
        f"{month_sums.forgetting(projection.source, 'moment')} SELECT FROM changed"
    )
