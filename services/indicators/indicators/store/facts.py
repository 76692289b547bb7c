"""Facts: written once, read by kind, slot, call or booking."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import orjson

from indicators.domain.facts import Fact
from indicators.store import month_sums
from kit.work import Work

_INSERT = """
INSERT INTO fact (event_id, territory, kind, type, subject, version, occurred_at, arrived_at,
                  slot_id, call_id, booking_id, dimensions)
SELECT event_id, territory, kind, type, subject, version, occurred_at, $1::timestamptz,
       slot_id, call_id, booking_id, dimensions
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::timestamptz[],
            $9::uuid[], $10::uuid[], $11::uuid[], $12::jsonb[])
  AS told (event_id, territory, kind, type, subject, version, occurred_at, slot_id, call_id, booking_id, dimensions)
ON CONFLICT (event_id, occurred_at) DO NOTHING RETURNING territory, kind, occurred_at
"""
_TOLD = "".join(
    f", {source}_told AS (SELECT DISTINCT territory, occurred_at AS at FROM added WHERE kind IN ({kinds})), "
    + month_sums.forgetting(source, f"{source}_told")
    for source, kinds in ((it, ", ".join(f"'{kind}'" for kind in told)) for it, told in month_sums.TOLD.items())
)
_ADD = f"WITH added AS ({_INSERT}){_TOLD} SELECT count(*) FROM added"
_NEWEST = """
SELECT kind, newest AS at FROM unnest($2::text[]) AS told(kind),
LATERAL (SELECT max(occurred_at) AS newest FROM fact WHERE territory = $1 AND kind = told.kind) AS latest
WHERE newest IS NOT NULL
"""
_KNOWN = """
SELECT event_id FROM fact JOIN unnest($1::uuid[], $2::timestamptz[]) AS told (event_id, occurred_at)
USING (event_id, occurred_at)
"""
_BY_TYPE = """
SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, type, count(*) AS kept FROM fact
WHERE occurred_at >= $1::date::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2
"""
_OLDEST = _NEWEST.replace("max", "min")
_COUNT = "SELECT count(*) FROM fact WHERE territory = $1"


async def add(work: Work, facts: Sequence[Fact], arrived_at: datetime) -> int:
    """Keeps facts; those already kept stay as they are. Answers how many are new.

    The sums of months that count facts as these were told go with the first new one in them: the caller has locked the
    territories (`projections.lock_territories`).
    """
    rows = [
        (
            fact.event_id,
            fact.territory,
            fact.kind,
            fact.type,
            fact.subject,
            fact.version,
            fact.occurred_at,
            *(fact.identifier(name) for name in ("slot_id", "call_id", "booking_id")),
            orjson.dumps(fact.dimensions).decode(),
        )
        for fact in facts
    ]
    return int(await work.fetchval(_ADD, arrived_at, *(list(column) for column in zip(*rows, strict=True))))


async def newest(work: Work, kinds: Iterable[str]) -> dict[str, datetime]:
    """When the newest fact of each of these kinds happened in the territory; none of those of which there is none."""
    return {row["kind"]: row["at"] for row in await work.fetch(_NEWEST, work.territory, sorted(set(kinds)))}


async def oldest(work: Work, kinds: Iterable[str]) -> dict[str, datetime]:
    """When the oldest fact of each of these kinds happened in the territory; none of those of which there is none."""
    return {row["kind"]: row["at"] for row in await work.fetch(_OLDEST, work.territory, sorted(set(kinds)))}


async def count(work: Work, territory: str) -> int:
    """How many facts a territory has."""
    return int(await work.fetchval(_COUNT, territory))


async def known(work: Work, told: Sequence[Fact]) -> set[UUID]:
    """The ids of those that are kept."""
    columns = [it.event_id for it in told], [it.occurred_at for it in told]
    return {row["event_id"] for row in await work.fetch(_KNOWN, *columns)}


async def by_type_and_day(work: Work, since: date) -> dict[tuple[date, str], int]:
    """How many facts of each type occurred on each day (UTC) from `since` on, of all territories that may be seen."""
    return {(row["day"], row["type"]): row["kept"] for row in await work.fetch(_BY_TYPE, since)}
