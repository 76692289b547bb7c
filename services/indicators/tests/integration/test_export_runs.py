"""Exports fall due, are made once and arrive once, whatever dies."""

import asyncio
import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from export_stage import QUARTERLY, Replica, replicas, write_rules
from telling import Stage, Teller

from indicators.settings import IndicatorsSettings
from indicators.usecases import run_export
from indicators.worker import worker
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.harness import until
from kit.testing.samples import check_sample

BEFORE = datetime(2026, 10, 1, 12, tzinfo=UTC)
DUE = datetime(2026, 10, 10, 5, tzinfo=UTC)
"""Seven in the morning in Paris, still in summer time; on 10 January it is 06:00 UTC."""
DAILY = QUARTERLY | {"id": "daily", "when": "30 2 * * *"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(BEFORE)


def ruled(settings: IndicatorsSettings, tmp_path: Path, *schedules: dict[str, Any], **rules: Any) -> IndicatorsSettings:
    folder = tmp_path / "territories"
    write_rules(folder, *schedules, **rules)
    return settings.model_copy(update={"territories_dir": folder})


def at(clock: FixedClock, moment: datetime) -> None:
    clock.advance(moment - clock.now())


def sent(settings: IndicatorsSettings) -> list[str]:
    return sorted(it.name for it in (settings.exports_dir / "cpam").glob("*"))


async def test_three_workers_play_half_a_year_and_each_quarter_goes_once(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY)
    async with (
        worker(settings, clock).started() as first,
        worker(settings, clock).started(),
        worker(settings, clock).started(),
    ):

        async def runs() -> list[Any]:
            async with first.system.work("national") as work:
                return await work.fetch("SELECT * FROM export_run ORDER BY due_at")

        async def planned_at(moment: datetime) -> bool:
            async with first.system.work("national") as work:
                found = await work.fetchval("SELECT due_at FROM job_run WHERE name = 'plan-exports'")
            return found is not None and found > moment

        for moment, expected in (
            (DUE - timedelta(minutes=1), 0),
            (DUE, 1),
            (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 1),
            (datetime(2027, 1, 10, 5, 59, tzinfo=UTC), 1),
            (datetime(2027, 1, 10, 6, tzinfo=UTC), 2),
            (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), 2),
            (datetime(2027, 4, 10, 5, tzinfo=UTC), 3),
        ):
            at(clock, moment)
            await until(lambda moment=moment: planned_at(moment))  # type: ignore[misc]

            async def delivered(expected: int = expected) -> bool:
                # Jobs rest by the clock: it has to move for the next one.
                clock.advance(timedelta(seconds=1))
                states = [run["state"] for run in await runs()]
                return states == ["delivered"] * expected

            await until(delivered)
        told = [(run["due_at"], run["period"], run["claim"]) for run in await runs()]
        async with first.system.work("national") as work:
            deliveries = await work.fetchval("SELECT count(*) FROM export_delivery")
            events = await work.fetchval("SELECT count(*) FROM outbox WHERE type LIKE '%export.delivered%'")
    assert told == [
        (DUE, "2026-Q3", 1),
        (datetime(2027, 1, 10, 6, tzinfo=UTC), "2026-Q4", 1),
        (datetime(2027, 4, 10, 5, tzinfo=UTC), "2027-Q1", 1),
    ]
    assert (deliveries, events) == (3, 3)
    assert sent(settings) == [
        f"{day}_pays-de-redon_cpam-dashboard" for day in ("2026-10-10", "2027-01-10", "2027-04-10")
    ]


async def test_what_three_replicas_plan_and_take_at_once_is_there_once(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, DAILY, DAILY | {"id": "second"})
    at(clock, datetime(2026, 10, 12, 12, tzinfo=UTC))
    async with replicas(settings, clock, 3) as three:
        planned = await asyncio.gather(*(it.plan() for it in three))
        taken = await asyncio.gather(*(it.work_off() for it in three))
        assert (sum(planned), sum(taken)) == (24, 24)
        assert {(run["state"], run["claim"]) for run in await three[0].rows()} == {("delivered", 1)}
    assert len(sent(settings)) == 24


