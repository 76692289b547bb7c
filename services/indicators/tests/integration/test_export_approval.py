"""Readers outside see closed periods only: what they are owed waits for the approval, and goes out once, by itself."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from export_stage import QUARTERLY, Replica, replicas, write_rules
from reporting import BOARD, IN_Q3, Q3, moved
from telling import Stage, Teller

from indicators.main import build
from indicators.settings import IndicatorsSettings
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client

DUE = datetime(2026, 10, 10, 5, tzinfo=UTC)
OUTSIDE = QUARTERLY | {"inside": False}
OFFICE = QUARTERLY | {"id": "office", "recipient": "CPTS", "destination": {"kind": "folder", "path": "office"}}
SCOPES = (*BOARD, "exports:read", "exports:write")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(DUE)


@pytest.fixture
def ruled(settings: IndicatorsSettings, tmp_path: Path) -> IndicatorsSettings:
    write_rules(tmp_path / "territories", OUTSIDE, OFFICE)
    return settings.model_copy(update={"territories_dir": tmp_path / "territories"})


@pytest_asyncio.fixture
async def three(ruled: IndicatorsSettings, clock: FixedClock) -> AsyncIterator[list[Replica]]:
    async with replicas(ruled, clock, 3) as opened:
        yield opened


@pytest_asyncio.fixture
async def desk(ruled: IndicatorsSettings, clock: FixedClock, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(build(ruled, clock), issuer.token(*SCOPES)) as http:
        yield http


async def runs(desk: httpx.AsyncClient, **query: str) -> dict[str, dict[str, Any]]:
    """By schedule."""
    items = (await desk.get("/v1/export-runs", params=query)).raise_for_status().json()["items"]
    return {it["schedule"] or "by hand": it for it in items}


def sent(settings: IndicatorsSettings, to: str) -> list[Path]:
    return sorted((settings.exports_dir / to).glob("*/*"))


def values(settings: IndicatorsSettings, to: str) -> dict[str, dict[str, str]]:
    (file,) = [it for it in sent(settings, to) if it.suffix == ".csv"]
    rows = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""), delimiter=";")
    return {it["id"]: it for it in rows if not it["dimension"]}


async def slots(stage: Stage, tell: Teller, number: int, at: datetime = IN_Q3) -> None:
    await stage.handle(*(tell.published(uuid4(), starts_at=at, time=at) for _ in range(number)))


async def test_what_is_owed_outside_waits_and_the_office_has_it_at_once_as_provisional(
    stage: Stage, tell: Teller, ruled: IndicatorsSettings, three: list[Replica], desk: httpx.AsyncClient
) -> None:
    await slots(stage, tell, 3)
    assert await three[0].plan() == 2
    assert await three[0].work_off() == 2
    found = await runs(desk)
    waiting, office = found["cpam-dashboard"], found["office"]
    assert (waiting["state"], waiting["waiting_because"], waiting["waiting_since"], waiting["inside"]) == (
        *("waiting_for_approval", "period_not_approved", "2026-10-10T05:00:00Z", False),
    )
    assert (waiting["files"], waiting["tries"], waiting["next_at"], waiting["provisional"]) == ([], 0, None, None)
    assert (office["state"], office["provisional"], office["waiting_because"]) == ("delivered", True, None)
    assert list(await runs(desk, state="waiting_for_approval")) == ["cpam-dashboard"]
    assert sent(ruled, "cpam") == []
    told = values(ruled, "office")
    assert (told["I-08"]["value"], told["I-08"]["provisional"]) == ("3", "true")
    (manifest,) = [it for it in sent(ruled, "office") if it.name == "manifest.json"]
    assert json.loads(manifest.read_bytes())["provisional"] is True


async def test_the_approval_sets_it_free_and_three_replicas_send_it_once(
    *,
    stage: Stage,
    tell: Teller,
    ruled: IndicatorsSettings,
    three: list[Replica],
    desk: httpx.AsyncClient,
    clock: FixedClock,
) -> None:
    await slots(stage, tell, 3)
    await three[0].plan()
    await three[0].work_off()
    clock.advance(timedelta(days=3))
    await moved(desk, "submit")
    assert sum(await asyncio.gather(*(it.work_off() for it in three))) == 0, "submitted is not approved"
    await moved(desk, "approve")
    await slots(stage, tell, 2)
    assert sum(await asyncio.gather(*(it.work_off() for it in three))) == 1
    run = (await runs(desk))["cpam-dashboard"]
    assert (run["state"], run["provisional"], run["waiting_since"], run["tries"]) == ("delivered", False, None, 1)
    assert run["delivered_at"] == "2026-10-13T05:00:00Z"
    told = values(ruled, "cpam")
    assert (told["I-08"]["value"], told["I-08"]["provisional"]) == ("3", "false"), "as approved, not as of now"
    assert told["I-08"]["evidence"] == "3"
    assert told["I-08"]["value_before"] == "", "nobody approved the second quarter"
    events = await three[0].rows("SELECT id FROM outbox WHERE type LIKE '%export.delivered%' AND body::text ~ 'cpam'")
    assert len(events) == 1
    clock.advance(timedelta(days=1))
    assert sum(await asyncio.gather(*(it.work_off() for it in three))) == 0


async def test_an_approval_and_an_export_at_the_same_time_never_miss_each_other(
    three: list[Replica], desk: httpx.AsyncClient, clock: FixedClock
) -> None:
    """Whichever comes first, it is delivered: held and set free, or never held."""
    await three[0].plan()
    await moved(desk, "submit")
    await asyncio.gather(moved(desk, "approve"), *(it.work_off() for it in three))
    clock.advance(timedelta(seconds=1))
    await three[0].work_off()
    assert {name: run["state"] for name, run in (await runs(desk)).items()} == {
        "cpam-dashboard": "delivered",
        "office": "delivered",
    }


async def test_one_that_is_approved_before_it_is_due_waits_for_nothing(
    three: list[Replica], desk: httpx.AsyncClient, ruled: IndicatorsSettings
) -> None:
    await moved(desk, "submit", "approve", "lock")
    await three[0].plan()
    await three[0].work_off()
    assert {run["state"] for run in (await runs(desk)).values()} == {"delivered"}
    assert {it["provisional"] for it in values(ruled, "office").values()} == {"false"}


async def test_the_period_before_is_told_once_it_is_approved(
    stage: Stage, tell: Teller, ruled: IndicatorsSettings, three: list[Replica], desk: httpx.AsyncClient
) -> None:
    await slots(stage, tell, 2, datetime(2026, 5, 12, 8, tzinfo=UTC))
    await slots(stage, tell, 3)
    await moved(desk, "submit", "approve", period="2026-Q2")
    await moved(desk, "submit", "approve")
    await three[0].plan()
    await three[0].work_off()
    assert values(ruled, "cpam")["I-08"]["value_before"] == "2"


async def test_one_whose_period_was_opened_again_waits_for_the_next_approval(
    three: list[Replica], desk: httpx.AsyncClient
) -> None:
    await moved(desk, "submit", "approve", "reopen")
    await three[0].plan()
    await three[0].work_off()
    assert (await runs(desk))["cpam-dashboard"]["state"] == "waiting_for_approval"
    await moved(desk, "submit", "approve")
    await three[0].work_off()
    assert (await runs(desk))["cpam-dashboard"]["state"] == "delivered"


async def test_an_order_for_readers_outside_waits_and_is_refused_while_the_period_goes_on(
    three: list[Replica], desk: httpx.AsyncClient
) -> None:
    async def order(period: str, **more: Any) -> httpx.Response:
        body = {"what": "quarterly_dashboard", "period": period, "formats": ["csv"], **more}
        return await desk.post("/v1/export-runs", json=body, headers={"Idempotency-Key": str(uuid4())})

    refused = await order("2026-Q4", inside=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "period_not_over")
    assert (await order("2026-Q4")).status_code == 202, "the office may look at the quarter it is in"
    outside = (await order(Q3, inside=False)).json()
    await three[0].work_off()
    path = f"/v1/export-runs/{outside['id']}"
    assert (await desk.get(path)).json()["state"] == "waiting_for_approval"
    retry = await desk.post(f"{path}/retry", headers={"Idempotency-Key": "again"})
    assert (retry.status_code, retry.json()["code"]) == (409, "run_not_failed")
    await moved(desk, "submit", "approve")
    await three[0].work_off()
    assert (await desk.get(path)).json()["state"] == "delivered"
