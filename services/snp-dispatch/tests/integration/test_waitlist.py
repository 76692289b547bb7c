"""The waitlist: who is served first when a seat frees, how it is offered, and that no seat is given twice."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, NOW, NURSE, OTHER_DOCTOR, Dispatch, a_call, a_slot

from kit.work import Work
from snp_dispatch.usecases.pause_offer import expire_pauses
from snp_dispatch.usecases.refill import Refill
from snp_dispatch.usecases.sweep import expire_holds


async def refill(dispatch: Dispatch, job: Refill | None = None) -> int:
    """One round of the job, as the worker's timer would do it."""

    async def run(work: Work) -> int:
        return await (job or Refill(dispatch.rules)).run(work, dispatch.runtime.db)

    served: int = await dispatch.system(run)
    return served


def level(code: str) -> dict[str, Any]:
    return {"triage": {"scale": "FRENCH", "level": code}}


async def waits(dispatch: Dispatch, code: str = "5", **changes: Any) -> Any:
    """A call that nothing fits, of the single number: it may have levels 3B, 4 and 5."""
    need = {**level(code), **changes.pop("need", {})}
    call = await dispatch.call(origin="single_number", need=need, **changes)
    assert call["state"] == "waiting"
    return call


async def state(dispatch: Dispatch, call: Any) -> str:
    found: str = (await dispatch.get(f"/calls/{call['id']}"))["state"]
    return found


async def test_a_new_slot_books_the_most_urgent_call_that_asked_for_one_shot(dispatch: Dispatch) -> None:
    mild = await waits(dispatch, "5", mode="book")
    urgent = await waits(dispatch, "3B", mode="book")
    dispatch.advance(minutes=10)
    slot = await dispatch.slot(4)
    assert await refill(dispatch) == 1
    booked = await dispatch.get(f"/calls/{urgent['id']}")
    assert (booked["state"], booked["booking"]["slot_id"]) == ("booked", slot["id"])
    assert await state(dispatch, mild) == "waiting"
    told = await dispatch.told("booking.confirmed")
    assert len(told) == 1
    assert '"call_received_at":"2026-11-24T08:00:00Z"' in told[0]["body"]


async def test_among_equals_the_earlier_deadline_comes_first(dispatch: Dispatch) -> None:
    later = await waits(dispatch, mode="book")
    sooner = await waits(dispatch, mode="book", constraints={"deadline": (NOW + timedelta(hours=6)).isoformat()})
    await dispatch.slot(4)
    await refill(dispatch)
    assert (await state(dispatch, sooner), await state(dispatch, later)) == ("booked", "waiting")


async def test_a_waiting_call_is_offered_a_seat_that_its_caller_accepts(dispatch: Dispatch) -> None:
    call = await waits(dispatch)
    slot = await dispatch.slot(4)
    assert await refill(dispatch) == 1
    seen = await dispatch.get(f"/calls/{call['id']}")
    assert (seen["state"], seen["hold"]["slot_id"]) == ("waiting", slot["id"])
    assert len(await dispatch.told("call.offered", "hold.placed")) == 2
    booking = await dispatch.made(f"/calls/{call['id']}/accept")
    assert booking["slot_id"] == slot["id"]
    assert await state(dispatch, call) == "booked"
    assert await dispatch.refused(f"/calls/{call['id']}/accept") == (409, "nothing_offered")


async def test_an_offer_that_is_not_answered_goes_to_the_next(dispatch: Dispatch) -> None:
    first, second = await waits(dispatch, "4"), await waits(dispatch, "5")
    job, slot = Refill(dispatch.rules), await dispatch.slot(4)
    await refill(dispatch, job)
    dispatch.advance(minutes=15)
    assert await dispatch.refused(f"/calls/{first['id']}/accept") == (410, "hold_expired")
    await dispatch.system(expire_holds)
    await refill(dispatch, job)
    assert (await dispatch.get(f"/calls/{first['id']}"))["hold"] is None
    assert (await dispatch.get(f"/calls/{second['id']}"))["hold"]["slot_id"] == slot["id"]
    other = await dispatch.slot(6)
    await refill(dispatch, job)
    assert (await dispatch.get(f"/calls/{first['id']}"))["hold"]["slot_id"] == other["id"]


async def test_accepting_is_for_the_caller(dispatch: Dispatch) -> None:
    call, _ = await waits(dispatch), await dispatch.slot(4)
    await refill(dispatch)
    path = f"/calls/{call['id']}/accept"
    assert await dispatch.refused(path, role="practitioner", rpps=DOCTOR) == (403, "not_your_call")
    assert (await dispatch.refused(path, role="coordinator"))[0] == 403
    assert await dispatch.refused(f"/calls/{call['patient']['commune']}/accept") == (422, "invalid_input")
    assert (await dispatch.refused(path, role="ed", territory="haute-saintonge"))[0] == 404


