"""Everything at once, at random: no deadlock, no server error, and books that balance afterwards."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

import httpx
import pytest
from balance import assert_balanced
from dispatch_stage import Dispatch, a_call

from snp_dispatch.usecases.sweep import expire_holds

WORKERS, STEPS, SLOTS, CALLS = 30, 12, 8, 12


class Storm:
    """Callers, an agenda and a sweeper that get in each other's way."""

    def __init__(self, dispatch: Dispatch, seed: int) -> None:
        self.dispatch, self.random = dispatch, Random(seed)
        self.slots: list[str] = []
        self.calls: list[str] = []
        self.holds: list[dict[str, Any]] = []
        self.bookings: list[str] = []
        self.answers: Counter[str] = Counter()

    async def prepare(self) -> None:
        for number in range(SLOTS):
            self.slots.append((await self.dispatch.slot(20 + number, capacity=1 + number % 3 // 2))["id"])
        self.calls = [(await self.dispatch.call())["id"] for _ in range(CALLS)]

    async def worker(self) -> None:
        for _ in range(STEPS):
            step = self.random.choices(
                [self.hold, self.confirm, self.release, self.shoot, self.cancel, self.sweep, self.withdraw],
                weights=[10, 3, 2, 1, 1, 1, 0.2],
            )[0]
            await step()

    async def hold(self) -> None:
        path = f"/calls/{self.random.choice(self.calls)}/holds"
        answer = await self.ask(path, {"slot_id": self.random.choice(self.slots)})
        if answer.status_code == 201:
            self.holds.append(answer.json())

    async def confirm(self) -> None:
        if self.holds:
            hold = self.random.choice(self.holds)
            answer = await self.ask(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
            if answer.status_code == 201:
                self.bookings.append(answer.json()["id"])

    async def release(self) -> None:
        if self.holds:
            hold = self.random.choice(self.holds)
            await self.ask(f"/holds/{hold['id']}/release", {"token": hold["token"]})

    async def shoot(self) -> None:
        answer = await self.ask("/calls", a_call(mode="book"))
        if answer.json().get("booking"):
            self.bookings.append(answer.json()["booking"]["id"])

    async def cancel(self) -> None:
        if self.bookings and self.random.random() < 0.8:
            booking = self.random.choice(self.bookings)
            await self.ask(f"/bookings/{booking}/cancel", {"reason": "away", "by": "practitioner"})
        else:
            await self.ask(f"/calls/{self.random.choice(self.calls)}/cancel", {"reason": "left"})

    async def sweep(self) -> None:
        self.dispatch.advance(minutes=self.random.choice([0, 0, 5]))
        await self.dispatch.system(expire_holds)

    async def withdraw(self) -> None:
        path = f"/slots/{self.random.choice(self.slots)}/withdraw"
        await self.ask(path, {"reason": "away"}, role="coordinator")

    async def ask(self, path: str, body: Any, role: str = "ed") -> httpx.Response:
        answer = await self.dispatch.post(path, body, role=role)
        told = answer.json()
        self.answers[f"{answer.status_code} {told.get('code') or told['state']}"] += 1
        assert answer.status_code < 500, answer.text
        return answer


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_leaves_balanced_books(dispatch: Dispatch, seed: int) -> None:
    storm = Storm(dispatch, seed)
    await storm.prepare()
    await asyncio.gather(*(storm.worker() for _ in range(WORKERS)))
    assert storm.answers["201 active"] > 0
    assert storm.bookings
    await assert_balanced(dispatch, storm.answers)
