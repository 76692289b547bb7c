"""The batch: waiting calls and free seats, all at once, by the claims that every booking uses."""

import asyncio
from typing import Any

import pytest
from dispatch_stage import ALLAIRE, DOCTOR, ELSEWHERE, OTHER_DOCTOR, Dispatch, a_call, a_slot

from contracts.envelope import NATIONAL


async def waiting(dispatch: Dispatch, **changes: Any) -> Any:
    """A call for which there is no slot yet."""
    call = await dispatch.call(**changes)
    assert call["state"] == "waiting", call
    return call


async def assigned(dispatch: Dispatch, **body: Any) -> Any:
    return await dispatch.made("/assignments", body, role="operator")


async def test_two_calls_get_two_slots_that_one_by_one_would_give_to_one(dispatch: Dispatch) -> None:
    easy = await waiting(dispatch)
    dispatch.advance(minutes=1)
    choosy = await waiting(dispatch, constraints={"max_distance_km": 0})
    here = await dispatch.slot(4)
    there = await dispatch.slot(5, effector={"rpps": OTHER_DOCTOR}, place={"commune": ALLAIRE})
    plan = await assigned(dispatch, dry_run=True)
    assert (plan["id"], plan["booked"], plan["calls"], plan["slots"]) == (None, 0, 2, 2)
    assert (plan["together"]["served"], plan["one_by_one"]["served"]) == (2, 1)
    assert (await dispatch.get("/bookings"))["items"] == []
    made = await assigned(dispatch)
    assert {it["call_id"]: it["slot_id"] for it in made["pairs"]} == {easy["id"]: there["id"], choosy["id"]: here["id"]}
    assert made["booked"] == 2
    for call in (easy, choosy):
        now = await dispatch.get(f"/calls/{call['id']}")
        booking = next(it["booking_id"] for it in made["pairs"] if it["call_id"] == call["id"])
        assert (now["state"], now["booking"]["id"]) == ("booked", booking)
    assert len(await dispatch.told("booking.confirmed")) == 2
    kept = await dispatch.get(f"/assignments/{made['id']}", role="coordinator")
    assert kept == made
    listed = await dispatch.get("/assignments")
    assert [(it["id"], it["booked"]) for it in listed["items"]] == [(made["id"], 2)]


async def test_the_booking_remembers_when_the_call_came(dispatch: Dispatch) -> None:
    await waiting(dispatch)
    received = dispatch.clock.now()
    dispatch.advance(hours=2)
    await dispatch.slot(4)
    await assigned(dispatch)
    (row,) = await dispatch.rows("SELECT call_received_at, confirmed_at FROM booking")
    assert (row["call_received_at"], row["confirmed_at"]) == (received, dispatch.clock.now())


async def test_what_cannot_be_served_waits_on_and_says_why(dispatch: Dispatch) -> None:
    first, second = await waiting(dispatch), await waiting(dispatch)
    nurse = await waiting(dispatch, need={"profession": "60", "specialty": None})
    await dispatch.slot(4)
    made = await assigned(dispatch)
    assert made["booked"] == 1
    served = made["pairs"][0]["call_id"]
    assert made["outbid"] == [it["id"] for it in (first, second) if it["id"] != served]
    assert made["without_fit"] == [nurse["id"]]
    left = [*made["outbid"], *made["without_fit"]]
    assert [(await dispatch.get(f"/calls/{it}"))["state"] for it in left] == ["waiting", "waiting"]


async def test_open_calls_held_calls_and_past_deadlines_are_left_alone(dispatch: Dispatch) -> None:
    held, late = await waiting(dispatch), await waiting(dispatch, constraints={"deadline": "2026-11-24T08:30:00Z"})
    slot = await dispatch.slot(4)
    await dispatch.held(held, slot)
    await dispatch.slot(6)
    chosen_by_caller = await dispatch.call()
    assert chosen_by_caller["state"] == "open"
    dispatch.advance(minutes=4)
    assert (await assigned(dispatch))["calls"] == 1
    dispatch.advance(minutes=30)
    made = await assigned(dispatch)
    # The hold is over by now, so its call takes part; the other call's time is up.
    assert [it["call_id"] for it in made["pairs"]] == [held["id"]]
    assert late["id"] not in made["without_fit"]


async def test_another_territory_is_not_touched(dispatch: Dispatch) -> None:
    await waiting(dispatch)
    await dispatch.made("/slots", a_slot(4), role="coordinator", territory=ELSEWHERE)
    assert (await assigned(dispatch))["slots"] == 0
    answer = await dispatch.made("/assignments", {}, role="operator", territory=ELSEWHERE)
    assert answer["calls"] == 0