@pytest.mark.parametrize("freed_by", ["cancellation", "release", "expiry"])
async def test_what_frees_a_seat_wakes_the_waitlist(dispatch: Dispatch, freed_by: str) -> None:
    slot, call = await dispatch.slot(4), await dispatch.call()
    hold = await dispatch.held(call, slot)
    waiting = await waits(dispatch, mode="book")
    job = Refill(dispatch.rules)
    assert await refill(dispatch, job) == 0
    if freed_by == "cancellation":
        booking = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
        body = {"by": "patient", "reason": "recovered"}
        await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200)
    elif freed_by == "release":
        await dispatch.made(f"/holds/{hold['id']}/release", {"token": hold["token"]}, status=200)
    else:
        dispatch.advance(minutes=5)
        await dispatch.system(expire_holds)
    assert await refill(dispatch, job) == 1
    assert await state(dispatch, waiting) == "booked"


@pytest.mark.parametrize("ended_by", ["resume", "its_end"])
async def test_the_end_of_a_pause_wakes_the_waitlist_at_once(dispatch: Dispatch, ended_by: str) -> None:
    await dispatch.slot(4)
    until = (NOW + timedelta(minutes=10)).isoformat()
    await dispatch.made(f"/effectors/{DOCTOR}/pause", {"until": until, "reason": "overload"}, role="coordinator")
    call = await waits(dispatch, mode="book")
    nurse = await waits(dispatch, mode="book", need={"profession": "60", "specialty": None})
    job = Refill(dispatch.rules)
    dispatch.advance(minutes=2)
    assert await refill(dispatch, job) == 0
    if ended_by == "resume":
        await dispatch.made(f"/effectors/{DOCTOR}/resume", role="coordinator", status=200)
    else:
        dispatch.advance(minutes=7, seconds=50)
        assert await refill(dispatch, job) == 0
        dispatch.advance(seconds=10)
        assert await dispatch.system(expire_pauses) == 1
    assert await refill(dispatch, job) == 1
    assert (await state(dispatch, call), await state(dispatch, nurse)) == ("booked", "waiting")


async def test_a_seat_that_frees_without_an_event_is_found_within_a_minute(dispatch: Dispatch) -> None:
    """A practitioner who takes part again brings their slots back; nobody tells us of each."""
    slot, job = await dispatch.slot(4), Refill(dispatch.rules)
    await dispatch.rows("UPDATE slot SET audience = '{PRO}' RETURNING 1")
    call = await waits(dispatch, mode="book")
    await refill(dispatch, job)
    await dispatch.rows("UPDATE slot SET audience = '{CPTS}' RETURNING 1")
    dispatch.advance(seconds=30)
    assert await refill(dispatch, job) == 0
    dispatch.advance(seconds=31)
    assert await refill(dispatch, job) == 1
    assert (await dispatch.get(f"/calls/{call['id']}"))["booking"]["slot_id"] == slot["id"]


async def test_a_slot_of_another_profession_wakes_nobody(dispatch: Dispatch) -> None:
    call, job = await waits(dispatch), Refill(dispatch.rules)
    await refill(dispatch, job)
    dispatch.advance(seconds=5)
    await dispatch.slot(4, effector={"rpps": NURSE})
    await refill(dispatch, job)
    rows = await dispatch.rows("SELECT searched_at FROM call WHERE id = $1", call["id"])
    assert rows[0]["searched_at"] == NOW


@pytest.mark.parametrize("round_", range(3))
async def test_two_workers_serve_each_seat_once(dispatch: Dispatch, round_: int) -> None:
    calls = [await waits(dispatch, mode="book") for _ in range(12)]
    made = [await dispatch.slot(1 + number / 2) for number in range(8)]
    rounds = await asyncio.gather(*(refill(dispatch) for _ in range(4)))
    assert sum(rounds) == 8
    bookings = (await dispatch.get("/bookings"))["items"]
    assert Counter(it["slot_id"] for it in bookings) == Counter(it["id"] for it in made)
    states = Counter([await state(dispatch, call) for call in calls])
    assert states == {"booked": 8, "waiting": 4}
    assert len(await dispatch.told("booking.confirmed")) == 8


