"""Durable timers: fired once and in time, whatever happens to the worker; a broken one keeps no other waiting."""

import asyncio
import os
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from dispatch_stage import HERE, Dispatch, started
from pydantic import SecretStr

from kit.testing.harness import Issuer, until
from kit.work import Record, Work
from snp_dispatch.settings import Settings
from snp_dispatch.store import timers
from snp_dispatch.usecases.fire_timers import fire_timers
from snp_dispatch.usecases.sweep import purge_timers

MANY = 1000

# Waiting calls copied from one, each with a timer that is due at a random moment of the next `seconds`.
FILL = """
WITH copied AS (
    INSERT INTO call (id, territory, state, version, origin, client, caller, patient, need, constraints, received_at,
                      earliest, deadline, radius_km, modes, audiences, policy_version, outcome, conditions, proposals,
                      relaxations, ladder, escalating)
    SELECT gen_random_uuid(), territory, 'waiting', 3, origin, client, caller, patient, need, constraints, now(), now(),
           now() + interval '40 hours', radius_km, modes, audiences, policy_version, outcome, conditions, proposals,
           relaxations, ladder, true
      FROM call, generate_series(1, $1) WHERE call.id = $2
    RETURNING id, territory
)
INSERT INTO timer (id, territory, kind, subject_id, due_at, try_at, attempts, payload)
SELECT gen_random_uuid(), territory, 'escalation', id, at, at, 0, '{"position": 0}'
  FROM copied, LATERAL (SELECT now() + random() * $3 * interval '1 s' + 0 * length(copied.id::text) * interval '1 s')
       due (at)
RETURNING 1
"""
FIRED = """
SELECT extract(epoch FROM fired_at - due_at)::float8 AS late FROM timer
 WHERE kind = 'escalation' AND payload = '{"position": 0}' AND fired_at IS NOT NULL
"""


async def never(work: Work, timer: Record) -> None:
    raise RuntimeError("broken")


async def test_a_timer_fires_once_at_its_time(dispatch: Dispatch) -> None:
    fired: list[Any] = []

    async def note(work: Work, timer: Record) -> None:
        fired.append((timer["subject_id"], timer["payload"]))

    async def run(work: Work) -> int:
        return await fire_timers(work, dispatch.runtime.db, {"note": note})

    subject = uuid4()
    async with dispatch.runtime.db.work(HERE) as work:
        for seconds in (10, 20):  # the second is left out: one of a kind is pending for a subject
            await timers.set_timer(work, "note", subject, work.now.replace(second=seconds), payload={"n": seconds})
    assert await dispatch.system(run) == 0
    dispatch.advance(seconds=10)
    assert [await dispatch.system(run) for _ in range(2)] == [1, 0]
    assert fired == [(subject, {"n": 10})]


async def test_a_broken_timer_is_tried_again_later_and_blocks_nobody(dispatch: Dispatch) -> None:
    fired: list[Any] = []

    async def note(work: Work, timer: Record) -> None:
        fired.append(timer["subject_id"])

    async def run(work: Work) -> int:
        return await fire_timers(work, dispatch.runtime.db, {"note": note, "broken": never})

    async with dispatch.runtime.db.work(HERE) as work:
        await timers.set_timer(work, "broken", uuid4(), work.now, payload={})
        await timers.set_timer(work, "note", uuid4(), work.now, payload={})
    assert await dispatch.system(run) == 1
    (row,) = await dispatch.rows("SELECT attempts, try_at - due_at AS put_off FROM timer WHERE kind = 'broken'")
    assert (row["attempts"], row["put_off"].total_seconds()) == (1, 5)
    dispatch.advance(seconds=5)
    assert await dispatch.system(run) == 0
    (row,) = await dispatch.rows("SELECT attempts, try_at - due_at AS put_off FROM timer WHERE kind = 'broken'")
    assert (row["attempts"], row["put_off"].total_seconds()) == (2, 15)


