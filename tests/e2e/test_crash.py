"""Every process is killed in turn while calls are booked: nothing confirmed is lost, nothing counts twice."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.examples import an_ed_call
from kit.testing.harness import until
from local_stack.stack import Stack
from tests.e2e.calls import Client

CALLS, AT_ONCE = 500, 12
VICTIMS = (
    "snp-dispatch",
    "snp-dispatch-worker",
    "indicators",
    "indicators-worker",
    "postgres",
    "gateway",
    "nats",
    "directory",
    "directory-worker",
    "pathways",
    "pathways-worker",
)


@dataclass
class Triage:
    """The software of an emergency department: it repeats a request with the same key until it is answered."""

    http: httpx.AsyncClient
    booked: list[dict[str, Any]] = field(default_factory=list)
    repeats: int = 0

    async def send(self, path: str, body: dict[str, Any]) -> httpx.Response:
        key = uuid4().hex
        while True:
            try:
                answer = await self.http.post(path, json=body, headers={"Idempotency-Key": key})
                if answer.status_code < 500:
                    return answer
            except httpx.TransportError:
                pass
            self.repeats += 1
            await asyncio.sleep(0.2)

    async def in_one_shot(self) -> None:
        answer = await self.send("/v1/calls", an_ed_call(mode="book"))
        assert answer.status_code == 201, answer.text
        self.booked.append(answer.json()["booking"])

    async def by_hold(self) -> None:
        """Asks for proposals, holds one that is still free, confirms it."""
        call = (await self.send("/v1/calls", an_ed_call())).json()
        proposals = call["proposals"]
        while proposals:
            slot = proposals.pop(0)["slot_id"]
            held = await self.send(f"/v1/calls/{call['id']}/holds", {"slot_id": slot})
            if held.status_code == 409:
                proposals = held.json().get("alternatives", [])
                continue
            assert held.status_code == 201, held.text
            done = await self.send(f"/v1/holds/{held.json()['id']}/confirm", {"token": held.json()["token"]})
            assert done.status_code == 201, done.text
            self.booked.append(done.json())
            return


async def book_all(triage: Triage) -> None:
    turns = iter(range(CALLS))

    async def caller() -> None:
        for turn in turns:
            await (triage.by_hold() if turn % 2 else triage.in_one_shot())

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


async def kill_each(stack: Stack, triage: Triage) -> None:
    for number, victim in enumerate(VICTIMS, start=1):
        while len(triage.booked) < number * CALLS // (len(VICTIMS) + 1):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await stack.kill(victim)


@pytest.mark.crash
@pytest.mark.timeout(900)
async def test_killing_every_process_loses_and_doubles_nothing(stack: Stack, client: Client) -> None:
    triage = Triage(client("ed"))
    # Eleven restarts take two minutes on a quiet machine. The limit ends a run that will never end, nothing else.
    await asyncio.wait_for(asyncio.gather(book_all(triage), kill_each(stack, triage)), 600)
    await stack.wait_ready()
    restarts = {name: process["restarts"] for name, process in stack.report.processes.items()}
    assert all(restarts[victim] for victim in VICTIMS), restarts
    assert triage.repeats > 0

    confirmed = {booking["id"] for booking in triage.booked}
    assert len(confirmed) == len(triage.booked)
    await each_exists_once(stack, triage)
    await each_is_counted_once(client, {booking["slot_id"] for booking in triage.booked})
    await no_seat_is_held_for_ever(stack)


async def each_exists_once(stack: Stack, triage: Triage) -> None:
    rows = await query(stack, "SELECT id::text, slot_id::text FROM booking WHERE state = 'confirmed'")
    stored = dict(rows)
    assert {booking["id"] for booking in triage.booked} <= set(stored)
    assert all(stored[booking["id"]] == booking["slot_id"] for booking in triage.booked)
    assert max(Counter(stored.values()).values()) == 1
    # A booking that nobody was told of would be a patient whom nobody sends.
    unknown = await query(
        stack,
        "SELECT b.id FROM booking b JOIN idempotency i ON i.status = 201 "
        "AND position(b.id::text IN convert_from(i.body, 'UTF8')) > 0 WHERE b.state = 'confirmed'",
    )
    assert len({str(row[0]) for row in unknown}) == len(stored)


async def each_is_counted_once(client: Client, slots: set[str]) -> None:
    coordinator = client()

    async def evidence() -> Counter[str]:
        """How many confirmations each counted slot rests on."""
        found: Counter[str] = Counter()
        for period in periods():
            params: dict[str, Any] = {"period": period, "limit": 200}
            while True:
                page = (await coordinator.get("/v1/indicators/I-10/evidence", params=params)).json()
                found.update(
                    item["unit"]
                    for item in page["items"]
                    for fact in item["facts"]
                    if fact["type"] == "fr.cpts.snp-dispatch.booking.confirmed.v1"
                )
                if not page["next"]:
                    break
                params["cursor"] = page["next"]
        return found

    async def all_counted() -> bool:
        return slots <= set(await evidence())

    await until(all_counted, seconds=60)
    counted = await evidence()
    assert {counted[slot] for slot in slots} == {1}


def periods() -> list[str]:
    """The year of now and, for a test at its very end, the next one: a booking counts in the year of its visit."""
    now = datetime.now(UTC)
    return sorted({str(now.year), str((now + timedelta(days=3)).year)})


async def no_seat_is_held_for_ever(stack: Stack) -> None:
    sql = (
        "SELECT count(*) FROM seat_claim "
        "WHERE booking_id IS NULL AND (expires_at IS NULL OR expires_at > now() + '6 min')"
    )
    assert await query(stack, sql) == [(0,)]


async def query(stack: Stack, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(
        stack.report.database_urls["snp-dispatch"], server_settings={"role": "snp_dispatch_system"}
    )
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