async def test_batches_and_callers_at_once_never_share_a_seat(dispatch: Dispatch) -> None:
    """Three batches, twelve one-shot calls and twelve holds race for ten seats, by real connections."""
    calls = [await waiting(dispatch) for _ in range(12)]
    slots = [await dispatch.slot(1 + n) for n in range(8)] + [await dispatch.slot(10, capacity=2)]
    answers = await asyncio.gather(
        *(dispatch.post("/assignments", {}, role="operator") for _ in range(3)),
        *(dispatch.post("/calls", a_call(mode="book")) for _ in range(12)),
        *(dispatch.post(f"/calls/{it['id']}/holds", {"slot_id": slots[n % 9]["id"]}) for n, it in enumerate(calls)),
    )
    assert {it.status_code for it in answers} <= {201, 409}
    seats = await dispatch.rows("SELECT count(*) AS n, count(DISTINCT (slot_id, seat)) AS seats FROM seat_claim")
    assert seats == [{"n": 10, "seats": 10}]
    claims = await dispatch.rows(
        "SELECT count(*) AS n FROM booking b JOIN seat_claim c ON c.booking_id = b.id AND c.slot_id = b.slot_id"
    )
    bookings = await dispatch.rows("SELECT count(*) AS n, count(DISTINCT call_id) AS calls FROM booking")
    assert claims[0]["n"] == bookings[0]["n"] == bookings[0]["calls"]
    states = await dispatch.rows(
        "SELECT count(*) AS n FROM call c"
        " WHERE (c.state = 'booked') <> EXISTS (SELECT FROM booking WHERE call_id = c.id)"
    )
    assert states == [{"n": 0}]
    told = await dispatch.told("booking.confirmed")
    assert len(told) == bookings[0]["n"]


async def test_a_pair_that_somebody_works_on_is_lost_and_its_call_waits_on(dispatch: Dispatch) -> None:
    call, slot = await waiting(dispatch), await dispatch.slot(4)
    async with dispatch.runtime.system.work(NATIONAL) as work:
        await work.execute("SELECT 1 FROM slot WHERE id = $1 FOR UPDATE", slot["id"])
        made = await assigned(dispatch)
    assert [it["lost"] for it in made["pairs"]] == ["slot_taken"]
    async with dispatch.runtime.system.work(NATIONAL) as work:
        await work.execute("SELECT 1 FROM call WHERE id = $1 FOR UPDATE", call["id"])
        made = await assigned(dispatch)
    assert ([it["lost"] for it in made["pairs"]], made["booked"]) == (["call_changed"], 0)
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "waiting"
    assert (await assigned(dispatch))["booked"] == 1


async def test_the_same_key_books_once(dispatch: Dispatch) -> None:
    await waiting(dispatch)
    await dispatch.slot(4)
    first = await dispatch.post("/assignments", {}, role="operator", key="batch")
    again = await dispatch.post("/assignments", {}, role="operator", key="batch")
    assert first.content == again.content
    assert len((await dispatch.get("/assignments"))["items"]) == 1


async def test_two_waiting_calls_of_one_patient_get_one_visit(dispatch: Dispatch) -> None:
    """The seat that the second would take goes to somebody else."""
    patient = {"patient": {"ref": "pseudonym-1"}}
    first = await waiting(dispatch, **patient)
    dispatch.advance(minutes=1)
    second = await waiting(dispatch, **patient)
    dispatch.advance(minutes=1)
    somebody = await waiting(dispatch)
    for hours in (4, 6):
        await dispatch.slot(hours)
    made = await assigned(dispatch)
    assert {it["call_id"] for it in made["pairs"] if it["booking_id"]} == {first["id"], somebody["id"]}
    assert (made["second_visits"], made["outbid"]) == ([second["id"]], [])
    await dispatch.slot(8)
    again = await assigned(dispatch)
    assert (again["booked"], again["pairs"], again["second_visits"]) == (0, [], [second["id"]])
    assert (await dispatch.get(f"/calls/{second['id']}"))["state"] == "waiting"


@pytest.mark.parametrize("round_", range(3))
async def test_batches_and_one_shots_give_a_patient_one_visit(dispatch: Dispatch, round_: int) -> None:
    """By real connections: each may see that another books the patient, none may book a second visit."""
    patient = {"patient": {"ref": "pseudonym-1"}}
    for _ in range(3):
        await waiting(dispatch, **patient)
    for number in range(8):
        await dispatch.slot(1 + number / 2)
    answers = await asyncio.gather(
        *(dispatch.post("/assignments", {}, role="operator") for _ in range(3)),
        *(dispatch.post("/calls", a_call(mode="book", **patient)) for _ in range(4)),
    )
    assert {it.status_code for it in answers} <= {201, 409}
    assert len((await dispatch.get("/bookings", state="confirmed"))["items"]) == 1


async def test_a_pair_beyond_a_quota_says_so(dispatch: Dispatch) -> None:
    body = {"effector": {"rpps": DOCTOR}, "period": "day", "max_slots": 1}
    await dispatch.made("/quotas", body, role="coordinator")
    for _ in range(2):
        await waiting(dispatch)
    await dispatch.slot(4)
    await dispatch.slot(5)
    made = await assigned(dispatch)
    assert (made["booked"], [it["lost"] for it in made["pairs"]]) == (1, [None, "quota_reached"])


async def test_a_batch_prices_what_a_proposal_prices(dispatch: Dispatch) -> None:
    """Who saw the patient lately costs less, in a batch as in a proposal."""
    seen = {"patient": {"ref": "pseudonym-1"}}
    await dispatch.slot(1, effector={"rpps": OTHER_DOCTOR})
    await dispatch.call(mode="book", **seen)
    dispatch.advance(hours=2)
    await waiting(dispatch, **seen)
    await dispatch.slot(6, effector={"rpps": OTHER_DOCTOR})
    (pair,) = (await assigned(dispatch, dry_run=True))["pairs"]
    (proposal,) = (await dispatch.call(**seen))["proposals"]
    assert "not_seen_before" in proposal["cost_parts"]
    assert pair["cost_parts"] == proposal["cost_parts"]
