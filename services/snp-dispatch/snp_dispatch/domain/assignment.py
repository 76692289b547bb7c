"""The batch rule: all waiting calls get the free seats at once, instead of one after the other.

In this order: as many calls as can be are served within their deadline; the more urgent are served first (triage
priority, then the earlier deadline); the total cost is the lowest. Whether a slot fits and what it costs are
`misfit` and `cost_parts` of matching.py, so that a batch never gives what a single call could not get.

The calls that can be served together form a matroid, so serving the more urgent never costs the number served: one
assignment problem with rewards by rank of urgency settles the three (scipy `linear_sum_assignment`). Whole
hundredths of points keep it exact. 500 calls and 2,000 slots take under a second, because slots that differ only in
time are judged once for each call.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from snp_dispatch.domain.distances import Travel
from snp_dispatch.domain.matching import Candidate, Need, Ranked, cost_parts, misfit
from snp_dispatch.domain.policy import Weights

MAX_CALLS, MAX_SLOTS = 500, 2_000
"""What one batch looks at."""

Distance: TypeAlias = Callable[[str, str], float | None]
"""Kilometres from the patient's commune to the place's, None when unknown."""
Way: TypeAlias = Callable[[str, str], Travel | None]
"""The way between the same two, with its minutes where they are known."""
Matrix: TypeAlias = NDArray[np.int64]

_UNFIT = -1
_GONE = np.iinfo(np.int64).max
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Asking:
    """A call that waits. `priority` 0 is the most urgent."""

    call_id: UUID
    need: Need
    priority: int
    received_at: datetime


@dataclass(frozen=True)
class Offer:
    """A slot with its free seats. Its distance is not looked at: it depends on the call."""

    slot: Candidate
    seats: int = 1


@dataclass(frozen=True)
class Pair:
    """A call and the slot it gets, with the cost as the matching rule counts it."""

    call_id: UUID
    ranked: Ranked


@dataclass(frozen=True)
class Plan:
    """What a batch gives: pairs in order of urgency, and the calls that get nothing."""

    pairs: tuple[Pair, ...]
    without_fit: tuple[UUID, ...]
    """No free slot fits them at all."""
    outbid: tuple[UUID, ...]
    """Slots fit, but they went to others."""

    @property
    def cost(self) -> float:
        """Points of all pairs."""
        return round(sum(it.ranked.cost for it in self.pairs), 2)


class Batch:
    """Calls and seats with what each pair costs. The order in which they are given does not matter."""

    def __init__(
        self,
        calls: Iterable[Asking],
        offers: Iterable[Offer],
        weights: Weights,
        now: datetime,
        distance: Distance,
        *,
        way: Way = lambda one, other: None,
    ) -> None:
        self._weights, self._now, self._distance, self._way = weights, now, distance, way
        self._calls = sorted(calls, key=_urgency)
        ordered = sorted(offers, key=lambda it: (it.slot.starts_at, it.slot.effector, it.slot.slot_id))
        most = len(self._calls)
        self._seats = list(chain.from_iterable(repeat(it.slot, min(it.seats, most)) for it in ordered))
        self._costs = self._price()

    def together(self) -> Plan:
        """The best joint assignment."""
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - half a second that a start need not wait for

        fits = self._costs != _UNFIT
        ranks = {level: n for n, level in enumerate(sorted({_level(it) for it in self._calls}, reverse=True), start=1)}
        rewards = np.array([ranks[_level(it)] for it in self._calls], dtype=np.int64)
        # More than all pairs can cost: serving one more, or a more urgent one, is worth any detour.
        unit = len(self._calls) * (int(self._costs.max(initial=0)) + 1) + 1
        net = np.where(fits, self._costs - rewards[:, None] * unit, 0)
        rows, columns = linear_sum_assignment(net.astype(np.float64))
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        return self._plan({row: column for row, column in pairs if fits[row, column]})

    def one_by_one(self) -> Plan:
        """Each call in the order of receipt takes the cheapest seat that is left, as calls do without a batch."""
        left = np.where(self._costs == _UNFIT, _GONE, self._costs)
        taken: dict[int, int] = {}
        received = sorted(range(len(self._calls)), key=lambda n: (self._calls[n].received_at, self._calls[n].call_id))
        for row in received if self._seats else ():
            column = int(left[row].argmin())
            if left[row, column] < _GONE:
                taken[row] = column
                left[:, column] = _GONE
        return self._plan(taken)

    def _plan(self, taken: dict[int, int]) -> Plan:
        fitting = (self._costs != _UNFIT).any(axis=1)
        idle = [row for row in range(len(self._calls)) if row not in taken]
        return Plan(
            pairs=tuple(self._pair(row, taken[row]) for row in sorted(taken)),
            without_fit=tuple(self._calls[row].call_id for row in idle if not fitting[row]),
            outbid=tuple(self._calls[row].call_id for row in idle if fitting[row]),
        )

    def _pair(self, row: int, column: int) -> Pair:
        call = self._calls[row]
        seat = self._seats[column]
        slot = self._seen_from(call.need, seat)
        parts = cost_parts(self._weights, call.need, slot, self._now)
        return Pair(call.call_id, Ranked(slot, round(sum(parts.values()), 2), parts))

    def _price(self) -> Matrix:
        """Hundredths of points by call and seat; `_UNFIT` where the slot breaks a hard constraint."""
        kinds, kind_of = _kinds(self._seats)
        starts = np.array([_micros(it.starts_at) for it in self._seats], dtype=np.int64)
        waits = np.array([self._wait(it) for it in self._seats], dtype=np.int64)
        views: dict[Hashable, Candidate] = {}
        costs = np.full((len(self._calls), len(self._seats)), _UNFIT, dtype=np.int64)
        for row, call in enumerate(self._calls):
            in_time = (starts >= _micros(call.need.earliest)) & (starts <= _micros(call.need.deadline))
            rest = np.array([self._rest(call.need, kind, views) for kind in kinds], dtype=np.int64)[kind_of]
            costs[row] = np.where(in_time & (rest != _UNFIT), waits + rest, _UNFIT)
        return costs

    def _wait(self, slot: Candidate) -> int:
        """What a slot's time costs, which is the same for every call."""
        anyone = self._calls[0].need
        return _hundredths(cost_parts(self._weights, anyone, slot, self._now)["wait"])

    def _rest(self, need: Need, kind: Candidate, views: dict[Hashable, Candidate]) -> int:
        """What a slot of this kind costs apart from its time, seen from the call; `_UNFIT` when none can fit."""
        key = (id(kind), need.commune, need.earliest)
        slot = views.get(key)
        if slot is None:
            ends_at = need.earliest + (kind.ends_at - kind.starts_at)
            slot = views[key] = replace(self._seen_from(need, kind), starts_at=need.earliest, ends_at=ends_at)
        if misfit(need, slot) is not None:
            return _UNFIT
        parts = cost_parts(self._weights, need, slot, self._now)
        return sum(_hundredths(points) for cause, points in parts.items() if cause != "wait")

    def _seen_from(self, need: Need, slot: Candidate) -> Candidate:
        one, other = need.commune, slot.commune
        return replace(slot, distance_km=self._distance(one, other), travel=self._way(one, other))


def _urgency(call: Asking) -> tuple[int, datetime, UUID]:
    return (call.priority, call.need.deadline, call.call_id)


def _level(call: Asking) -> tuple[int, datetime]:
    return (call.priority, call.need.deadline)


def _kinds(slots: Sequence[Candidate]) -> tuple[list[Candidate], NDArray[np.int64]]:
    """Slots that differ only in id and start, as one; and for each slot which of them it is."""
    found: dict[Candidate, int] = {}
    index = np.zeros(len(slots), dtype=np.int64)
    for number, slot in enumerate(slots):
        kind = replace(slot, slot_id=_NOBODY, starts_at=_EPOCH, ends_at=_EPOCH + (slot.ends_at - slot.starts_at))
        index[number] = found.setdefault(kind, len(found))
    return list(found), index


def _hundredths(points: float) -> int:
    return round(points * 100)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
