"""The batch: all waiting calls are given the free seats at once (surge)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any
from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.domain.assignment import MAX_CALLS, MAX_SLOTS, Asking, Batch, Offer, Pair, Plan
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.states import CALL, step
from snp_dispatch.store import assignments, bookings, calls, visits
from snp_dispatch.store.assignments import NewAssignment
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals, tell
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.problems import not_found, policy_of
from snp_dispatch.usecases.quotas import lock_quotas, within_quotas

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class _Planned:
    """What a batch looked at and what it would give; `calls` by id."""

    policy: Policy
    calls: dict[UUID, Row]
    slots: int
    more_calls: bool
    more_slots: bool
    second_visits: list[UUID]
    together: Plan
    one_by_one: Plan


@dataclass(frozen=True)
class _Carried:
    """What became of the pairs: bookings by call; why a pair was lost by call.

    `call_changed`, `slot_taken`: somebody was faster or works on it. `quota_reached`: by pairs before it, too.
    `already_booked`: the patient has a visit for this need by another call (usecases/one_visit.py).
    """

    booked: dict[UUID, UUID]
    lost: dict[UUID, str]


async def plan_calls(work: Work, rules: Rules, caller: Caller) -> NewAssignment:
    """What a batch would give now, and what calls would get one by one. Changes nothing. Raises Problem 409."""
    return _assignment(work, rules, caller, await _plan(work, rules), _Carried({}, {}))


async def assign_calls(work: Work, rules: Rules, caller: Caller) -> NewAssignment:
    """Books every pair of the best joint assignment, by the claim that one-shot calls use, and keeps a record.

    It waits for nobody: a call or a slot that somebody else works on is `lost`, and that call waits on.
    Raises Problem 409 `no_policy`.
    """
    planned = await _plan(work, rules)
    assignment = _assignment(work, rules, caller, planned, await _carry_out(work, rules, planned))
    await assignments.insert(work, assignment)
    return assignment


async def read_assignment(work: Work, assignment_id: UUID) -> Record:
    """A batch that was carried out. Raises Problem 404."""
    found = await assignments.get(work, assignment_id)
    if found is None:
        raise not_found("assignment")
    return found


async def list_assignments(work: Work, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """Batches that were carried out, the latest first."""
    return await assignments.page(work, after=after, limit=limit)


async def _plan(work: Work, rules: Rules) -> _Planned:
    policy = policy_of(rules, work.territory, work.now)
    rows = await assignments.waiting(work, MAX_CALLS + 1)
    second = await _second_visits(work, rows[:MAX_CALLS])
    asking = [await _asking(work, policy, row) for row in rows[:MAX_CALLS] if row["id"] not in second]
    offers = await _offers(work, policy, asking)

    distance, way = rules.gazetteer.distance, rules.distances(work.territory).between

    def compute() -> tuple[Plan, Plan]:
        batch = Batch(asking, offers[:MAX_SLOTS], policy.weights, work.now, distance, way=way)
        return batch.together(), batch.one_by_one()

    # A second of computing at most: in a thread, so that other requests are answered meanwhile.
    together, one_by_one = await asyncio.to_thread(compute)
    return _Planned(
        policy=policy,
        calls={row["id"]: row for row in rows[:MAX_CALLS]},
        slots=min(len(offers), MAX_SLOTS),
        more_calls=len(rows) > MAX_CALLS,
        more_slots=len(offers) > MAX_SLOTS,
        second_visits=sorted(second),
        together=together,
        one_by_one=one_by_one,
    )


async def _second_visits(work: Work, rows: list[Row]) -> set[UUID]:
    """Calls that get no seat: their patient has a visit for this need, or a more urgent call for it waits."""
    second, first = await visits.with_visit(work, [row["id"] for row in rows]), set[tuple[Any, ...]]()
    for row in rows:
        asked = (row["patient"]["ref"], row["need"]["profession"], row["need"].get("specialty"))
        if asked[0] is not None and asked in first:
            second.add(row["id"])
        first.add(asked)
    return second


async def _asking(work: Work, policy: Policy, row: Row) -> Asking:
    need = proposals.need_of(policy, row, row["need"], row["patient"], work.now)
    need = await proposals.informed(work, policy, need)
    return Asking(row["id"], need, row["priority"], row["received_at"])


async def _offers(work: Work, policy: Policy, asking: list[Asking]) -> list[Offer]:
    if not asking:
        return []
    offers = await assignments.free(
        work,
        professions=sorted({it.need.profession for it in asking}),
        until=max(it.need.deadline for it in asking),
        limit=MAX_SLOTS + 1,
    )
    carried = await proposals.loads(work, policy, [it.slot for it in offers])
    return [replace(it, slot=replace(it.slot, load=carried.get(it.slot.effector, 0.0))) for it in offers]


async def _carry_out(work: Work, rules: Rules, planned: _Planned) -> _Carried:
    pairs = planned.together.pairs
    refs = (planned.calls[it.call_id]["patient"]["ref"] for it in pairs)
    await lock_quotas(work, [it.ranked.slot.effector for it in pairs])
    await visits.lock(work, {ref for ref in refs if ref})
    taken = await assignments.take(work, [it.call_id for it in pairs])
    carried = _Carried({}, {})
    for pair in pairs:
        call = planned.calls[pair.call_id]
        refusal = await _refusal(work, rules, call, pair) if pair.call_id in taken else "call_changed"
        booking_id = None if refusal else await _book(work, call, pair)
        if booking_id is None:
            carried.lost[pair.call_id] = refusal or "slot_taken"
        else:
            carried.booked[pair.call_id] = booking_id
    return carried


async def _refusal(work: Work, rules: Rules, call: Row, pair: Pair) -> str | None:
    """Why the pair may not be booked, after those before it; None when it may."""
    if not await within_quotas(work, rules, call["client_organisation"], [pair.ranked]):
        return "quota_reached"
    ref = call["patient"]["ref"]
    return "already_booked" if ref and await visits.to_come(work, pair.call_id, ref) else None


async def _book(work: Work, call: Row, pair: Pair) -> UUID | None:
    slot, booking_id = pair.ranked.slot, work.new_id()
    row = await bookings.claim_best(work, [slot.slot_id], booking_id)
    tell.holds_ended(work, row["ended"])
    if row["claimed"] is None:
        return None
    booking = new_booking(booking_id, call, slot)
    await bookings.insert(work, booking)
    await calls.set_state(work, pair.call_id, step(CALL, "waiting", "book", refusal="call_not_open"))
    tell.booking_confirmed(work, vars(booking))
    return booking_id


def _assignment(work: Work, rules: Rules, caller: Caller, planned: _Planned, carried: _Carried) -> NewAssignment:
    plan = planned.together
    return NewAssignment(
        id=work.new_id(),
        made_by=caller.subject,
        policy_version=planned.policy.version,
        calls=len(planned.calls),
        slots=planned.slots,
        booked=len(carried.booked),
        outcome={
            "more_calls": planned.more_calls,
            "more_slots": planned.more_slots,
            "together": _summary(work, plan),
            "one_by_one": _summary(work, planned.one_by_one),
            "pairs": [_shape(rules, it, carried) for it in plan.pairs],
            "without_fit": [str(it) for it in plan.without_fit],
            "outbid": [str(it) for it in plan.outbid],
            "second_visits": [str(it) for it in planned.second_visits],
        },
    )


def _summary(work: Work, plan: Plan) -> dict[str, Any]:
    slots = [it.ranked.slot for it in plan.pairs]
    kilometres = [it.distance_km for it in slots if it.distance_km is not None]
    return {
        "served": len(slots),
        "cost": plan.cost,
        "mean_hours_to_visit": round(fmean((it.starts_at - work.now) / HOUR for it in slots), 1) if slots else None,
        "mean_distance_km": round(fmean(kilometres), 1) if kilometres else None,
    }


def _shape(rules: Rules, pair: Pair, carried: _Carried) -> dict[str, Any]:
    slot, booking = pair.ranked.slot, carried.booked.get(pair.call_id)
    return {
        "call_id": str(pair.call_id),
        "slot_id": str(slot.slot_id),
        "practitioner": proposals.practitioner(slot.effector, slot.effector_name, is_person=slot.is_person),
        "place": proposals.place(rules, slot.commune),
        "distance_km": slot.distance_km,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "mode": slot.mode,
        "cost": pair.ranked.cost,
        "cost_parts": pair.ranked.cost_parts,
        "booking_id": str(booking) if booking else None,
        "lost": carried.lost.get(pair.call_id),
    }
