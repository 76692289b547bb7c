"""Pathways at the size of a large territory: 100,000 enrolments of 20 steps each, most of them done or to come.

The lists of desks are measured for a coordinator, who sees the territory, and for a nurse with fifty patients; twice,
to see what grows.
Made in SQL from one patient, enrolment and step that the service made itself, so that their columns are its own.
"""

import asyncio
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from bench.client import Request, open_loop
from bench.scenarios import Bench, Figures
from kit.embedded.databases import with_database
from local_stack.token import mint

SIZES, STEPS = (10_000, 100_000), 20
"""Enrolments, and the steps of each."""
OWN = 50
"""Patients of the nurse."""
DUE, DUE_SECONDS = 1000, 20
READS, PER_SECOND = 300, 20.0
"""Of each list, asked one by one at this rhythm: as many desks as look at it at once."""
_PROCESSES = ("pathways", "pathways-worker")
PATIENT = {
    "family_name": "Banc",
    "given_name": "Camille",
    "birth_date": "1957-03-14",
    "commune": "35236",
    "identity_status": "validated",
}
# Copies of a row with other values, whatever its columns are.
_COPY = """
INSERT INTO {table} SELECT made.* FROM generate_series($2::int, $3::int) n, {table} one,
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
_TEAM = _COPY.format(
    table="team_member",
    changes="jsonb_build_object('id', md5('bench-member-' || n)::uuid, 'patient_id', md5('bench-patient-' || n)::uuid)",
)
_CONSENTS = _COPY.format(
    table="consent",
    changes="jsonb_build_object('id', md5('bench-consent-' || n)::uuid, "
    "'patient_id', md5('bench-patient-' || n)::uuid, 'enrolment_id', md5('bench-enrolment-' || n)::uuid)",
)
# Step k of enrolment n opens in week k - 8 from tomorrow on, on a day of its own: the first seven are done, and of one
# enrolment in ten the eighth is overdue, for up to sixty days. Nothing opens or ends while the lists are read.
_STEPS = f"""
INSERT INTO step SELECT made.* FROM step one, generate_series($2::int, $3::int) n, generate_series(1, {STEPS}) k,
  LATERAL (SELECT date_trunc('day', now()) + make_interval(weeks => k - 8, days => 1 + n % 7, hours => 1) AS at) start,
  LATERAL jsonb_populate_record(one, jsonb_build_object(
    'id', md5('bench-step-' || n || '-' || k)::uuid, 'enrolment_id', md5('bench-enrolment-' || n)::uuid,
    'key', 'step-' || k, 'position', k, 'gravity', 1 + n % 3,
    'pathway', CASE WHEN k = 8 AND n % 10 = 0 THEN 'lung-cancer' END,
    'state', CASE WHEN k <= 7 THEN 'done' WHEN k = 8 AND n % 10 = 0 THEN 'overdue' ELSE 'planned' END,
    'done_at', CASE WHEN k <= 7 THEN at END, 'opens_at', at, 'from_on', at::date,
    'due_at', CASE WHEN k = 8 AND n % 10 = 0 THEN now() - make_interval(days => n % 60) ELSE at + interval '5 days' END,
    'due_on', (at + interval '4 days')::date)) made WHERE one.id = $1
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
    """Two million steps: how late a due step is told, and how long the lists of desks take."""
    admin = bench.stack.report.admin_database_url
    if admin is None:
        raise SystemExit("make bench starts its own PostgreSQL: unset the *_DATABASE_URL variables")
    connection: asyncpg.Connection = await asyncpg.connect(with_database(admin, "pathways"), command_timeout=900)
    try:
        # Neither keys nor history of the copies: what is measured is not how they got there.
        await connection.execute("SET session_replication_role = replica")
        originals = await _originals(bench)
        await _grow(connection, originals, 1, SIZES[0])
        await bench.settled()
        small = await _lists(bench, originals["patient"])
        await _grow(connection, originals, SIZES[0] + 1, SIZES[1])
        await bench.settled()
        figures = await _lists(bench, originals["patient"])
        return figures | _growth(small, figures) | await _due(connection) | _memory(bench)
    finally:
        await connection.close()


async def _grow(connection: asyncpg.Connection, originals: dict[str, str], first: int, last: int) -> None:
    await connection.execute(_PATIENTS, originals["patient"], first, last)
    await connection.execute(_ENROLMENTS, originals["enrolment"], first, last)
    await connection.execute(_CONSENTS, originals["consent"], first, last)
    await connection.execute(_STEPS, originals["step"], first, last)
    if first == 1:
        member = await connection.fetchval("SELECT id FROM team_member WHERE patient_id = $1", originals["patient"])
        await connection.execute(_TEAM, member, first, OWN)
    await connection.execute("VACUUM ANALYZE patient, enrolment, consent, step, team_member")
    print(f"  {last:,} enrolments, {last * STEPS:,} steps", flush=True)


def _growth(small: Figures, large: Figures) -> Figures:
    """How much longer the median of each list takes among ten times the steps."""
    return {f"{name.removesuffix(' ms')}, tenfold": large[name] / small[name] for name in small if " p50 " in name}


async def _originals(bench: Bench) -> dict[str, str]:
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
        consents = (await http.get(f"/v1/patients/{patient['id']}/consents")).raise_for_status().json()["consents"]
    return {
        "patient": patient["id"],
        "enrolment": enrolment["id"],
        "step": enrolment["steps"][0]["id"],
        "consent": consents[0]["id"],
    }


async def _lists(bench: Bench, patient: str) -> Figures:
    until = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    week = f"/v1/steps?open=true&limit=50&due_before={until}"
    nurse = mint(bench.stack.run_dir, "care", "pays-de-redon")
    asked = {
        "this week": (week, bench.coordinator),
        "own week": (week, nurse),
        "breaks": ("/v1/breaks?limit=50", bench.coordinator),
        "own breaks": ("/v1/breaks?limit=50", nurse),
        "breaks counted": ("/v1/breaks/counts", bench.coordinator),
        "timeline": (f"/v1/patients/{patient}/timeline", nurse),
    }
    return {
        f"{name} p{share} ms": value
        for name, (path, token) in asked.items()
        for share, value in (await _list(bench, path, token)).items()
    }


async def _list(bench: Bench, path: str, token: str) -> dict[int, float]:
    url = bench.stack.report.service_urls["pathways"]
    load = await open_loop(url, [Request.build(url, path, token) for _ in range(READS)], PER_SECOND, connections=10)
    if set(load.statuses()) != {200}:
        raise RuntimeError(f"{path}: {load.statuses()}: {load.answers[0].body[:300].decode()}")
    return {50: load.percentile(0.5), 99: load.percentile(0.99)}


def _memory(bench: Bench) -> Figures:
    return {f"{name} MB": _resident_mb(bench.stack.report.processes[name]["pid"]) for name in _PROCESSES}


def _resident_mb(pid: int | None) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no such process")


async def _due(connection: asyncpg.Connection) -> Figures:
    steps = [row["id"] for row in await connection.fetch(_SOON, DUE, float(DUE_SECONDS))]
    await asyncio.sleep(DUE_SECONDS)
    late: list[float] = []
    async with asyncio.timeout(120):
        while len(late) < DUE:
            await asyncio.sleep(1)
            late = [row[0] for row in await connection.fetch(_SEEN, steps)]
    return {"step due p50 s": statistics.median(late), "step due p99 s": statistics.quantiles(late, n=100)[98]}
