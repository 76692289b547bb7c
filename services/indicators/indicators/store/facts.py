"""Facts: written once, read by kind, slot, call or booking."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from indicators.domain.facts import Fact
from kit.work import Work

_ADD = """
INSERT INTO fact (event_id, territory, kind, type, subject, version, occurred_at, arrived_at,
                  slot_id, call_id, booking_id, dimensions)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::timestamptz[],
                     $8::timestamptz[], $9::uuid[], $10::uuid[], $11::uuid[], $12::jsonb[])
ON CONFLICT (event_id) DO NOTHING
"""
_NEWEST = """
SELECT max(newest) FROM unnest($2::text[]) AS told(kind),
LATERAL (SELECT max(occurred_at) AS newest FROM fact WHERE territory = $1 AND kind = told.kind) AS latest
"""
_OLDEST = _NEWEST.replace("max", "min")
_COUNT = "SELECT count(*) FROM fact WHERE territory = $1"


async def add(work: Work, facts: Sequence[Fact], arrived_at: datetime) -> int:
    """Keeps facts; those already kept stay as they are. Answers how many are new."""
    rows = [
        (
            fact.event_id,
            fact.territory,
            fact.kind,
            fact.type,
            fact.subject,
            fact.version,
            fact.occurred_at,
            arrived_at,
            *(fact.identifier(name) for name in ("slot_id", "call_id", "booking_id")),
            orjson.dumps(fact.dimensions).decode(),
        )
        for fact in facts
    ]
    tag = await work.execute(_ADD, *(list(column) for column in zip(*rows, strict=True)))
    return int(tag.split()[-1])


async def newest(work: Work, kinds: Iterable[str]) -> datetime | None:
    """When the newest fact of these kinds happened in the territory, or None before the first."""
    instant: datetime | None = await work.fetchval(_NEWEST, work.territory, sorted(set(kinds)))
    return instant


async def oldest(work: Work, kinds: Iterable[str]) -> datetime | None:
    """When the oldest fact of these kinds happened in the territory, or None before the first."""
    instant: datetime | None = await work.fetchval(_OLDEST, work.territory, sorted(set(kinds)))
    return instant


async def count(work: Work, territory: str) -> int:
    """How many facts a territory has."""
    return int(await work.fetchval(_COUNT, territory))


async def known(work: Work, event_ids: Sequence[UUID], table: str = "fact") -> set[UUID]:
    """Those of the events that are facts of `table`."""
    rows = await work.fetch(f"SELECT event_id FROM {table} WHERE event_id = ANY($1)", list(event_ids))
    return {row["event_id"] for row in rows}
