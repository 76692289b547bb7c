"""Golden samples of the dispatch's events, told by real requests and jobs (UPDATE_SAMPLES=1 writes them)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest_asyncio
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, OTHER_DOCTOR, Dispatch, a_call, fire

from contracts.registry import EVENTS
from kit.testing.samples import check_sample
from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.usecases.close_loops import close_loops
from snp_dispatch.usecases.escalate import begin_ladders
from snp_dispatch.usecases.keep_hold import warn_holders
from snp_dispatch.usecases.keep_ladders import keep_ladders
from snp_dispatch.usecases.refill import Refill
from snp_dispatch.usecases.release_slots import release_slots
from snp_dispatch.usecases.remind import set_reminders
from snp_dispatch.usecases.sweep import expire_calls, expire_holds

# What a missed visit is worth is told where a territory pays for it: test_compensations.py.
OWNED = [event for event in EVENTS if event.owner == "snp-dispatch" and event.entity != "compensation"]
FENCE = re.compile(r'"fence": (\d+)')
UUID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest_asyncio.fixture
async def events(dispatch: Dispatch) -> dict[str, dict[str, Any]]:
    """The first event of each type of a story in which everything happens, by type."""
    await fulfilled_visit(dispatch)
    await calls_without_visit(dispatch)
    await holds_that_end(dispatch)
    await visits_that_do_not_happen(dispatch)
    await seat_for_a_waiting_call(dispatch)
    await hold_that_lives(dispatch)
    await visits_that_change(dispatch)
    await offers_that_change(dispatch)
    await a_slot_for_the_neighbour(dispatch)
    await call_on_the_ladder(dispatch)
    await visit_that_is_reminded(dispatch)
    await volunteers_asked(dispatch)
    bodies: dict[str, dict[str, Any]] = {}
    for row in await dispatch.told():
        bodies.setdefault(row["type"], json.loads(row["body"]))
    return with_fixed_ids(bodies)


async def fulfilled_visit(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(0.5)
    call = await dispatch.call(patient={"ref": "pseudonym-1"})
    hold = await dispatch.held(call, slot)
    booking = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    dispatch.advance(minutes=30)
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", role="practitioner", rpps=DOCTOR, status=200)


async def calls_without_visit(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(30)
    await dispatch.made(f"/slots/{slot['id']}/withdraw", {"reason": "agenda_closed"}, role="coordinator", status=200)
    call = await dispatch.call()
    await dispatch.made(f"/calls/{call['id']}/cancel", {"reason": "patient_left"}, status=200)
    await dispatch.call()
    dispatch.advance(hours=48)
    await dispatch.system(expire_calls)
    await dispatch.system(lambda work: close_loops(work, dispatch.rules))


async def holds_that_end(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(52), await dispatch.call()
    hold = await dispatch.held(call, slot)
    await dispatch.made(f"/holds/{hold['id']}/release", {"token": hold["token"]}, status=200)
    await dispatch.held(call, slot)
    dispatch.advance(minutes=5)
    await dispatch.system(expire_holds)


async def offers_that_change(dispatch: Dispatch) -> None:
    await dispatch.slot(70, effector={"rpps": OTHER_DOCTOR}, release={"hours_before": 4, "audience": ["PUBLIC"]})
    await dispatch.made(f"/effectors/{OTHER_DOCTOR}/pause", {"reason": "overloaded"}, role="coordinator")
    await dispatch.made(f"/effectors/{OTHER_DOCTOR}/resume", role="coordinator", status=200)
    dispatch.advance(hours=9)
    await dispatch.system(release_slots)


async def visits_that_do_not_happen(dispatch: Dispatch) -> None:
    cancelled = (await dispatch.made("/calls", a_call(mode="book")))["booking"]
    await dispatch.made(f"/bookings/{cancelled['id']}/cancel", {"reason": "recovered", "by": "patient"}, status=200)
    missed = (await dispatch.made("/calls", a_call(mode="book")))["booking"]
    dispatch.advance(hours=10)
    await dispatch.made(f"/bookings/{missed['id']}/no-show", {"absent": "patient"}, role="operator", status=200)
    undo = f"/bookings/{missed['id']}/undo-outcome"
    await dispatch.made(undo, {"reason": "mistake"}, role="operator", status=200)


async def seat_for_a_waiting_call(dispatch: Dispatch) -> None:
    await dispatch.call()
    await dispatch.slot(100)
    refill = Refill(dispatch.rules)
    await dispatch.system(lambda work: refill.run(work, dispatch.runtime.db))


async def hold_that_lives(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    hold = await dispatch.held(call, await dispatch.slot(66))
    path = f"/holds/{hold['id']}"
    await dispatch.made(f"{path}/extend", {"token": hold["token"]}, status=200)
    handed = await dispatch.made(f"{path}/transfer", {"token": hold["token"], "to": "secretary"}, status=200)
    dispatch.advance(minutes=9)
    await dispatch.system(warn_holders)
    await dispatch.made(f"{path}/confirm", {"token": handed["token"]})


async def visits_that_change(dispatch: Dispatch) -> None:
    """On days of their own, after everything else."""
    booking, other = await dispatch.booked(71), await dispatch.slot(72, effector={"rpps": OTHER_DOCTOR})
    body = {"slot_id": other["id"], "reason": "agenda_closed", "by": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/move", body, status=200)


async def a_slot_for_the_neighbour(dispatch: Dispatch) -> None:
    there, slot = {"territory": ELSEWHERE}, await dispatch.slot(104, effector={"rpps": DOCTOR})
    ends = (dispatch.clock.now() + timedelta(days=30)).isoformat()
    grant = await dispatch.made("/grants", {"to_territory": ELSEWHERE, "ends_at": ends}, role="coordinator")
    call = await dispatch.made("/calls", a_call(), **there)
    await dispatch.made(f"/grants/{grant['id']}/bookings", {"call_id": call["id"], "slot_id": slot["id"]}, **there)


async def call_on_the_ladder(dispatch: Dispatch) -> None:
    """Alone: the others have passed their deadline."""
    dispatch.advance(hours=72)
    await dispatch.system(expire_calls)
    await dispatch.call(constraints={"max_distance_km": 0})
    await dispatch.system(begin_ladders)
    dispatch.advance(minutes=30)
    await fire(dispatch)
    start = dispatch.clock.now()
    period = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(days=1)).isoformat()}
    body = {**period, "reason": "agenda_closed"}
    await dispatch.made(f"/effectors/{DOCTOR}/closures", body, role="coordinator")


async def visit_that_is_reminded(dispatch: Dispatch) -> None:
    """The last of all: every other visit is over."""
    hours = (dispatch.clock.now() - NOW) / timedelta(hours=1) + 30
    await dispatch.slot(hours, effector={"rpps": OTHER_DOCTOR})
    await dispatch.made("/calls", a_call(mode="book"))
    await dispatch.system(lambda work: set_reminders(work, dispatch.rules))
    dispatch.advance(hours=6)
    await fire(dispatch)


async def volunteers_asked(dispatch: Dispatch) -> None:
    """Three calls, each offered to two: one says no and one yes, one no and one nothing, the faster one wins."""
    body = {"commune": "35236", "radius_km": 20, "max_per_week": 9, "weekdays": [1, 2, 3, 4, 5, 6, 7]}
    for rpps in (DOCTOR, OTHER_DOCTOR):
        answer = await dispatch.put(f"/volunteers/{rpps}", {**body, "starts": "00:00", "ends": "23:59"})
        assert answer.status_code == 200, answer.text
    kept = dispatch.rules.ladders[HERE]
    step = {"kind": "offer_volunteers", "after_minutes": 0, "mode": "broadcast", "minutes": 15, "radius_km": 30}
    use(dispatch, Ladder.model_validate({"version": "2026-11-9", "offer_hold_seconds": 900, "steps": [step]}))
    try:
        await keep_ladders(dispatch.runtime.system, dispatch.rules)
        one, other = await asked(dispatch)
        path = "/offers/{}/{}"
        await dispatch.made(path.format(one, "decline"), {"reason": "busy"}, role="coordinator", status=200)
        await accepted(dispatch, other)
        one, _ = await asked(dispatch)
        await dispatch.made(path.format(one, "decline"), {"reason": "busy"}, role="coordinator", status=200)
        dispatch.advance(minutes=15)
        await fire(dispatch)
        one, _ = await asked(dispatch)
        await accepted(dispatch, one, hours=3)
    finally:
        use(dispatch, kept)


def use(dispatch: Dispatch, ladder: Ladder) -> None:
    dispatch.rules.ladders[HERE] = ladder
    dispatch.rules.digests[HERE] = ladder.digest


async def asked(dispatch: Dispatch) -> list[str]:
    await dispatch.call()
    await dispatch.system(begin_ladders)
    await fire(dispatch)
    found = (await dispatch.get("/offers", role="coordinator", state="open"))["items"]
    assert len(found) == 2
    return [it["id"] for it in sorted(found, key=lambda it: str(it["effector"]["rpps"]))]


async def accepted(dispatch: Dispatch, offer: str, hours: float = 1) -> None:
    body = {"starts_at": (dispatch.clock.now() + timedelta(hours=hours)).isoformat()}
    await dispatch.made(f"/offers/{offer}/accept", body, role="coordinator")


def with_fixed_ids(bodies: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Ids and traces are drawn at random; an id that stands in two events stays the same in both."""
    text = json.dumps(bodies)
    for number, found in enumerate(dict.fromkeys(UUID_PATTERN.findall(text)), start=1):
        text = text.replace(found, f"019ab000-0001-7000-8000-{number:012d}")
    # Numbers of holders go on from one test to the next.
    fences = sorted({int(found) for found in FENCE.findall(text)})
    text = FENCE.sub(lambda found: f'"fence": {1 + fences.index(int(found[1]))}', text)
    fixed: dict[str, dict[str, Any]] = json.loads(text)
    trace = {"correlationid": "019ab000-0001-7000-8000-000000000000", "traceparent": None}
    return {kind: body | trace for kind, body in fixed.items()}