async def test_fired_timers_are_purged_after_a_month_and_pending_ones_never(dispatch: Dispatch) -> None:
    async def note(work: Work, timer: Record) -> None:
        pass

    async def run(work: Work) -> int:
        return await fire_timers(work, dispatch.runtime.db, {"note": note})

    async with dispatch.runtime.db.work(HERE) as work:
        await timers.set_timer(work, "note", uuid4(), work.now, payload={})
        await timers.set_timer(work, "note", uuid4(), work.now + timedelta(days=90), payload={})
    assert await dispatch.system(run) == 1
    dispatch.advance(days=30)
    assert await dispatch.system(purge_timers) == 0
    dispatch.advance(seconds=1)
    assert await dispatch.system(purge_timers) == 1
    assert [row["fired_at"] for row in await dispatch.rows("SELECT fired_at FROM timer")] == [None]


@pytest.fixture
async def settings(new_settings: Any) -> Settings:
    made: Settings = await new_settings()
    return made


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process of its own reads them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    values = {name: getattr(settings, name) for name in settings.model_fields_set} | {"worker_port": port}
    shown = {name: it.get_secret_value() if isinstance(it, SecretStr) else it for name, it in values.items()}
    return {**os.environ, **{f"SNP_DISPATCH_{name.upper()}": str(it) for name, it in shown.items()}}


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real process; killed (SIGKILL) at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "snp_dispatch.worker", env=environment(settings), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def pending(dispatch: Dispatch) -> int:
    (row,) = await dispatch.rows(
        "SELECT count(*) AS n FROM timer WHERE fired_at IS NULL AND payload = '{\"position\": 0}'"
    )
    return int(row["n"])


async def filled(dispatch: Dispatch, seconds: float) -> None:
    call = await dispatch.call()
    await dispatch.made(f"/calls/{call['id']}/cancel", {"reason": "only_copied"}, status=200)
    assert len(await dispatch.rows(FILL, MANY, call["id"], seconds)) == MANY


async def each_once(dispatch: Dispatch) -> None:
    """One step, one event a call: what a timer does happened neither never nor twice."""
    (row,) = await dispatch.rows("SELECT count(*) AS n, count(DISTINCT call_id) AS calls FROM escalation_step")
    assert (row["n"], row["calls"]) == (MANY, MANY)
    (row,) = await dispatch.rows(
        "SELECT count(*) AS n, count(DISTINCT body::json ->> 'subject') AS calls FROM outbox "
        "WHERE type = 'fr.cpts.snp-dispatch.call.escalated.v1'"
    )
    assert (row["n"], row["calls"]) == (MANY, MANY)


async def test_a_worker_that_is_killed_again_and_again_fires_each_timer_once(
    settings: Settings, issuer: Issuer
) -> None:
    """Killed while it works: at random moments of the time in which the timers are due."""
    chance = random.Random(20261124)
    async with started(settings, issuer) as dispatch:
        await filled(dispatch, 12)
        kills = 0
        while await pending(dispatch) > 0 and kills < 5:
            before = await pending(dispatch)
            async with worker(settings):

                async def at_work(before: int = before) -> bool:
                    return await pending(dispatch) < before

                await until(at_work, seconds=120)
                await asyncio.sleep(chance.uniform(0, 1.0))
            kills += 1
        assert kills >= 2
        async with worker(settings):

            async def done() -> bool:
                return await pending(dispatch) == 0

            await until(done, seconds=300)
        await each_once(dispatch)


async def test_timers_of_ten_seconds_fire_once_and_never_early(settings: Settings, issuer: Issuer) -> None:
    """By the clock of the process that fires them; how late they are is measured by `make bench`."""
    async with started(settings, issuer) as dispatch, worker(settings) as process:
        await filled(dispatch, 10)

        async def done() -> bool:
            return await pending(dispatch) == 0

        await until(done, seconds=300)
        assert process.returncode is None
        assert min(row["late"] for row in await dispatch.rows(FIRED)) >= 0
        await each_once(dispatch)
