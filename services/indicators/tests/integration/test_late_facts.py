"""Facts that arrive after their period was submitted or approved."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from examples import every_example
from fastapi import FastAPI
from reporting import BOARD, IN_Q3, Q3, move, moved
from telling import NOW, TERRITORY, Stage, Teller, event_of

from contracts.coordination import StayCancelled, StayRecorded
from contracts.envelope import Event
from indicators.consumers.on_event import fact_of, on_events
from indicators.domain.lateness import late_moments
from kit.testing.harness import Issuer, client


@pytest_asyncio.fixture
async def board(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*BOARD)) as started:
        yield started


async def late_data(http: httpx.AsyncClient, period: str = Q3) -> tuple[str, int | None]:
    body = (await http.get(f"/v1/periods/{period}")).json()
    return body["state"], body["late_data"] and body["late_data"]["facts"]


async def history(http: httpx.AsyncClient) -> list[tuple[str, str, int | None]]:
    items = (await http.get(f"/v1/periods/{Q3}/history")).json()["items"]
    return [(item["verb"], item["state"], item["facts"]) for item in items]


async def handle_together(stage: Stage, *events: Event[Any]) -> None:
    async with stage.db.work(TERRITORY) as work:
        await on_events(events, work)


async def test_a_submitted_period_is_open_again(board: httpx.AsyncClient, stage: Stage, tell: Teller) -> None:
    await moved(board, "submit")
    await stage.handle(tell.published(uuid4(), starts_at=IN_Q3))
    assert await late_data(board) == ("open", None)
    assert await history(board) == [("late_data", "open", 1), ("submitted", "submitted", None)]
    refused = await move(board, "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_not_submitted")
    await moved(board, "submit", "approve")
    assert await late_data(board) == ("approved", None)


@pytest.mark.parametrize("verbs", [("submit", "approve"), ("submit", "approve", "lock")], ids=["approved", "locked"])
async def test_a_closed_period_has_late_data(
    board: httpx.AsyncClient, stage: Stage, tell: Teller, verbs: tuple[str, ...]
) -> None:
    state = (await moved(board, *verbs))["state"]
    await handle_together(stage, *(tell.published(uuid4(), starts_at=IN_Q3) for _ in range(3)))
    stage.clock.advance(timedelta(hours=5))
    await stage.handle(tell.published(uuid4(), starts_at=IN_Q3))
    assert await late_data(board) == (state, 4)
    body = (await board.get(f"/v1/periods/{Q3}")).json()
    assert body["late_data"]["newest_at"] == "2026-11-22T14:00:00Z"
    assert (await history(board))[0] == ("late_data", state, 3)
    assert [verb for verb, _, _ in await history(board)].count("late_data") == 1


async def test_the_quarter_the_half_year_and_the_year_are_told(
    board: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    for period in ("2025-Q1", "2025-Q2", "2025-H1", "2025"):
        await moved(board, "submit", "approve", period=period)
    await stage.handle(tell.published(uuid4(), starts_at=datetime.fromisoformat("2025-03-31T23:30:00+02:00")))
    found = {period: (await late_data(board, period))[1] for period in ("2025-Q1", "2025-Q2", "2025-H1", "2025")}
    assert found == {"2025-Q1": 1, "2025-Q2": None, "2025-H1": 1, "2025": 1}


async def test_a_fact_that_was_known_is_not_late_when_it_comes_again(
    board: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    known = tell.published(uuid4(), starts_at=IN_Q3)
    await stage.handle(known)
    await moved(board, "submit", "approve")
    stage.clock.advance(timedelta(hours=1))
    late = tell.published(uuid4(), starts_at=IN_Q3)
    await handle_together(stage, known, late)
    await handle_together(stage, late)
    assert await late_data(board) == ("approved", 1)


async def test_what_is_told_now_of_now_is_not_late(board: httpx.AsyncClient, stage: Stage, tell: Teller) -> None:
    slot, call, booking = uuid4(), uuid4(), uuid4()
    await moved(board, "submit", "approve")
    await stage.handle(
        tell.published(slot),
        tell.published(uuid4(), time=IN_Q3),
        tell.received(call),
        tell.confirmed(booking, slot, call),
        tell.cancelled(booking, slot, call),
        tell.withdrawn(slot),
    )
    assert await late_data(board) == ("approved", None)


async def test_events_that_no_figure_is_made_of_are_not_late(board: httpx.AsyncClient, stage: Stage) -> None:
    await moved(board, "submit", "approve")
    idle = [event for event in every_example() if event.type.split(".")[3] in ("hold", "offer", "pause", "rebuild")]
    await stage.handle(*(event.model_copy(update={"time": IN_Q3}) for event in idle))
    assert len(idle) > 5
    assert await late_data(board) == ("approved", None)


async def test_a_correction_belongs_where_the_corrected_does(
    board: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    """A cancellation and a withdrawal name no time; nor does the cancelling of a stay, months after the stay."""
    slot, call, stay = uuid4(), uuid4(), uuid4()
    told = StayRecorded(
        stay_id=stay, kind="stay", motive="heart-failure", entry="direct", readmission=None, arrived_on=IN_Q3.date()
    )
    await stage.handle(
        tell.published(slot, starts_at=IN_Q3, time=IN_Q3),
        tell.received(call, at=IN_Q3, time=IN_Q3),
        event_of(told, 1, time=IN_Q3),
    )
    await moved(board, "submit", "approve")
    await stage.handle(tell.withdrawn(slot, time=IN_Q3))
    assert await late_data(board) == ("approved", 1)
    await stage.handle(tell.screened(call, time=IN_Q3))
    assert await late_data(board) == ("approved", 2)
    await stage.handle(event_of(StayCancelled(stay_id=stay, kind="stay"), 2, time=NOW))
    assert await late_data(board) == ("approved", 3)
    changes = (await board.get(f"/v1/periods/{Q3}/changes")).json()["items"]
    late = {item["id"]: item["late_facts_total"] for item in changes}
    assert late == dict.fromkeys(("I-06", "I-07", "I-08", "I-09", "I-10", "I-21", "N-01"), 1)


async def test_each_territory_has_its_own_late_data(board: httpx.AsyncClient, stage: Stage, tell: Teller) -> None:
    await moved(board, "submit", "approve")
    await stage.handle(tell.published(uuid4(), starts_at=IN_Q3, territory="haute-saintonge"))
    assert await late_data(board) == ("approved", None)


async def test_a_fact_is_either_approved_or_late(board: httpx.AsyncClient, stage: Stage, tell: Teller) -> None:
    """Facts of the quarter on eight connections, while it is submitted and approved again and again."""
    events = [tell.published(uuid4(), starts_at=IN_Q3) for _ in range(160)]

    async def record(share: list[Event[Any]]) -> None:
        for event in share:
            await stage.handle(event)
            await asyncio.sleep(0.005)

    async def approve() -> None:
        while (await move(board, "approve")).status_code != 200:
            await move(board, "submit")

    await asyncio.gather(*(record(events[place::8]) for place in range(8)), approve())
    approved = (await board.get(f"/v1/indicators/I-08?period={Q3}")).json()["value"]
    late = (await late_data(board))[1] or 0
    assert approved + late == len(events)
    live = (await board.get(f"/v1/indicators/I-08?period={Q3}&live=true")).json()
    assert live["value"] == len(events)


async def test_a_batch_of_the_present_costs_no_statement(stage: Stage, tell: Teller) -> None:
    """Nor does a week of facts that are late within the quarter."""
    present = [tell.published(uuid4()), tell.received(uuid4()), tell.published(uuid4(), time=IN_Q3)]
    assert late_moments([fact_of(event) for event in present], NOW, {}) == []
    late = fact_of(tell.published(uuid4(), starts_at=IN_Q3))
    assert [moment.at for moment in late_moments([late], NOW, {})] == [IN_Q3]