@pytest.mark.parametrize("round_", range(3))
async def test_the_waitlist_and_callers_share_the_seats(dispatch: Dispatch, round_: int) -> None:
    """Refills, one-shots, cancels of the waiting and cancels of visits, all at once: no seat twice, no call lost."""
    waiting = [await waits(dispatch, mode="book" if n % 2 else "propose") for n in range(10)]
    made = await asyncio.gather(*(dispatch.post("/slots", a_slot(8 + n / 2), role="coordinator") for n in range(6)))
    assert {it.status_code for it in made} == {201}
    shots = [dispatch.post("/calls", a_call(mode="book")) for _ in range(6)]
    cancels = [dispatch.post(f"/calls/{it['id']}/cancel", {"reason": "left"}) for it in waiting[:4]]
    answers = await asyncio.gather(*(refill(dispatch) for _ in range(3)), *shots, *cancels)
    assert {it.status_code for it in answers[3:]} <= {200, 201, 409}
    claims = await dispatch.rows("SELECT slot_id FROM seat_claim")
    assert len(claims) == len({it["slot_id"] for it in claims}) <= 6
    active = await dispatch.rows(
        "SELECT call_id FROM booking WHERE state = 'confirmed' "
        "UNION ALL SELECT call_id FROM hold WHERE state = 'active'"
    )
    assert len(active) == len({it["call_id"] for it in active}) == len(claims)
    states = await dispatch.rows("SELECT state, count(*) AS n FROM call GROUP BY state")
    assert sum(it["n"] for it in states) == 16


async def test_the_list_tells_position_and_what_was_tried(dispatch: Dispatch) -> None:
    five = await waits(dispatch, "5", mode="book")
    three = await waits(dispatch, "3B")
    nurse = await waits(dispatch, "4", need={"profession": "60", "specialty": None})
    await dispatch.slot(4, effector={"rpps": OTHER_DOCTOR})
    await refill(dispatch)
    rows = (await dispatch.get("/waitlist", role="operator"))["items"]
    assert [(it["position"], it["call_id"]) for it in rows] == [(1, three["id"]), (2, nurse["id"]), (3, five["id"])]
    assert rows[0]["tried"]["offers"] == 1
    assert rows[0]["hold"] is not None
    assert rows[0]["triage"] == {"scale": "FRENCH", "level": "3B"}
    only = (await dispatch.get("/waitlist", role="coordinator", profession="60"))["items"]
    assert [(it["position"], it["call_id"]) for it in only] == [(2, nurse["id"])]
    first = await dispatch.get("/waitlist", role="operator", limit=2)
    rest = await dispatch.get("/waitlist", role="operator", limit=2, cursor=first["next"])
    assert [it["call_id"] for it in first["items"] + rest["items"]] == [it["call_id"] for it in rows]
    assert rest["next"] is None


async def test_a_reopened_call_waits_since_its_visit_was_cancelled(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    dispatch.advance(hours=1)
    body = {"by": "practitioner", "reason": "ill"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200)
    row = (await dispatch.get("/waitlist", role="operator"))["items"][0]
    assert row["since"] == "2026-11-24T09:00:00Z"
    assert row["received_at"] == "2026-11-24T08:00:00Z"


async def test_the_list_is_for_desks_of_the_territory(dispatch: Dispatch) -> None:
    await waits(dispatch)
    for role in ("ed", "practitioner", "care"):
        http = await dispatch.client(role)
        assert (await http.get("/v1/waitlist")).status_code == 403
    elsewhere = await dispatch.get("/waitlist", role="operator", claims={"territory": "haute-saintonge"})
    assert elsewhere["items"] == []
    assert HERE != "haute-saintonge"


async def test_calls_that_hold_an_offer_keep_nobody_else_from_being_looked_after(dispatch: Dispatch) -> None:
    """Twenty of one territory, each with a seat in hand, and one of another that has waited for a minute."""
    there = {"territory": ELSEWHERE}
    calls = [await waits(dispatch) for _ in range(20)]
    slots = [await dispatch.slot(1 + n / 2) for n in range(20)]
    for call, slot in zip(calls, slots, strict=True):
        await dispatch.held(call, slot)
    dispatch.advance(minutes=1)
    waiting = await dispatch.made("/calls", a_call(mode="book"), **there)
    dispatch.advance(minutes=1, seconds=1)
    await dispatch.made("/slots", a_slot(20), role="coordinator", **there)
    await dispatch.rows("DELETE FROM outbox RETURNING 1")  # as if nothing told of the slot
    await refill(dispatch)
    assert (await dispatch.get(f"/calls/{waiting['id']}", claims=there))["state"] == "booked"


async def test_calls_that_nothing_is_there_for_take_no_turn_from_others(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait for a general practitioner, the one that waits for a nurse gets the nurse's slot."""
    monkeypatch.setattr("snp_dispatch.usecases.refill.AT_ONCE", 1)
    await waits(dispatch, "3B", mode="book")
    nurse = await waits(dispatch, "5", mode="book", need={"profession": "60", "specialty": None})
    dispatch.advance(seconds=11)
    await dispatch.made("/slots", a_slot(4, effector={"rpps": NURSE}), role="coordinator")
    await refill(dispatch)
    assert await state(dispatch, nurse) == "booked"