async def test_a_stop_of_two_days_over_the_change_of_clocks_is_caught_up_oldest_first(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, DAILY | {"starts": "2026-10-23"})
    at(clock, datetime(2026, 10, 24, 12, tzinfo=UTC))
    async with replicas(settings, clock) as (before,):
        assert (await before.plan(), await before.work_off()) == (2, 2)
    at(clock, datetime(2026, 10, 26, 12, tzinfo=UTC))
    async with replicas(settings, clock) as (after,):
        assert (await after.plan(), await after.work_off()) == (2, 2)
        assert await after.plan() == 0
        rows = await after.rows("SELECT due_at, delivered_at FROM export_run ORDER BY version, due_at")
    assert [row["due_at"] for row in rows][-2:] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]
    assert len(sent(settings)) == 4


async def due_run(replica: Replica, clock: FixedClock) -> None:
    at(clock, DUE)
    assert await replica.plan() == 1


async def test_files_are_those_of_the_manifest_and_say_the_figures(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock, stage: Stage, tell: Teller
) -> None:
    slots = [uuid4() for _ in range(3)]
    july = datetime(2026, 7, 20, 8, tzinfo=UTC)
    await stage.handle(*(tell.published(it, starts_at=july, time=july) for it in slots))
    settings = ruled(settings, tmp_path, QUARTERLY)
    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        await one.work_off()
        (run,) = await one.rows()
    (folder,) = (settings.exports_dir / "cpam").glob("*")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert (manifest["delivery"], manifest["period"]) == (str(run["id"]), "2026-Q3")
    assert manifest["recipient"] == "CPAM d'Ille-et-Vilaine"
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
    text = (folder / "pays-de-redon_quarterly_dashboard_2026-Q3.csv").read_text("utf-8-sig")
    rows = {it["id"]: it for it in csv.DictReader(io.StringIO(text, newline=""), delimiter=";") if not it["dimension"]}
    assert (rows["I-08"]["value"], rows["I-08"]["value_before"], rows["I-08"]["evidence"]) == ("3", "0", "3")
    assert (rows["I-01"]["status"], rows["I-01"]["value"]) == ("no_source", "")
    assert run["receipt"].startswith("cpam/2026-10-10_pays-de-redon_cpam-dashboard/manifest.json sha256=")


