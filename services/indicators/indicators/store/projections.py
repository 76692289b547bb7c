"""Projections: rows that are a pure function of the facts of one slot, call or booking.

A row is never changed step by step. It is derived again from all facts of its aggregate, so the order
in which these arrived cannot matter, and an event applied twice changes nothing. One SELECT per
projection is used for one row (a new fact), for all rows (a rebuild) and to find rows that drifted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.work import Work


@dataclass(frozen=True)
class Projection:
    """`derive` selects territory `$1`, the key and the columns, of the aggregates that `{scope}` lets through."""

    table: str
    key: str
    columns: tuple[str, ...]
    derive: str

    def select(self, scope: str) -> str:
        return self.derive.format(scope=scope)


BOOKINGS = Projection(
    "booking_fact",
    "booking_id",
    ("slot_id", "call_id", "state", "starts_at", "call_received_at"),
    """
SELECT $1::text AS territory, booking_id, slot_id, call_id,
       CASE WHEN last IN ('moved', 'outcome_undone') THEN 'confirmed' ELSE last END AS state,
       (visit ->> 'starts_at')::timestamptz AS starts_at,
       (visit ->> 'call_received_at')::timestamptz AS call_received_at
FROM (
    SELECT booking_id,
           (array_agg(slot_id ORDER BY version DESC, event_id))[1] AS slot_id,
           (array_agg(call_id ORDER BY version DESC, event_id))[1] AS call_id,
           (array_agg(split_part(kind, '.', 2) ORDER BY version DESC, event_id))[1] AS last,
           (array_agg(dimensions ORDER BY version DESC, event_id)
                FILTER (WHERE kind IN ('booking.confirmed', 'booking.moved')))[1] AS visit
    FROM fact
    WHERE territory = $1 AND booking_id IS NOT NULL AND kind LIKE 'booking.%'
      AND kind <> 'booking.reminder_due'  -- says nothing of the state of the visit
      AND {scope}
    GROUP BY booking_id
) AS told
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
    ),
    """
SELECT $1::text AS territory, slot_id,
       slot IS NOT NULL AS published,
       slot IS NOT NULL AND coalesce(withdrawn, 0) < published AS standing,
       coalesce(booked, false) AS booked,
       coalesce((slot ->> 'starts_at')::timestamptz, visit_at) AS starts_at,
       CASE WHEN slot #>> '{{effector,rpps}}' IS NOT NULL THEN 'professional'
            WHEN slot #>> '{{effector,finess}}' IS NOT NULL THEN 'structure' END AS effector_kind,
       coalesce(slot #>> '{{effector,rpps}}', slot #>> '{{effector,finess}}') AS effector_id,
       slot ->> 'profession' AS profession,
       ARRAY(SELECT jsonb_array_elements_text(slot -> 'specialties')) AS specialties,
       ARRAY(SELECT jsonb_array_elements_text(slot -> 'audience')) AS audience,
       slot ->> 'mode' AS mode,
       slot ->> 'commune' AS commune
FROM (
    SELECT slot_id,
           max(version) FILTER (WHERE kind = 'slot.published') AS published,
           max(version) FILTER (WHERE kind = 'slot.withdrawn') AS withdrawn,
           (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'slot.published'))[1] AS slot
    FROM fact
    WHERE territory = $1 AND slot_id IS NOT NULL AND kind IN ('slot.published', 'slot.withdrawn') AND {scope}
    GROUP BY slot_id
) AS told
FULL JOIN (
    SELECT slot_id, bool_or(state <> 'cancelled') AS booked, min(starts_at) AS visit_at
    FROM booking_fact WHERE territory = $1 AND {scope} GROUP BY slot_id
) AS visits USING (slot_id)
""",
)

