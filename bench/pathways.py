"""Pathways at the size of a large territory: 100,000 enrolments of 20 steps each, most of them done or to come.

Made in SQL from one patient, enrolment and step that the service made itself, so that their columns are its own.
"""

import asyncio
import statistics
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.client import Request, closed_loop
from bench.scenarios import Bench, Figures
from kit.embedded.databases import with_database
from local_stack.token import mint

ENROLMENTS, STEPS = 100_000, 20
DUE, DUE_SECONDS = 1000, 20
READS, CONNECTIONS = 400, 4
PATIENT = {
    "family_name": "Banc",
    "given_name": "Camille",
    "birth_date": "1957-03-14",
    "commune": "35236",
    "identity_status": "validated",
}
# Copies of a row with other values, whatever its columns are.
_COPY = """
INSERT INTO {table} SELECT made.* FROM generate_series(1, $2::int) n, {table} one,
  LATERAL jsonb_populate_record(one, {changes}) made WHERE one.id = $1
"""
_PATIENTS = _COPY.format(
    table="patient",
    changes="jsonb_build_object('id', md5('bench-patient-' || n)::uuid, 'ref', md5('bench-ref-' || n)::uuid, "
    "'name_index', '\\x' || md5('bench-name-' || n))",
)
_ENROLMENTS = _COPY.format(
    table="enrolment",
    changes="jsonb_build_object('id', md5('bench-enrolment-' || n)::uuid, "
    "'patient_id', md5('bench-patient-' || n)::uuid)",
)
# Step k of enrolment n is due in week k - 8 from now, on a day and at a second of its own: the first seven are done.
_STEPS = f"""
INSERT INTO step SELECT made.* FROM step one, generate_series(1, {ENROLMENTS}) n, generate_series(1, {STEPS}) k,
  LATERAL (SELECT date_trunc('day', now()) + make_interval(weeks => k - 8, days => n % 7, hours => 1) AS at) start,
  LATERAL jsonb_populate_record(one, jsonb_build_object(
    'id', md5('bench-step-' || n || '-' || k)::uuid, 'enrolment_id', md5('bench-enrolment-' || n)::uuid,
    'key', 'step-' || k, 'position', k, 'state', CASE WHEN k <= 7 THEN 'done' ELSE 'planned' END,
    'done_at', CASE WHEN k <= 7 THEN at END, 'opens_at', at, 'from_on', at::date,
    'due_at', at + interval '5 days', 'due_on', (at + interval '4 days')::date)) made WHERE one.id = $1
"""
_SOON = """
UPDATE step SET opens_at = now() + (2 + random() * $2) * interval '1 s' WHERE id IN (
  SELECT id FROM step WHERE state = 'planned' AND opens_at > now() + interval '3 weeks' LIMIT $1) RETURNING id
"""
_SEEN = """
SELECT extract(epoch FROM outbox.sent_at - step.opens_at)::float8 FROM step
JOIN outbox ON outbox.type = 'fr.cpts.pathways.step.due.v1' AND outbox.body::jsonb ->> 'subject' = step.id::text
 WHERE step.id = ANY ($1::uuid[]) AND outbox.sent_at IS NOT NULL
"""


async def pathways(bench: Bench) -> Figures:
    """Two million steps: how late a due step is told, and how long the worklist of this week takes."""
    connection = await _seeded(bench)
    try:
        return await _weeks(bench) | await _due(connection)
    finally:
        await connection.close()


async def _seeded(bench: Bench) -> asyncpg.Connection:
    patient, enrolment, step = await _originals(bench)
    admin = bench.stack.report.admin_database_url
    if admin is None:
        raise SystemExit("make bench starts its own PostgreSQL: unset the *_DATABASE_URL variables")
    connection: asyncpg.Connection = await asyncpg.connect(with_database(admin, "pathways"), command_timeout=900)
    # Neither keys nor history of the copies: what is measured is not how they got there.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(_PATIENTS, patient, ENROLMENTS)
    await connection.execute(_ENROLMENTS, enrolment, ENROLMENTS)
    await connection.execute(_STEPS, step)
    await connection.execute("VACUUM ANALYZE patient, enrolment, step")
    await bench.settled()
    return connection


async def _originals(bench: Bench) -> tuple[str, str, str]:
    """One patient, enrolment and step, made by the service."""
    headers = {"Authorization": f"Bearer {mint(bench.stack.run_dir, 'care', 'pays-de-redon')}"}
    async with httpx.AsyncClient(base_url=bench.gateway, headers=headers, timeout=60) as http:

        async def made(path: str, body: object) -> dict[str, Any]:
            answer = await http.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
            found: dict[str, Any] = answer.raise_for_status().json()
            return found

        patient = await made("/v1/patients", PATIENT)
        template = (await http.get("/v1/pathway-templates/lung-cancer")).raise_for_status().json()
        today = datetime.now(UTC).date().isoformat()
        consent = {"given_on": today, "channel": "oral", "text_version": template["consent"]["version"]}
        body = {"patient_id": patient["id"], "template": template["id"], "consent": consent}
        enrolment = await made("/v1/enrolments", body)
    return patient["id"], enrolment["id"], enrolment["steps"][0]["id"]


async def _weeks(bench: Bench) -> Figures:
    until = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/v1/steps?open=true&limit=50&due_before={until}"
    url = bench.stack.report.service_urls["pathways"]
    load = await closed_loop(url, [Request.build(url, path, bench.coordinator) for _ in range(READS)], CONNECTIONS)
    if set(load.statuses()) != {200}:
        raise RuntimeError(f"{load.statuses()}: {load.answers[0].body[:300].decode()}")
    return {"this week p50 ms": load.percentile(0.5), "this week p99 ms": load.percentile(0.99)}


async def _due(connection: asyncpg.Connection) -> Figures:
    steps = [row["id"] for row in await connection.fetch(_SOON, DUE, float(DUE_SECONDS))]
    await asyncio.sleep(DUE_SECONDS)
    late: list[float] = []
    async with asyncio.timeout(120):
        while len(late) < DUE:
            await asyncio.sleep(1)
            late = [row[0] for row in await connection.fetch(_SEEN, steps)]
    return {"step due p50 s": statistics.median(late), "step due p99 s": statistics.quantiles(late, n=100)[98]}
