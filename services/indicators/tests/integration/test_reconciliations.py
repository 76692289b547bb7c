"""What reconciliations found is kept, and shown to who operates the platform alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml
from fastapi import FastAPI
from processes import process
from producing import Producer, stories
from telling import NOW, Stage, Teller

from contracts.envelope import NATIONAL
from indicators.reconcile import reconcile
from indicators.settings import IndicatorsSettings
from indicators.store import reconciliations
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client, connected


@pytest_asyncio.fixture
async def operator(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token("platform:reconciliations")) as started:
        yield started


async def run(settings: IndicatorsSettings, producers: str, since: date = date(1970, 1, 1)) -> bool:
    asked = settings.model_copy(update={"producers": producers})
    return (await reconcile(asked, since=since, wait=0, repair=False)).complete


async def listed(http: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    body: dict[str, Any] = (await http.get("/v1/reconciliations", params=params)).raise_for_status().json()
    return body


async def test_a_run_tells_each_producer_and_what_differs(
    settings: IndicatorsSettings, producer: Producer, stage: Stage, tell: Teller, operator: httpx.AsyncClient
) -> None:
    """Of eight stories the last four are not held; pathways does not answer."""
    events = stories(tell, 8)
    await producer.tell(*events)
    held = [it for it in events if it.territory in ("t-0", "t-1", "t-2", "t-3")]
    await stage.handle(*held)
    assert not await run(settings, f"snp-dispatch={producer.url},pathways=http://127.0.0.1:9", date(2026, 1, 1))
    (found,) = (await listed(operator))["items"]
    assert (found["complete"], found["repaired"], found["since"]) == (False, 0, "2026-01-01")
    assert found["producers"] == [
        {"producer": "pathways", "said": None, "held": 0, "difference": None},
        {
            "producer": "snp-dispatch",
            "said": len(events),
            "held": len(held),
            "difference": len(events) - len(held),
        },
    ]
    path = f"/v1/reconciliations/{found['id']}/differences"
    first = (await operator.get(path, params={"limit": 3})).json()
    rest = (await operator.get(path, params={"cursor": first["next"]})).json()
    items = first["items"] + rest["items"]
    assert (len(first["items"]), len(items), rest["next"]) == (3, found["differences"], None)
    assert sum(it["difference"] for it in items) == len(events) - len(held)
    assert items == sorted(items, key=lambda it: (it["day"], it["type"]))
    assert {it["day"] for it in items} == {str(NOW.date()), str(NOW.date() - timedelta(days=7))}
    slots = next(it for it in items if it["type"].endswith("slot.published.v1") and it["day"] == str(NOW.date()))
    assert slots == {
        "producer": "snp-dispatch",
        "type": "fr.cpts.snp-dispatch.slot.published.v1",
        "day": str(NOW.date()),
        "said": 10,
        "held": 4,
        "difference": 6,
    }


async def test_the_latest_comes_first(
    settings: IndicatorsSettings, producer: Producer, stage: Stage, tell: Teller, operator: httpx.AsyncClient
) -> None:
    await producer.tell(*(events := stories(tell, 2)))
    assert not await run(settings, f"snp-dispatch={producer.url}")
    await stage.handle(*events)
    assert await run(settings, f"snp-dispatch={producer.url}")
    first = await listed(operator, limit=1)
    second = await listed(operator, limit=1, cursor=first["next"])
    assert [it["complete"] for it in first["items"] + second["items"]] == [True, False]
    assert second["next"] is None


async def test_the_oldest_are_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliations, "KEPT", 2)
    for day in range(1, 5):
        async with stage.system.work(NATIONAL) as work:
            since = date(2026, 1, day)
            await reconciliations.add(work, since=since, repaired=0, complete=True, producers=[], differences=[])
    async with stage.system.work(NATIONAL) as work:
        assert [it["since"].day for it in await reconciliations.listed(work, None, 10)] == [4, 3]


async def test_an_unknown_one_is_404(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/v1/reconciliations/00000000-0000-4000-8000-000000000000/differences")
    assert (answer.status_code, answer.json()["code"]) == (404, "reconciliation_unknown")


async def test_nobody_of_a_territory_sees_counts_of_all(
    operator: httpx.AsyncClient, service: FastAPI, issuer: Issuer, deploy_dir: Path
) -> None:
    """No role that a territory gives has the scope; requests may read what is kept, and change nothing."""
    roles = yaml.safe_load((deploy_dir / "roles.yaml").read_text(encoding="utf-8"))["roles"]
    assert [name for name, it in roles.items() if "platform:reconciliations" in it["scopes"]] == ["platform"]
    async with connected(service, issuer.token("indicators:read", "indicators:rebuild")) as coordinator:
        answer = await coordinator.get("/v1/reconciliations")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_the_command_says_by_its_exit_status_whether_all_is_held(
    settings: IndicatorsSettings, producer: Producer, stage: Stage, tell: Teller, clock: FixedClock
) -> None:
    await producer.tell(*(events := stories(tell, 1)))
    asked = settings.model_copy(update={"producers": f"snp-dispatch={producer.url}"})
    for handled, status in (([], 1), (events, 0)):
        await stage.handle(*handled)
        async with process(asked, "indicators.reconcile", "--wait", "0") as command:
            output, _ = await asyncio.to_thread(command.communicate)
        assert (command.returncode, output.decode().splitlines()[-1]) == (
            status,
            "NOT complete" if status else "complete",
        )