CALLS = Projection(
    "call_fact",
    "call_id",
    ("standing", "booked", "received_at", "origin", "profession", "specialty", "outcome", "commune"),
    """
SELECT $1::text AS territory, call_id,
       received IS NOT NULL AS standing,
       coalesce(booked, false) AS booked,
       coalesce((received ->> 'received_at')::timestamptz, visit_call_at) AS received_at,
       received ->> 'origin' AS origin,
       received ->> 'profession' AS profession,
       received ->> 'specialty' AS specialty,
       screened ->> 'outcome' AS outcome,
       received ->> 'commune' AS commune
FROM (
    SELECT call_id,
           (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'call.received'))[1] AS received,
           (array_agg(dimensions ORDER BY version DESC, event_id) FILTER (WHERE kind = 'call.screened'))[1] AS screened
    FROM fact
    WHERE territory = $1 AND call_id IS NOT NULL AND kind IN ('call.received', 'call.screened') AND {scope}
    GROUP BY call_id
) AS told
FULL JOIN (
    SELECT call_id, bool_or(state <> 'cancelled') AS booked, min(call_received_at) AS visit_call_at
    FROM booking_fact WHERE territory = $1 AND {scope} GROUP BY call_id
) AS visits USING (call_id)
""",
)

ALL = (BOOKINGS, SLOTS, CALLS)
"""In the order of derivation: slots and calls read the bookings."""

_LOCK = """
SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0)),
       (SELECT count(pg_advisory_xact_lock(hashtextextended(item, 0))) FROM unnest($2::text[]) AS item)
"""
_LOCK_ALL = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def lock(work: Work, territory: str, slots: Sequence[UUID], calls: Sequence[UUID]) -> None:
    """Makes other transactions that derive these slots and calls wait for this one.

    Two facts of one aggregate may be handled at once; without the lock neither would see the other.
    Whoever comes second derives after the first has committed, and sees both. Slots before calls, each
    in order, always, so that nobody waits in a circle.
    """
    await work.execute(_LOCK, territory, [f"{territory} {item}" for item in (*sorted(slots), *sorted(calls))])


async def lock_all(work: Work, territory: str) -> None:
    """Makes everyone who derives a row of the territory wait for this transaction."""
    await work.execute(_LOCK_ALL, territory)


async def refresh(work: Work, projection: Projection, territory: str, ids: Sequence[UUID]) -> None:
    """Derives these rows again; a row that comes out the same is not written."""
    await work.execute(_upsert(projection, f"{projection.key} = ANY($2)"), territory, list(ids))


async def derive_all(work: Work, projection: Projection, territory: str) -> None:
    """Derives every row of the territory."""
    await work.execute(_upsert(projection, "true"), territory)


async def drifted(work: Work, projection: Projection, territory: str) -> list[UUID]:
    """Ids whose row is not what the facts say. One statement, one snapshot: facts and rows belong together."""
    told = ", ".join(f"told.{name}" for name in projection.columns)
    kept = ", ".join(f"kept.{name}" for name in projection.columns)
    rows = await work.fetch(
        f"WITH told AS ({projection.select('true')}), kept AS (SELECT * FROM {projection.table} WHERE territory = $1) "
        f"SELECT {projection.key} AS id FROM told FULL JOIN kept USING (territory, {projection.key}) "
        f"WHERE ({told}) IS DISTINCT FROM ({kept})",
        territory,
    )
    return [row["id"] for row in rows]


async def drop(work: Work, projection: Projection, territory: str, ids: Sequence[UUID]) -> None:
    """Removes rows, before they are derived again."""
    await work.execute(
        f"DELETE FROM {projection.table} WHERE territory = $1 AND {projection.key} = ANY($2)", territory, list(ids)
    )


def _upsert(projection: Projection, scope: str) -> str:
    table, columns = projection.table, ", ".join(projection.columns)
    fresh = ", ".join(f"excluded.{name}" for name in projection.columns)
    kept = ", ".join(f"{table}.{name}" for name in projection.columns)
    return (
        f"INSERT INTO {table} (territory, {projection.key}, {columns}) "
        f"SELECT territory, {projection.key}, {columns} FROM ({projection.select(scope)}) AS derived "
        f"ON CONFLICT (territory, {projection.key}) DO UPDATE SET ({columns}) = ROW({fresh}) "
        f"WHERE ({kept}) IS DISTINCT FROM ({fresh})"
    )