async def test_every_event_of_the_dispatch_has_its_sample(events: dict[str, dict[str, Any]]) -> None:
    assert set(events) == {event.name for event in OWNED}
    for event in OWNED:
        body = events[event.name]
        check_sample(body)
        assert event.envelope.model_validate(body).data.model_dump(mode="json") == body["data"]


async def test_versions_count_the_changes_of_an_aggregate(events: dict[str, dict[str, Any]]) -> None:
    versions = {
        kind.removeprefix("fr.cpts.snp-dispatch.")[:-3]: body["aggregateversion"] for kind, body in events.items()
    }
    assert versions == {
        "slot.published": 1,
        "slot.withdrawn": 2,
        "slot.released": 2,
        "slot.lent": 1,
        "pause.started": 1,
        "pause.ended": 2,
        "call.received": 1,
        "call.screened": 2,
        "call.unmatched": 3,
        "effector.closed": 1,
        "call.escalated": 4,
        "call.offered": 4,
        "offer.made": 1,
        "offer.accepted": 2,
        "offer.declined": 2,
        "offer.expired": 2,
        "offer.closed": 2,
        "call.cancelled": 4,
        "call.expired": 4,
        "call.not_seen": 5,
        "hold.placed": 1,
        "hold.extended": 2,
        "hold.transferred": 3,
        "hold.expiring": 4,
        "hold.released": 2,
        "hold.expired": 2,
        "booking.confirmed": 1,
        "booking.moved": 2,
        "booking.cancelled": 2,
        "booking.fulfilled": 2,
        "booking.missed": 2,
        "booking.outcome_undone": 3,
        "booking.reminder_due": 2,
    }
