"""A million free slots and open calls for the dispatch, made in SQL: what is measured is not how they got there.

Ids are digests of a number, so that pgbench and HTTP clients can name them without reading them first.
"""

from typing import Any

import asyncpg

from kit.embedded.databases import with_database

EFFECTORS, HOURS = 3000, 336
SLOTS = EFFECTORS * HOURS
"""1,008,000: half an hour of each hour for 14 days; the number of a slot is hour * EFFECTORS + effector."""
CALLS = 60_000

_EFFECTORS = """
INSERT INTO effector (id, kind, name, profession, specialties, listed, version)
SELECT 'bench-' || n, 'person', 'Dr Banc ' || n, '10', '{general-practice}', true, 1 FROM generate_series(1, $1::int) n
"""
_PARTICIPATION = """
INSERT INTO participation SELECT 'pays-de-redon', 'bench-' || n, true, 1 FROM generate_series(1, $1::int) n
"""
# Spread over the communes where the territory's own practitioners have slots.
_SLOTS = """
INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, audience,
                  capacity, created_at, version)
SELECT md5('bench-slot-' || (h * $1::int + e))::uuid, 'pays-de-redon', 'bench-' || e, '10', '{general-practice}',
       date_trunc('hour', now()) + make_interval(hours => h + 1),
       date_trunc('hour', now()) + make_interval(hours => h + 1, mins => 30),
       communes.codes[1 + e % cardinality(communes.codes)], 'AMB', '{SNP,CPTS}', 1, now(), 1
  FROM generate_series(0, $2::int - 1) h, generate_series(1, $1::int) e,
       (SELECT array_agg(DISTINCT commune) AS codes FROM slot) communes
"""
_CONSTRAINT = """
ALTER TABLE slot ADD CONSTRAINT ex_slot_overlap
EXCLUDE USING gist (effector_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (withdrawn_at IS NULL)
"""


async def seed(admin_url: str, call_id: str) -> None:
    """Fills the dispatch's database; `call_id` is an open call that all others are copies of."""
    connection = await asyncpg.connect(with_database(admin_url, "snp_dispatch"), command_timeout=600)
    try:
        # Checked once for all rows instead of a million times; it stands again before anything is measured.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("ALTER TABLE slot DROP CONSTRAINT ex_slot_overlap")
        await connection.execute(_EFFECTORS, EFFECTORS)
        await connection.execute(_PARTICIPATION, EFFECTORS)
        await connection.execute(_SLOTS, EFFECTORS, HOURS)
        await connection.execute(_CONSTRAINT)
        await _copy_call(connection, call_id)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _copy_call(connection: Any, call_id: str) -> None:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = 'call' AND column_name <> 'id' AND is_generated = 'NEVER'"
    )
    columns = ", ".join(f'"{row["column_name"]}"' for row in rows)
    await connection.execute(
        f"INSERT INTO call (id, {columns}) SELECT md5('bench-call-' || n)::uuid, {columns} "
        "FROM call, generate_series(1, $2::int) n WHERE id = $1",
        call_id,
        CALLS,
    )
