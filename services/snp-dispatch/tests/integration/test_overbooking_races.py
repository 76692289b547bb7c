"""Extra seats beside holds, moves, withdrawals and each other, at once."""

import asyncio

import pytest
from balance import assert_balanced
from dispatch_stage import DOCTOR, NOW, Dispatch
from overbooking import body, full_slot, slot_now
from racing import codes, open_calls, together


@pytest.mark.usefixtures("two")
async def test_many_at_once_never_pass_the_limit(dispatch: Dispatch) -> None:
    full, calls = await full_slot(dispatch), await open_calls(dispatch, 20)
    path = f"/slots/{full['id']}/overbook"
    answers = await together(dispatch.post(path, body(it), role="operator") for it in calls)
    assert codes(answers) == {201: 2, "overbooking_limit": 18}
    assert await slot_now(dispatch, full["id"]) == ("booked", 0, 2)
    await assert_balanced(dispatch)


@pytest.mark.usefixtures("two")
async def test_one_call_gets_one_extra_seat(dispatch: Dispatch) -> None:
    slots, call = [await full_slot(dispatch, hours) for hours in (1, 2, 3)], await dispatch.call()
    paths = [f"/slots/{it['id']}/overbook" for it in slots * 4]
    answers = await together(dispatch.post(path, body(call), role="operator") for path in paths)
    assert codes(answers) == {201: 1, "call_not_open": 11}
    await assert_balanced(dispatch)


@pytest.mark.parametrize("round_", range(5))
async def test_holds_and_extra_seats_of_one_call_do_not_both_win(dispatch: Dispatch, round_: int) -> None:
    full, free, call = await full_slot(dispatch), await dispatch.slot(6), await dispatch.call()
    held, extra = await together(
        [
            dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": free["id"]}),
            dispatch.post(f"/slots/{full['id']}/overbook", body(call), role="operator"),
        ]
    )
    assert sorted((held.status_code, extra.status_code)) == [201, 409], (held.text, extra.text)
    await assert_balanced(dispatch)


@pytest.mark.parametrize("round_", range(5))
async def test_a_slot_is_not_withdrawn_under_an_extra_patient(dispatch: Dispatch, round_: int) -> None:
    """The ordinary visit is cancelled, the slot withdrawn and a patient added, all at once."""
    booking, call = await dispatch.booked(4), await dispatch.call()
    slot = f"/slots/{booking['slot_id']}"
    cancelled, withdrawn, extra = await together(
        [
            dispatch.post(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}),
            dispatch.post(f"{slot}/withdraw", {"reason": "away"}, role="coordinator"),
            dispatch.post(f"{slot}/overbook", body(call), role="operator"),
        ]
    )
    assert cancelled.status_code == 200
    assert {withdrawn.status_code, extra.status_code} in ({409}, {200, 409}, {201, 409}), (withdrawn.text, extra.text)
    await assert_balanced(dispatch)


async def test_overbookings_in_two_directions_do_not_lock_each_other_up(dispatch: Dispatch) -> None:
    """Extra seats, moves and cancellations on the same two slots at once."""
    for _ in range(5):
        one, two = await dispatch.booked(10), await dispatch.booked(11)
        calls = await open_calls(dispatch, 4)
        jobs = [
            dispatch.post(f"/slots/{it['slot_id']}/overbook", body(call), role="operator")
            for it, call in zip((one, two) * 2, calls, strict=True)
        ]
        moves = [
            dispatch.post(f"/bookings/{a['id']}/move", {"slot_id": b["slot_id"], "reason": "x"})
            for a, b in ((one, two), (two, one))
        ]
        gone = [dispatch.post(f"/bookings/{one['id']}/cancel", {"reason": "x", "by": "patient"})]
        answers = await asyncio.gather(*jobs, *moves, *gone)
        assert {it.status_code for it in answers} <= {200, 201, 409}
        await assert_balanced(dispatch)
        await dispatch.made(
            f"/effectors/{DOCTOR}/closures",
            {"starts_at": NOW.isoformat(), "ends_at": NOW.replace(day=25).isoformat(), "reason": "ill"},
            role="coordinator",
        )
        await assert_balanced(dispatch)
        await dispatch.rows("DELETE FROM closure RETURNING id")
