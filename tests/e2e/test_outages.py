"""A part that is down is named, the others answer; who was away catches up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from contracts.examples import an_ed_call
from kit.testing.harness import until
from local_stack.stack import Stack
from tests.e2e.calls import Client, keyed


async def figure(coordinator: httpx.AsyncClient, name: str) -> int:
    return int((await coordinator.get(f"/v1/indicators/{name}")).json()["numerator"])


async def test_a_consumer_stopped_meanwhile_catches_up(stack: Stack, client: Client) -> None:
    coordinator, ed = client(), client("ed")
    await stack.suspend("indicators-worker")
    try:
        before = await figure(coordinator, "I-09")
        for _ in range(5):
            assert (await ed.post("/v1/calls", json=an_ed_call(mode="book"), headers=keyed())).status_code == 201
        await asyncio.sleep(1)
        assert await figure(coordinator, "I-09") == before
    finally:
        stack.resume("indicators-worker")
    await until(reached(lambda: figure(coordinator, "I-09"), before + 5), seconds=60)
    await stack.wait_ready()


def reached(read: Callable[[], Awaitable[int]], wanted: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return await read() == wanted

    return check


async def test_a_service_that_is_down_is_named_while_the_others_answer(stack: Stack, client: Client) -> None:
    coordinator = client()
    await stack.suspend("pathways")
    try:
        down = await coordinator.get("/v1/pathway-templates")
        assert down.status_code == 503
        assert down.headers["content-type"] == "application/problem+json"
        assert (down.json()["code"], down.json()["service"]) == ("service_unavailable", "pathways")
        assert int(down.headers["retry-after"]) >= 1
        assert (await coordinator.get("/v1/slots")).status_code == 200
        readiness = await coordinator.get("/readyz")
        assert readiness.status_code == 503
        assert "pathways" in readiness.text
    finally:
        stack.resume("pathways")
    await stack.wait_ready()
    assert (await coordinator.get("/v1/pathway-templates")).status_code == 200


async def test_without_nats_calls_are_booked_and_their_events_follow(stack: Stack, client: Client) -> None:
    coordinator, ed = client(), client("ed")
    before = await figure(coordinator, "I-09")
    await stack.suspend("nats")
    try:
        answers: list[Any] = [
            await ed.post("/v1/calls", json=an_ed_call(mode="book"), headers=keyed()) for _ in range(3)
        ]
        assert [answer.json()["state"] for answer in answers] == ["booked"] * 3
    finally:
        stack.resume("nats")
    await until(reached(lambda: figure(coordinator, "I-09"), before + 3), seconds=60)
    await stack.wait_ready()
