"""A worker is killed while alarms and proposals to doctors wait: each is handed over once, and told once."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from doctor_samples import GP, gp_who_accepts
from enrolling import Care, anybody
from monitoring import Platform, monitored
from pydantic import SecretStr

from contracts.coordination import AlarmEscalated
from contracts.doctor_search import DoctorProposalAnswered
from contracts.envelope import NATIONAL
from kit.clock import SystemClock
from kit.testing.harness import until
from pathways.settings import PathwaysSettings

ALARMS, SEARCHES = 20, 10
FIRST, SECOND = "99000000024", "99000000032"
_WAIT_FOR_OUTBOX = "SELECT count(*) >= 2 FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"


@asynccontextmanager
async def worker(settings: PathwaysSettings) -> AsyncIterator[Process]:
    """The process itself, killed at the end of the block. It takes one row at a time, so that there is much to lose."""
    said = settings.model_dump(exclude_none=True) | {"worker_port": 0, "step_batch": 1}
    plain = {name: it.get_secret_value() if isinstance(it, SecretStr) else it for name, it in said.items()}
    env = {**os.environ, **{f"PATHWAYS_{name.upper()}": str(value) for name, value in plain.items()}}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pathways.worker"), env=env, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def sent(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> Any:
    answer = await http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.is_success, answer.text
    return answer.json()


async def raised(care: Care, desk: httpx.AsyncClient, today: str) -> None:
    """Alarms of one patient that nobody acknowledged in time."""
    patient = await care.made("/v1/patients", anybody(1))
    consent = {"given_on": today, "given_by": "patient", "channel": "oral", "text_version": "2026-11"}
    enrolment = await care.enrolment(patient["id"], template="heart-failure", started_on=today, consent=consent)
    platform: Platform = await monitored(care, desk, enrolment["id"], (FIRST, SECOND))
    for number in range(ALARMS):
        assert (await platform.send(episode=str(number))).status_code == 202


async def proposed(care: Care, desk: httpx.AsyncClient) -> None:
    """Searches whose doctor did not answer in time; another one can be asked."""
    for rpps in (GP, FIRST):
        await gp_who_accepts(care, rpps, capacity=SEARCHES)
    for number in range(SEARCHES):
        patient = await care.made("/v1/patients", anybody(100 + number))
        search = await sent(desk, "/v1/doctor-searches", {"patient_id": patient["id"]})
        await sent(desk, f"/v1/doctor-searches/{search['id']}/proposals", {"rpps": GP})


async def told(care: Care) -> tuple[Counter[str], Counter[str]]:
    """How often each alarm was handed over, and each search told to be unanswered."""
    alarms = Counter(it["alarm_id"] for it in await care.told(AlarmEscalated))
    return alarms, Counter(it["search_id"] for it in await care.told(DoctorProposalAnswered))


async def kept(care: Care, sql: str) -> list[tuple[Any, ...]]:
    async with care.runtime.system.work(NATIONAL) as work:
        return [tuple(row.values()) for row in await work.fetch(sql)]


async def killed_before_it_commits(care: Care, settings: PathwaysSettings) -> None:
    """Both timers have written everything and wait to write their events."""
    role = {"role": "pathways_system"}
    connection = await asyncpg.connect(settings.database_url.get_secret_value(), server_settings=role)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE outbox IN SHARE MODE")
            async with worker(settings):
                await until(lambda: connection.fetchval(_WAIT_FOR_OUTBOX))
    finally:
        await connection.close()
    assert await told(care) == (Counter(), Counter())


async def test_each_alarm_and_each_proposal_is_handed_over_once(care: Care, settings: PathwaysSettings) -> None:
    care.clock.advance(SystemClock().now() - timedelta(days=20) - care.clock.now())
    scopes = ("duties:write", "searches:write", "searches:manage", "searches:answer")
    async with care.connect(*scopes, sub="coordinator", role="coordinator") as desk:
        await raised(care, desk, f"{care.clock.now():%Y-%m-%d}")
        await proposed(care, desk)
    await killed_before_it_commits(care, settings)

    async def some() -> bool:
        return all(await told(care))

    async with worker(settings):
        await until(some)

    async def everything() -> bool:
        return [len(it) for it in await told(care)] == [ALARMS, SEARCHES]

    async with worker(settings):
        await until(everything)
    alarms, searches = await told(care)
    assert {*alarms.values(), *searches.values()} == {1}
    assert set(await kept(care, "SELECT turn, version, state FROM alarm")) == {(1, 2, "raised")}
    assert await kept(care, "SELECT reason, count(*) FROM alarm_handover GROUP BY reason ORDER BY reason") == [
        ("raised", ALARMS),
        ("unanswered", ALARMS),
    ]
    assert await kept(care, "SELECT rpps, state, count(*) FROM doctor_proposal GROUP BY rpps, state ORDER BY rpps") == [
        (GP, "lapsed", SEARCHES),
        (FIRST, "open", SEARCHES),
    ]
