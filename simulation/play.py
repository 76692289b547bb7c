"""A play: the town, call by call, under one strategy (SimPy; a unit of its clock is a minute).

Whether a slot fits a call is `misfit` of the dispatch for all three; a call whose deadline passes gets nothing. They
differ in who gets which slot:

* first_come: the earliest slot that fits, calls in the order of receipt;
* matcher: the best slot by the dispatch's cost, at once; waiting calls by urgency, as its waitlist has them;
* batch: calls wait up to `batch_minutes` for the dispatch's joint assignment.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

import simpy

from simulation.place import Place
from simulation.scenario import Scenario
from simulation.world import MINUTE, PROFESSION, SPECIALTY, START, Illness, Patient, World
from snp_dispatch.domain.assignment import MAX_CALLS, Asking, Batch, Offer
from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.fairness import load_of
from snp_dispatch.domain.matching import Candidate, Need, misfit, rank

Strategy: TypeAlias = Literal["first_come", "matcher", "batch"]
STRATEGIES: tuple[Strategy, ...] = ("first_come", "matcher", "batch")
Steps: TypeAlias = Generator[simpy.Event, Any, None]


@dataclass
class Outcome:
    """What a play came to: the visit that each call got (`None`: none), and the seats that were used or withdrawn."""

    visits: dict[int, Candidate] = field(default_factory=dict)
    used: set[UUID] = field(default_factory=set)
    withdrawn: set[UUID] = field(default_factory=set)


class Town:
    """One play of one world."""

    def __init__(self, scenario: Scenario, where: Place, world: World, strategy: Strategy) -> None:
        self._scenario, self._where, self._world, self._strategy = scenario, where, world, strategy
        self._clock = simpy.Environment()
        self._free: dict[UUID, Candidate] = {}
        self._waiting: dict[int, Patient] = {}
        self._booked: dict[UUID, Patient] = {}
        self._ill: dict[str, Illness] = {}
        self._views: dict[tuple[UUID, str], Candidate] = {}
        self._fresh_calls: set[int] = set()
        self._fresh_slots: dict[UUID, Candidate] = {}
        self._ledger: dict[str, dict[UUID, datetime]] = {}
        self._outcome = Outcome()

    def play(self) -> Outcome:
        """Runs the weeks to their end."""
        self._clock.process(self._open_slots())
        self._clock.process(self._receive())
        for illness in self._world.illnesses:
            self._clock.process(self._fall_ill(illness))
        if self._strategy == "batch":
            self._clock.process(self._assign_now_and_then())
        self._clock.run(until=(self._world.ends - START) / MINUTE)
        self._outcome.used = set(self._booked)
        return self._outcome

    # ---- what happens

    def _open_slots(self) -> Steps:
        opened: list[Candidate] = []
        for number, opening in enumerate(self._world.openings):
            yield from self._until(opening.opens_at)
            if self._in_time(opening.slot):
                opened.append(opening.slot)
            following = self._world.openings[number + 1 : number + 2]
            if not following or following[0].opens_at > opening.opens_at:
                self._released(opened)
                opened = []

    def _receive(self) -> Steps:
        for call in self._world.calls:
            yield from self._until(call.at)
            self._back(call)

    def _fall_ill(self, illness: Illness) -> Steps:
        yield from self._until(illness.since)
        self._ill[illness.doctor] = illness
        for opening in self._world.openings:
            if opening.slot.effector == illness.doctor and self._withdrawn(opening.slot):
                self._withdraw(opening.slot)

    def _withdraw(self, slot: Candidate) -> None:
        self._outcome.withdrawn.add(slot.slot_id)
        self._free.pop(slot.slot_id, None)
        call = self._booked.pop(slot.slot_id, None)
        if call is not None:
            del self._ledger[slot.effector][slot.slot_id]
            self._outcome.visits.pop(call.number, None)
            self._back(call)

    def _offer(self, call: Patient, slot: Candidate) -> Steps:
        """The seat is held while the patient answers."""
        del self._waiting[call.number], self._free[slot.slot_id]
        yield self._clock.timeout(call.hold_minutes)
        if slot.slot_id in self._outcome.withdrawn:
            self._back(call)
        elif not call.agrees:
            self._released([slot])
        else:
            self._booked[slot.slot_id] = call
            self._outcome.visits[call.number] = slot
            self._ledger.setdefault(slot.effector, {})[slot.slot_id] = self._now
            if call.cancels_at is not None:
                yield from self._cancel(call, slot, call.cancels_at)

    def _cancel(self, call: Patient, slot: Candidate, share: float) -> Steps:
        yield from self._until(self._now + max(slot.starts_at - self._now, timedelta(0)) * share)
        # The visit was given; that the patient gave it up is not the town's failure.
        if self._booked.get(slot.slot_id) is call:
            del self._booked[slot.slot_id], self._ledger[slot.effector][slot.slot_id]
            self._released([slot])

    def _back(self, call: Patient) -> None:
        self._waiting[call.number] = call
        self._fresh_calls.add(call.number)
        self._seek([call], list(self._free.values()))

    def _released(self, slots: list[Candidate]) -> None:
        usable = [it for it in slots if self._in_time(it) and it.slot_id not in self._outcome.withdrawn]
        fresh = {it.slot_id: it for it in usable}
        self._free |= fresh
        self._fresh_slots |= fresh
        self._seek(self._queue(), usable)

    # ---- who gets what

    def _seek(self, calls: Iterable[Patient], slots: list[Candidate]) -> None:
        """Gives each call one of the slots, when calls are served at once."""
        if self._strategy == "batch":
            return
        for call in calls:
            # What starts later is told apart here: it is most of the slots, and none of them can fit.
            open_now = (it for it in slots if it.starts_at <= call.deadline and it.slot_id in self._free)
            free = [self._seen_from(call, it) for it in open_now]
            chosen = self._choose(self._need(call), free) if free else None
            if chosen is not None:
                self._give(call, chosen.slot_id)

    def _choose(self, need: Need, slots: list[Candidate]) -> Candidate | None:
        fitting = [it for it in slots if misfit(need, it) is None]
        if self._strategy == "matcher":
            ranked = rank(need, self._where.policy.weights, self._loaded(fitting), self._now)
            return ranked[0].slot if ranked else None
        return min(fitting, key=lambda it: (it.starts_at, it.slot_id), default=None)

    def _assign_now_and_then(self) -> Steps:
        while True:
            yield self._clock.timeout(self._scenario.batch_minutes)
            slots = [it for it in self._free.values() if self._in_time(it)]
            self._free = {it.slot_id: it for it in slots}
            calls = [it for it in self._queue() if self._may_be_served(it)]
            self._fresh_calls, self._fresh_slots = set(), {}
            if calls and slots:
                self._assign(calls[:MAX_CALLS], slots)

    def _may_be_served(self, call: Patient) -> bool:
        """A call that the last assignment left fits none of the seats it left: only a fresh one can serve it."""
        if call.number in self._fresh_calls or not self._fresh_slots:
            return call.number in self._fresh_calls
        need = self._need(call)
        return any(misfit(need, self._seen_from(call, it)) is None for it in self._fresh_slots.values())

    def _assign(self, calls: list[Patient], slots: list[Candidate]) -> None:
        asking = [Asking(UUID(int=it.number), self._need(it), it.level.priority, it.at) for it in calls]
        offers = [Offer(it) for it in self._loaded(slots)]
        weights, distance = self._where.policy.weights, self._where.gazetteer.distance
        for pair in Batch(asking, offers, weights, self._now, distance).together().pairs:
            self._give(self._waiting[pair.call_id.int], pair.ranked.slot.slot_id)

    def _give(self, call: Patient, slot_id: UUID) -> None:
        # The first step runs at once: nobody else is given the seat.
        steps = self._offer(call, self._free[slot_id])
        self._clock.process(self._rest(next(steps), steps))

    @staticmethod
    def _rest(first: simpy.Event, steps: Steps) -> Steps:
        yield first
        yield from steps

    def _queue(self) -> list[Patient]:
        """Calls that wait and whose deadline has not passed."""
        self._waiting = {it.number: it for it in self._waiting.values() if it.deadline > self._now}
        if self._strategy == "first_come":
            return sorted(self._waiting.values(), key=lambda it: it.number)
        return sorted(self._waiting.values(), key=lambda it: (it.level.priority, it.deadline, it.number))

    # ---- what the dispatch sees

    def _need(self, call: Patient) -> Need:
        return Need(
            profession=PROFESSION,
            specialty=SPECIALTY,
            audiences=frozenset(self._where.policy.rules_of(call.origin).audiences),
            modes=frozenset({"AMB", VIDEO} if call.accepts_video else {"AMB"}),
            earliest=self._now + self._scenario.travel_minutes * MINUTE,
            deadline=call.deadline,
            commune=call.commune,
            radius_km=call.radius_km,
            regular_doctor=call.regular_doctor,
        )

    def _seen_from(self, call: Patient, slot: Candidate) -> Candidate:
        key = (slot.slot_id, call.commune)
        if key not in self._views:
            self._views[key] = replace(slot, distance_km=self._where.gazetteer.distance(call.commune, slot.commune))
        return self._views[key]

    def _loaded(self, slots: list[Candidate]) -> list[Candidate]:
        """The slots with what their practitioners carry already, as the dispatch counts it."""
        doctors, fairness = sorted({it.effector for it in slots}), self._where.policy.fairness
        visits = {it: list(self._ledger.get(it, {}).values()) for it in doctors}
        loads = {it: load_of(fairness, visits[it], self._now) for it in doctors}
        return [replace(it, load=loads[it.effector]) for it in slots]

    # ---- time

    @property
    def _now(self) -> datetime:
        return START + self._clock.now * MINUTE

    def _until(self, instant: datetime) -> Steps:
        wait = (instant - START) / MINUTE - self._clock.now
        if wait > 0:
            yield self._clock.timeout(wait)

    def _in_time(self, slot: Candidate) -> bool:
        return slot.starts_at > self._now and slot.slot_id not in self._outcome.withdrawn and not self._withdrawn(slot)

    def _withdrawn(self, slot: Candidate) -> bool:
        illness = self._ill.get(slot.effector)
        return illness is not None and illness.since <= slot.starts_at < illness.until
