"""Five hundred calls on a hundred slots through the gateway, all at once, with everything that can come between."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest

from contracts.examples import an_ed_call
from kit.testing.harness import until
from local_stack.stack import Stack
from tests.e2e.calls import Client, keyed

CALLS, MIDWIVES, SLOTS_EACH, AT_ONCE = 500, 10, 10, 60
TERMINAL = {"booked", "refused", "redirected", "cancelled", "expired"}
MIDWIFE, REDON = "50", "35236"

OVERFULL = """
SELECT count(*) FROM slot s WHERE s.capacity < (SELECT count(*) FROM seat_claim c WHERE c.slot_id = s.id)
"""
TWICE = """
SELECT count(*) FROM (SELECT slot_id FROM booking WHERE state <> 'cancelled' GROUP BY slot_id HAVING count(*) > 1) b
  JOIN slot s ON s.id = b.slot_id WHERE s.capacity = 1
"""
OVERLAPPING = """
SELECT count(*) FROM booking a JOIN booking b
    ON a.effector_id = b.effector_id AND a.id < b.id AND a.slot_id <> b.slot_id
   AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
 WHERE a.state <> 'cancelled' AND b.state <> 'cancelled'
"""
UNOWNED = """
SELECT count(*) FROM seat_claim c
 WHERE NOT EXISTS (SELECT FROM hold h WHERE h.id = c.hold_id AND h.state = 'active')
   AND NOT EXISTS (SELECT FROM booking b WHERE b.id = c.booking_id AND b.slot_id = c.slot_id AND b.state <> 'cancelled')
