"""The dispatch against a model of itself: whatever the order of requests, answers and books are as the rules say."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import asyncpg
from balance import assert_balanced
from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch, a_call, a_slot, seed_all
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from snp_dispatch.usecases.sweep import expire_calls, expire_holds

HOUR = timedelta(hours=1)
CLEAR = """
TRUNCATE outbox, outbox_daily, idempotency, effector, participation, slot, seat_claim, call, call_contact, hold, booking
CASCADE
"""
EXTRA = 1
"""Extra patients a slot by the policy of the tests."""
EXTRA_PATIENTS = """
SELECT slot_id::text, count(*) AS n FROM booking WHERE overbooked AND state <> 'cancelled' GROUP BY slot_id
"""


@dataclass
class Seat:
    """A slot as the model knows it: its owners are calls, by a hold (until) or a booking (None); `extra` are calls
    that were booked beyond its seats."""

    starts_at: datetime
    capacity: int
    withdrawn: bool = False
    owners: dict[str, datetime | None] = field(default_factory=dict)
    extra: set[str] = field(default_factory=set)

    def free(self, now: datetime, call: str | None = None) -> bool:
        live = [one for one, until in self.owners.items() if one != call and (until is None or until > now)]
        return not self.withdrawn and len(live) < self.capacity

    def leave(self, call: str) -> None:
        """The visit of the call is here no more."""
        if call in self.extra:
            self.extra.remove(call)
        else:
            del self.owners[call]


@dataclass(frozen=True)
class Held:
    """A hold that was placed, live or not."""

    id: str
    token: str
    call: str
    slot: str


class Town(RuleBasedStateMachine):
    """Callers, agendas and time, one step after the other."""

    dispatch: ClassVar[Dispatch]
    loop: ClassVar[asyncio.AbstractEventLoop]
    owner: ClassVar[asyncpg.Connection]
    ends: ClassVar[Counter[str]]
    """The calls of all runs, by the state in which they ended."""

    slots, calls, holds, bookings = Bundle("slots"), Bundle("calls"), Bundle("holds"), Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        self.wait(self.owner.execute(CLEAR))
        self.dispatch.rewind()
        self.wait(seed_all(self.dispatch.runtime))
        self.seats: dict[str, Seat] = {}
        self.state: dict[str, str] = {}
        self.deadline: dict[str, datetime] = {}
        self.held: dict[str, str] = {}
        self.extended: set[str] = set()
        self.place: dict[str, str] = {}

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    @property
    def now(self) -> datetime:
        return self.dispatch.clock.now()

    def ask(self, path: str, body: Any = None, role: str = "ed") -> Any:
        answer = self.wait(self.dispatch.post(path, body, role=role))
        assert answer.status_code < 500, answer.text
        return answer

    def waits(self, call: str) -> bool:
        return self.state[call] == "awaiting" and self.deadline[call] > self.now

    @initialize(target=slots)
    def agendas(self) -> Any:
        return multiple(*(self.publish(hour, DOCTOR, 1 + hour % 2) for hour in (1, 2, 3, 30)))

    @initialize(target=calls)
    def need(self) -> Any:
        return multiple(*(self.call() for _ in range(3)))

    @rule(
        target=slots, hour=st.integers(1, 40), who=st.sampled_from([DOCTOR, OTHER_DOCTOR]), capacity=st.integers(1, 2)
    )
    def publish(self, hour: int, who: str, capacity: int) -> Any:
        body = a_slot(hour, effector={"rpps": who}, capacity=capacity)
        starts = datetime.fromisoformat(body["starts_at"])
        if starts <= self.now:
            return multiple()
        answer = self.ask("/slots", body, role="coordinator")
        assert answer.status_code in (201, 409), answer.text
        if answer.status_code == 409:
            assert answer.json()["code"] == "slot_overlap"
            return multiple()
        self.seats[answer.json()["id"]] = Seat(starts, capacity)
        return answer.json()["id"]

    @rule(target=calls)
    def call(self) -> str:
        call = self.ask("/calls", a_call()).json()
        return self.received(call)

    def received(self, call: dict[str, Any]) -> str:
        self.deadline[call["id"]] = datetime.fromisoformat(call["deadline"])
        self.state[call["id"]] = "awaiting"
        return str(call["id"])

    @rule(target=bookings)
    def shoot(self) -> Any:
        fitting = {
            slot
            for slot, seat in self.seats.items()
            if seat.free(self.now) and self.now <= seat.starts_at <= self.now + 48 * HOUR
        }
        call = self.ask("/calls", a_call(mode="book")).json()
        assert (call["state"] == "booked") == bool(fitting), call
        self.received(call)
        return self.booked(call["id"], call["booking"], fitting) if call["booking"] else multiple()

    def booked(self, call: str, booking: dict[str, Any], fitting: set[str]) -> tuple[str, str]:
        assert booking["slot_id"] in fitting
        self.state[call] = "booked"
        self.seats[booking["slot_id"]].owners[call] = None
        self.place[booking["id"]] = booking["slot_id"]
        return (booking["id"], call)

    @rule(target=holds, call=calls, slot=slots)
    def hold(self, call: str, slot: str) -> Any:
        seat = self.seats[slot]
        in_time = self.now <= seat.starts_at <= self.deadline[call]
        may = self.waits(call) and in_time and seat.free(self.now, call)
        answer = self.ask(f"/calls/{call}/holds", {"slot_id": slot})
        assert answer.status_code == (201 if may else 409), answer.text
        if not may:
            return multiple()
        held = answer.json()
        for other in self.seats.values():
            if other.owners.get(call) is not None:
                del other.owners[call]
        seat.owners[call] = datetime.fromisoformat(held["expires_at"])
        self.held[call] = held["id"]
        return Held(held["id"], held["token"], call, slot)

    def takeable(self) -> list[tuple[str, str]]:
        """Calls that wait, each with a slot that it may be given."""
        return [
            (call, slot)
            for call in self.state
            for slot, seat in self.seats.items()
            if self.waits(call) and seat.free(self.now, call) and self.now <= seat.starts_at <= self.deadline[call]
        ]

    @precondition(lambda self: self.takeable())
    @rule(target=holds, data=st.data())
    def take(self, data: st.DataObject) -> Any:
        """Chance alone rarely finds a call and a slot that go together."""
        return self.hold(*data.draw(st.sampled_from(self.takeable())))

    def live(self, held: "Held") -> bool:
        until = self.seats[held.slot].owners.get(held.call)
        mine = self.state[held.call] == "awaiting" and self.held.get(held.call) == held.id
        return mine and until is not None and until > self.now

    @rule(target=bookings, held=holds)
    def confirm(self, held: "Held") -> Any:
        may = self.live(held)
        answer = self.ask(f"/holds/{held.id}/confirm", {"token": held.token})
        assert (answer.status_code == 201) == may, answer.text
        return self.booked(held.call, answer.json(), {held.slot}) if may else multiple()

    def may_overbook(self, call: str, slot: str) -> bool:
        seat = self.seats[slot]
        own = (it.owners.get(call) for it in self.seats.values())
        holding = any(until is not None and until > self.now for until in own)
        in_time = self.now <= seat.starts_at <= self.deadline[call]
        full = not seat.withdrawn and not seat.free(self.now)
        return self.waits(call) and not holding and in_time and full and len(seat.extra) < EXTRA

    @rule(target=bookings, call=calls, slot=slots)
    def overbook(self, call: str, slot: str) -> Any:
        may = self.may_overbook(call, slot)
        answer = self.ask(f"/slots/{slot}/overbook", {"call_id": call, "reason": "agreed"}, role="operator")
        assert answer.status_code == (201 if may else 409), answer.text
        if not may:
            return multiple()
        booking = answer.json()
        self.state[call] = "booked"
        self.seats[slot].extra.add(call)
        self.place[booking["id"]] = slot
        return (booking["id"], call)

    def full(self) -> list[tuple[str, str]]:
        return [(call, slot) for call in self.state for slot in self.seats if self.may_overbook(call, slot)]

    @precondition(lambda self: self.full())
    @rule(target=bookings, data=st.data())
    def squeeze_in(self, data: st.DataObject) -> Any:
        return self.overbook(*data.draw(st.sampled_from(self.full())))

    @rule(held=holds)
    def release(self, held: "Held") -> None:
        may = self.live(held)
        answer = self.ask(f"/holds/{held.id}/release", {"token": held.token})
        assert (answer.status_code == 200) == may, answer.text
        if may:
            del self.seats[held.slot].owners[held.call]

    @rule(held=holds)
    def extend(self, held: "Held") -> None:
        may = self.live(held) and held.id not in self.extended
        answer = self.ask(f"/holds/{held.id}/extend", {"token": held.token})
        assert (answer.status_code == 200) == may, answer.text
        if may:
            self.extended.add(held.id)
            self.seats[held.slot].owners[held.call] = datetime.fromisoformat(answer.json()["expires_at"])

    @rule(booking=bookings, slot=slots)
    def move(self, booking: Any, slot: str) -> None:
        identity, call = booking
        old, new = self.seats[self.place[identity]], self.seats[slot]
        may = self.state[call] == "booked" and self.now < old.starts_at and new is not old and new.free(self.now)
        may = may and self.now <= new.starts_at <= self.deadline[call]
        answer = self.ask(f"/bookings/{identity}/move", {"slot_id": slot, "reason": "other_plans"})
        assert (answer.status_code == 200) == may, answer.text
        if may:
            old.leave(call)
            new.owners[call], self.place[identity] = None, slot

    @rule(booking=consumes(bookings), by=st.sampled_from(["patient", "caller", "practitioner", "operator"]))
    def cancel(self, booking: Any, by: str) -> None:
        identity, call = booking
        slot = self.place[identity]
        may = self.now < self.seats[slot].starts_at and self.state[call] == "booked"
        answer = self.ask(f"/bookings/{identity}/cancel", {"reason": "away", "by": by})
        assert (answer.status_code == 200) == may, answer.text
        if may:
            self.seats[slot].leave(call)
            self.state[call] = "cancelled" if by in ("patient", "caller") else "awaiting"

    @rule(booking=bookings, outcome=st.sampled_from(["fulfil", "no-show"]))
    def end(self, booking: Any, outcome: str) -> None:
        identity, call = booking
        slot = self.place[identity]
        early = timedelta(minutes=15) if outcome == "fulfil" else timedelta(0)
        may = self.state[call] == "booked" and self.now >= self.seats[slot].starts_at - early
        body = {"absent": "patient"} if outcome == "no-show" else None
        answer = self.ask(f"/bookings/{identity}/{outcome}", body, role="operator")
        assert (answer.status_code == 200) == may, answer.text
        if may:
            self.state[call] = "ended"

    @rule(slot=slots)
    def withdraw(self, slot: str) -> None:
        seat = self.seats[slot]
        claimed = any(until is None or until > self.now for until in seat.owners.values())
        answer = self.ask(f"/slots/{slot}/withdraw", {"reason": "away"}, role="coordinator")
        kept = claimed or bool(seat.extra)
        assert answer.status_code == (409 if kept or seat.withdrawn else 200), answer.text
        seat.withdrawn = seat.withdrawn or not kept

    @rule(call=calls)
    def give_up(self, call: str) -> None:
        may = self.waits(call)
        answer = self.ask(f"/calls/{call}/cancel", {"reason": "left"})
        assert (answer.status_code < 300) == may, answer.text
        if may:
            self.state[call] = "cancelled"
            for seat in self.seats.values():
                seat.owners.pop(call, None)

    @rule(minutes=st.sampled_from([1, 4, 6, 50]))
    def pass_time(self, minutes: int) -> None:
        self.dispatch.advance(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        self.wait(self.dispatch.system(expire_holds))
        self.wait(self.dispatch.system(expire_calls))

    @invariant()
    def books_balance(self) -> None:
        self.wait(assert_balanced(self.dispatch))

    @invariant()
    def extra_patients_are_those_that_were_let_in(self) -> None:
        found = {row["slot_id"]: row["n"] for row in self.wait(self.dispatch.rows(EXTRA_PATIENTS))}
        assert found == {slot: len(seat.extra) for slot, seat in self.seats.items() if seat.extra}

    def teardown(self) -> None:
        """Every call ends in exactly one terminal state."""
        self.dispatch.advance(hours=100)
        self.sweep()
        rows = self.wait(self.dispatch.rows("SELECT id, state FROM call"))
        found = {str(row["id"]): row["state"] for row in rows}
        want = {"awaiting": "expired", "ended": "booked"}
        assert found == {call: want.get(state, state) for call, state in self.state.items()}
        self.ends.update(found.values())


async def test_any_order_of_requests(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    Town.dispatch, Town.owner, Town.loop, Town.ends = dispatch, owner, asyncio.get_running_loop(), Counter()
    limits = settings(
        max_examples=20,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    await asyncio.to_thread(run_state_machine_as_test, Town, settings=limits)
    # Every call ended, and they ended in every way: the runs were no idle ones.
    assert set(Town.ends) == {"booked", "cancelled", "expired"}
    assert Town.ends.total() >= 20 * 3
