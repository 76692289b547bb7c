"""Free slots of all of France and open calls for the dispatch, made in SQL: what is measured is not how they got there.

Ids are digests of a number, so that pgbench and HTTP clients can name them without reading them first.
"""

import csv
from typing import Any

import asyncpg

from kit.embedded.databases import with_database
from local_stack.checkout import ROOT

EACH = 15
"""Slots of a practitioner, one each three hours: all start within 48 hours, none while the bench runs."""
SIZES = (10_500, 105_000, 1_050_000)
"""Slots in all; the last is 70,000 practitioners of 1,000 territories. The territory that is asked has a twentieth."""
SLOTS = SIZES[-1]
CALLS = 60_000

# Practitioner n: each twentieth belongs to the territory that is asked, seventy to each of the others.
_WHERE = "CASE WHEN n % 20 = 1 THEN 'pays-de-redon' ELSE 'bench-' || (n - 1) / 70 END"
_EFFECTORS = """
INSERT INTO effector (id, kind, name, profession, specialties, listed, version)
SELECT 'bench-' || n, 'person', 'Dr Banc ' || n, '10', '{general-practice}', true, 1
  FROM generate_series($1::int, $2::int) n
"""
_PARTICIPATION = f"""
INSERT INTO participation SELECT {_WHERE}, 'bench-' || n, true, 1 FROM generate_series($1::int, $2::int) n
"""
# Those of the asked territory are spread over the communes where its own practitioners have slots ($3), the others
# over all communes of France ($4), five to a territory. The slots of the asked territory are numbered from 1.
_SLOTS = f"""
INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, audience,
                  capacity, created_at, version)
SELECT CASE WHEN n % 20 = 1 THEN md5('bench-slot-' || (n / 20 * {EACH} + k + 1))::uuid
            ELSE md5('bench-other-' || n || '-' || k)::uuid END,
       {_WHERE}, 'bench-' || n, '10', '{{general-practice}}', at, at + interval '30 min',
       CASE WHEN n % 20 = 1 THEN ($3::text[])[1 + n / 20 % cardinality($3::text[])]
            ELSE ($4::text[])[1 + ((n - 1) / 70 * 35 + n % 5) % cardinality($4::text[])] END,
       'AMB', '{{SNP,CPTS}}', 1, now(), 1
  FROM generate_series($1::int, $2::int) n, generate_series(0, {EACH} - 1) k,
       LATERAL (SELECT date_trunc('hour', now()) + make_interval(hours => 2 + 3 * k + n / 20 % 3) AS at) start
"""
_HOME = "SELECT array_agg(DISTINCT commune) FROM slot WHERE territory = 'pays-de-redon' AND effector_id !~ '^bench-'"
_CONSTRAINT = """
ALTER TABLE slot ADD CONSTRAINT ex_slot_overlap
EXCLUDE USING gist (effector_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (withdrawn_at IS NULL)
"""


async def prepare(admin_url: str, call_id: str) -> asyncpg.Connection:
    """Fills in the calls (copies of the open call `call_id`); a connection for `grow` and `finish`."""
    connection = await asyncpg.connect(with_database(admin_url, "snp_dispatch"), command_timeout=600)
    # Checked once for all rows instead of a million times; it stands again before anything but reads is measured.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("ALTER TABLE slot DROP CONSTRAINT ex_slot_overlap")
    await _copy_call(connection, call_id)
    return connection


async def grow(connection: asyncpg.Connection, before: int, size: int) -> None:
    """Adds slots, from `before` of them to `size`."""
    first, last = before // EACH + 1, size // EACH
    await connection.execute(_EFFECTORS, first, last)
    await connection.execute(_PARTICIPATION, first, last)
    await connection.execute(_SLOTS, first, last, await connection.fetchval(_HOME), _communes())
    await connection.execute("VACUUM ANALYZE slot, effector, participation")


async def finish(connection: asyncpg.Connection) -> None:
    """The database as the service knows it."""
    await connection.execute(_CONSTRAINT)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _communes() -> list[str]:
    with (ROOT / "deploy" / "reference" / "communes.csv").open(encoding="utf-8", newline="") as lines:
        return [row["insee_code"] for row in csv.DictReader(lines)]


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
