"""A second visit for the same patient and need is refused, and told of the first."""

from typing import Any

import pytest
from dispatch_stage import NURSE, Dispatch, a_call
from racing import codes, together

from snp_dispatch.usecases.refill import Refill

PATIENT = {"patient": {"ref": "pseudonym-1"}}


async def confirmation(dispatch: Dispatch, call: Any, slot: Any) -> Any:
    hold = await dispatch.held(call, slot)
    return await dispatch.post(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})


async def test_a_second_one_shot_is_refused(dispatch: Dispatch) -> None:
    first = await dispatch.booked(4, **PATIENT)
    free = await dispatch.slot(6)
    answer = await dispatch.post("/calls", a_call(mode="book", **PATIENT))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    assert answer.json()["booking_id"] == first["id"]
    assert (await dispatch.get(f"/slots/{free['id']}"))["state"] == "free"
    assert len((await dispatch.get("/calls"))["items"]) == 1


async def test_a_second_confirmation_is_refused_and_the_hold_stays(dispatch: Dispatch) -> None:
    first = await dispatch.booked(4, **PATIENT)
    slot = await dispatch.slot(6)
    answer = await confirmation(dispatch, await dispatch.call(**PATIENT), slot)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    assert answer.json()["booking_id"] == first["id"]
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "held"


@pytest.mark.parametrize("why", ["cancelled", "past", "other_need", "other_patient", "no_reference"])
async def test_what_is_no_second_visit(dispatch: Dispatch, why: str) -> None:
    patient = {"patient": {"ref": None}} if why == "no_reference" else PATIENT
    first = await dispatch.booked(1, **patient)
    asks: dict[str, Any] = patient
    if why == "cancelled":
        await dispatch.made(f"/bookings/{first['id']}/cancel", {"by": "patient", "reason": "x"}, status=200)
    elif why == "past":
        dispatch.advance(hours=1)
    elif why == "other_need":
        await dispatch.slot(5, effector={"rpps": NURSE})
        asks = {**patient, "need": {"profession": "60", "specialty": None}}
    elif why == "other_patient":
        asks = {"patient": {"ref": "pseudonym-2"}}
    await dispatch.slot(6)
    assert (await dispatch.call(mode="book", **asks))["state"] == "booked"


async def test_the_visit_itself_does_not_stand_in_the_way_of_its_move(dispatch: Dispatch) -> None:
    first, other = await dispatch.booked(4, **PATIENT), await dispatch.slot(6)
    body = {"slot_id": other["id"], "reason": "x"}
    moved = await dispatch.made(f"/bookings/{first['id']}/move", body, status=200)
    assert (moved["id"], moved["slot_id"], moved["state"]) == (first["id"], other["id"], "confirmed")


async def test_the_waitlist_books_no_second_visit(dispatch: Dispatch) -> None:
    first = await dispatch.call(mode="book", **PATIENT)
    dispatch.advance(minutes=1)  # of two calls of one instant either may come first
    waiting = [first, await dispatch.call(mode="book", **PATIENT)]
    for hours in (4, 6):
        await dispatch.slot(hours)
    refill = Refill(dispatch.rules)
    await dispatch.system(lambda work: refill.run(work, dispatch.runtime.db))
    assert [(await dispatch.get(f"/calls/{it['id']}"))["state"] for it in waiting] == ["booked", "waiting"]


@pytest.mark.parametrize("round_", range(3))
async def test_one_patient_booked_by_many_at_once_has_one_visit(dispatch: Dispatch, round_: int) -> None:
    """One shots and confirmations together: neither sees the other before it commits."""
    slots = [await dispatch.slot(1 + number / 2) for number in range(12)]
    calls = [await dispatch.call(**PATIENT) for _ in range(4)]
    holds = [await dispatch.held(call, slot) for call, slot in zip(calls, slots, strict=False)]
    answers = await together(
        [dispatch.post(f"/holds/{it['id']}/confirm", {"token": it["token"]}) for it in holds]
        + [dispatch.post("/calls", a_call(mode="book", **PATIENT)) for _ in range(6)]
    )
    assert codes(answers) == {201: 1, "already_booked": 9}
    assert len((await dispatch.get("/bookings", state="confirmed"))["items"]) == 1