"""
LAPSE = """
WITH lapsed AS (UPDATE hold SET expires_at = now() WHERE id = $1 AND state = 'active')
UPDATE seat_claim SET expires_at = now() WHERE hold_id = $1
"""


def a_call(**changes: Any) -> dict[str, Any]:
    """For a midwife within sixty kilometres: the sample has no slots of theirs but these."""
    call = an_ed_call(**changes)
    call["need"] = {**call["need"], "profession": MIDWIFE, "specialty": None}
    call["constraints"] = {**call["constraints"], "max_distance_km": 60}
    return call


class Crowd:
    """The callers, and how each of their requests was answered."""

    def __init__(self, ed: httpx.AsyncClient, owner: asyncpg.Pool, random: Random) -> None:
        self.ed, self.owner, self.random = ed, owner, random
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.answers: Counter[str] = Counter()
        self.calls: list[str] = []
        self.bookings: list[str] = []
        self.slots: list[str] = []

    async def is_under_way(self) -> bool:
        """A fifth have called, the others are still to come."""
        return len(self.calls) >= CALLS // 5

    async def ask(self, path: str, body: Any) -> httpx.Response:
        async with self.turn:
            answer = await self.ed.post(f"/v1{path}", json=body, headers=keyed())
        told = answer.json()
        self.answers[f"{path.rsplit('/', 1)[-1]} {answer.status_code} {told.get('code') or told.get('state')}"] += 1
        assert answer.status_code < 500, answer.text
        return answer

    async def state(self, ed: httpx.AsyncClient, call: str) -> str:
        async with self.turn:
            return str((await ed.get(f"/v1/calls/{call}")).json()["state"])

    async def caller(self) -> None:
        """Calls, takes what can be had, and then does one of the things that people do."""
        book = self.random.random() < 0.4
        call = (await self.ask("/calls", a_call(mode="book" if book else "propose"))).json()
        self.calls.append(call["id"])
        booking = call["booking"] or await self.choose(call)
        if booking is not None:
            self.bookings.append(booking["id"])
            await self.think_again(booking)

    async def choose(self, call: dict[str, Any]) -> dict[str, Any] | None:
        """Holds a proposal, or an alternative when it is gone; a hold ends by confirming, releasing, or time."""
        choices = [one["slot_id"] for one in call["proposals"]]
        for _ in range(4):
            if not choices:
                return None
            answer = await self.ask(f"/calls/{call['id']}/holds", {"slot_id": self.random.choice(choices)})
            held = answer.json()
            if answer.status_code == 201:
                return await self.decide(held)
            choices = [one["slot_id"] for one in held.get("alternatives", [])]
        return None

    async def decide(self, held: dict[str, Any]) -> dict[str, Any] | None:
        path, body, luck = f"/holds/{held['id']}", {"token": held["token"]}, self.random.random()
        if luck < 0.15:
            await self.owner.execute(LAPSE, held["id"])
        if luck < 0.25:
            await self.ask(f"{path}/release", body)
            return None
        answer = await self.ask(f"{path}/confirm", body)
        return answer.json() if answer.status_code == 201 else None

    async def think_again(self, booking: dict[str, Any]) -> None:
        luck = self.random.random()
        if luck < 0.15:
            by = self.random.choice(["patient", "practitioner"])
            await self.ask(f"/bookings/{booking['id']}/cancel", {"reason": "other_plans", "by": by})
        elif luck < 0.35:
            await self.ask(
                f"/bookings/{booking['id']}/move", {"slot_id": self.random.choice(self.slots), "reason": "other_plans"}
            )


async def offer(coordinator: httpx.AsyncClient) -> tuple[list[str], str]:
    """A hundred slots of ten midwives; answers the slots, and the midwife who will close."""
    params: dict[str, Any] = {"profession": MIDWIFE, "near": REDON, "max_distance_km": 50, "limit": MIDWIVES}
    found = (await coordinator.get("/v1/professionals", params=params)).json()["items"]
    slots, start = [], datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=3)
    for person in found:
        await coordinator.put(f"/v1/professionals/{person['rpps']}/participation", json={"participates": True})
    for person in found:
        for hour in range(MIDWIVES * SLOTS_EACH // len(found)):
            starts = start + timedelta(minutes=30 * hour)
            body = {
                "effector": {"rpps": person["rpps"]},
                "starts_at": starts.isoformat(),
                "ends_at": (starts + timedelta(minutes=30)).isoformat(),
                "place": {"commune": person["activities"][0]["place"]["commune"] or REDON},
                "mode": "AMB",
                "audience": ["SNP", "CPTS"],
            }
            slots.append(await published(coordinator, body))
    return slots, found[0]["rpps"]


async def published(coordinator: httpx.AsyncClient, body: dict[str, Any]) -> str:
    """The dispatch hears of who takes part by an event: it may need a moment."""
    for _ in range(100):
        answer = await coordinator.post("/v1/slots", json=body, headers=keyed())
        if answer.status_code == 201:
            return str(answer.json()["id"])
        assert answer.json()["code"] == "not_participating", answer.text
        await asyncio.sleep(0.1)
    raise AssertionError("the dispatch does not hear of who takes part")


async def close(coordinator: httpx.AsyncClient, rpps: str) -> None:
    now = datetime.now(UTC)
    body = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=46)).isoformat(), "reason": "illness"}
    answer = await coordinator.post(f"/v1/effectors/{rpps}/closures", json=body, headers=keyed())
    assert answer.status_code == 201, answer.text


@pytest.mark.timeout(600)
async def test_five_hundred_calls_on_a_hundred_slots(stack: Stack, client: Client) -> None:
    coordinator = client("coordinator")
    slots, leaving = await offer(coordinator)
    assert len(slots) == MIDWIVES * SLOTS_EACH
    async with asyncpg.create_pool(
        stack.report.database_urls["snp-dispatch"],
        server_settings={"role": "snp_dispatch_system"},
        min_size=1,
        max_size=4,
    ) as owner:
        crowd = Crowd(client("ed"), owner, Random(20261122))
        crowd.slots = slots
        callers = [asyncio.create_task(crowd.caller()) for _ in range(CALLS)]
        await until(crowd.is_under_way, seconds=120)
        await close(coordinator, leaving)
        await asyncio.gather(*callers)
        await give_up_what_waits(crowd, client("ed"))
        await check(crowd, owner, client("ed"), leaving)


async def give_up_what_waits(crowd: Crowd, ed: httpx.AsyncClient) -> None:
    await asyncio.gather(*(end(crowd, ed, call) for call in crowd.calls))


async def end(crowd: Crowd, ed: httpx.AsyncClient, call: str) -> None:
    """Cancels the call unless it has ended. The waitlist may be quicker: that is a refusal, and an end too."""
    for _ in range(20):
        if await crowd.state(ed, call) in TERMINAL:
            return
        await crowd.ask(f"/calls/{call}/cancel", {"reason": "found_elsewhere"})


async def check(crowd: Crowd, owner: asyncpg.Pool, ed: httpx.AsyncClient, leaving: str) -> None:
    assert len(crowd.calls) == len(set(crowd.calls)) == CALLS
    states = Counter(await asyncio.gather(*(crowd.state(ed, call) for call in crowd.calls)))
    assert set(states) <= TERMINAL, (states, crowd.answers)
    for rule in (OVERFULL, TWICE, OVERLAPPING, UNOWNED):
        assert await owner.fetchval(rule) == 0, (rule, crowd.answers)
    kept = "SELECT count(*) FROM booking WHERE state <> 'cancelled' AND call_id = ANY ($1)"
    assert await owner.fetchval(kept, crowd.calls) == states["booked"]
    left = "SELECT count(*) FROM booking WHERE effector_id = $1 AND state = 'confirmed' AND slot_id = ANY ($2)"
    assert await owner.fetchval(left, leaving, crowd.slots) == 0
    assert states["booked"] >= SLOTS_EACH, crowd.answers