async def test_a_killed_workers_run_is_taken_over_when_its_lease_is_over(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first dies after its files have arrived and before it could say so."""
    settings = ruled(settings, tmp_path, QUARTERLY)
    reached, never = asyncio.Event(), asyncio.Event()
    real = run_export.deliver

    async def deliver_and_hang(*parts: Any) -> str:
        receipt = await real(*parts)
        reached.set()
        await never.wait()
        return receipt

    async with replicas(settings, clock, 2) as (first, second):
        await due_run(first, clock)
        monkeypatch.setattr(run_export, "deliver", deliver_and_hang)
        await first.exporter.run(first.runtime)
        await reached.wait()
        monkeypatch.setattr(run_export, "deliver", real)
        before = {it: it.stat().st_mtime_ns for it in (settings.exports_dir / "cpam").glob("*/*")}
        assert await second.work_off() == 0
        clock.advance(run_export.LEASE)
        assert await second.work_off() == 1
        (run,) = await second.rows()
        assert (run["state"], run["claim"]) == ("delivered", 2)
        never.set()
        await first.exporter.settle()
        assert await second.rows() == [run], "who has lost the lease changes nothing"
        attempts = await second.rows("SELECT attempt, outcome FROM export_delivery ORDER BY attempt")
        assert [tuple(it) for it in attempts] == [(1, "cut_off"), (2, "delivered")]
        assert await second.rows("SELECT id FROM outbox WHERE type LIKE '%export.delivered%'") != []
    after = {it: it.stat().st_mtime_ns for it in (settings.exports_dir / "cpam").glob("*/*")}
    assert after == before, "the folder knew the delivery: nothing was written a second time"


async def test_one_that_dies_while_it_makes_files_is_made_again(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY)

    async def dies(*_: Any) -> None:
        raise asyncio.CancelledError

    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        with monkeypatch.context() as patched:
            patched.setattr(run_export, "_progress", dies)
            await one.exporter.run(one.runtime)
            with pytest.raises(asyncio.CancelledError):
                await one.exporter.settle()
        assert [run["state"] for run in await one.rows()] == ["building"]
        assert list((settings.blob_dir / "indicators").iterdir()) == [], "no file is left that nobody knows"
        clock.advance(run_export.LEASE)
        assert await one.work_off() == 1
        assert [run["state"] for run in await one.rows()] == ["delivered"]


async def test_a_delivery_that_fails_is_tried_again_with_longer_waits_and_then_shown(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY, waits_minutes=[1, 5])
    settings.exports_dir.write_text("in the way")
    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        seen = []
        for wait in (0, 1, 5):
            clock.advance(timedelta(minutes=wait) - timedelta(seconds=1 if wait else 0))
            if wait:
                assert await one.work_off() == 0
                clock.advance(timedelta(seconds=1))
            assert await one.work_off() == 1
            (run,) = await one.rows()
            seen.append((run["state"], run["error"], run["tries"]))
        assert seen == [
            ("waiting", "folder_unwritable", 1),
            ("waiting", "folder_unwritable", 2),
            ("failed", "folder_unwritable", 3),
        ]
        assert run["next_at"] is None
        attempts = await one.rows("SELECT outcome FROM export_delivery ORDER BY attempt")
        assert [it["outcome"] for it in attempts] == ["folder_unwritable"] * 3
        assert len(await one.rows("SELECT DISTINCT sha256 FROM export_file")) == 2, "made once, whatever failed later"


async def test_an_export_that_kills_its_worker_each_time_is_given_up(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY, waits_minutes=[1])
    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        async with one.runtime.system.work("national") as work:
            await work.execute("UPDATE export_run SET tries = 2, claim = 2")
        await one.work_off()
        (run,) = await one.rows()
        assert (run["state"], run["error"]) == ("failed", "gave_up")


async def test_a_campaign_that_left_the_file_is_said(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    campaign = {"name": "grippe", "label_fr": "Grippe", "begins": "04-01", "ends": "06-30"}
    told = QUARTERLY | {"what": "campaign_report", "campaign": "grippe"}
    settings = ruled(settings, tmp_path, told, campaigns=[campaign])
    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
    ruled(settings, tmp_path, QUARTERLY | {"id": "other"})
    async with replicas(settings, clock) as (one,):
        await one.work_off()
        (run,) = await one.rows("SELECT * FROM export_run WHERE schedule = 'cpam-dashboard'")
        assert (run["period"], run["state"], run["error"]) == ("2026-grippe", "failed", "period_unknown")


async def test_the_event_that_tells_of_a_delivery(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY)
    current_trace.set(None)  # a request that a test of this process made before would be its cause
    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        await one.work_off()
        (row,) = await one.rows("SELECT body FROM outbox WHERE type LIKE '%export.delivered%'")
    told = json.loads(row["body"]) if isinstance(row["body"], (str, bytes)) else row["body"]
    for number, name in enumerate(("id", "correlationid"), 1):
        told[name] = f"01936b1e-0000-7000-8000-00000000001{number}"
    told["subject"] = told["data"]["export_run_id"] = "01936b1e-0000-7000-8000-000000000013"
    told["data"]["size"] = 26_000
    check_sample(told)


async def test_an_email_that_was_cut_off_is_never_sent_again_by_itself(
    settings: IndicatorsSettings, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ruled(settings, tmp_path, QUARTERLY | {"destination": {"kind": "email", "to_env": "CPAM_MAILBOX"}})
    sent_out = []

    async def cut_off(*parts: Any) -> str:
        sent_out.append(parts)
        raise asyncio.CancelledError

    async with replicas(settings, clock) as (one,):
        await due_run(one, clock)
        monkeypatch.setattr(run_export, "deliver", cut_off)
        await one.exporter.run(one.runtime)
        with pytest.raises(asyncio.CancelledError):
            await one.exporter.settle()
        clock.advance(run_export.LEASE)
        assert await one.work_off() == 1
        (run,) = await one.rows()
        assert (run["state"], run["error"], run["next_at"], len(sent_out)) == ("failed", "unsure", None, 1)
        attempts = await one.rows("SELECT outcome FROM export_delivery ORDER BY attempt")
        assert [it["outcome"] for it in attempts] == ["cut_off", "unsure"]
