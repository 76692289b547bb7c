"""An outcome that was said by mistake is taken back, and what was said is kept."""

from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, OTHER_DOCTOR, Dispatch
from racing import codes, together

from snp_dispatch.usecases.close_loops import close_loops

ME = {"role": "practitioner", "rpps": DOCTOR, "sub": "me"}
UNDO = {"reason": "wrong_patient"}


async def ended(dispatch: Dispatch, action: str, body: Any = None, **more: Any) -> Any:
    """A visit of an hour from now, after its outcome was said."""
    booking = await dispatch.booked(1, **more)
    dispatch.advance(hours=1)
    return await dispatch.made(f"/bookings/{booking['id']}/{action}", body, status=200, **ME)


@pytest.mark.parametrize(
    ("action", "body", "was"), [("fulfil", None, "fulfilled"), ("no-show", {"absent": "patient"}, "no_show")]
)
async def test_an_outcome_is_taken_back(dispatch: Dispatch, action: str, body: Any, was: str) -> None:
    booking = await ended(dispatch, action, body)
    dispatch.advance(minutes=5)
    undone = await dispatch.made(f"/bookings/{booking['id']}/undo-outcome", UNDO, role="operator", status=200)
    assert (undone["state"], undone["ended_at"], undone["ended_by"], undone["absent"]) == (
        "confirmed",
        None,
        None,
        None,
    )
    assert [(it["outcome"], it["source"], it["reason"]) for it in undone["outcomes"]] == [
        (was, "practitioner", None),
        ("undone", "operator", "wrong_patient"),
    ]
    assert undone == await dispatch.get(f"/bookings/{booking['id']}")
    (event,) = await dispatch.told("booking.outcome_undone")
    assert '"aggregateversion":3' in event["body"].replace(" ", "")
    again = await dispatch.made(f"/bookings/{booking['id']}/fulfil", None, status=200, **ME)
    assert (again["state"], len(again["outcomes"])) == ("fulfilled", 3)


async def test_only_an_outcome_is_taken_back(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    path = f"/bookings/{booking['id']}/undo-outcome"
    assert await dispatch.refused(path, UNDO, role="operator") == (409, "no_outcome")
    await dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}, status=200)
    assert await dispatch.refused(path, UNDO, role="operator") == (409, "no_outcome")


async def test_an_outcome_comes_to_rest(dispatch: Dispatch) -> None:
    booking = await ended(dispatch, "fulfil")
    path = f"/bookings/{booking['id']}/undo-outcome"
    dispatch.advance(days=30, minutes=31)
    assert await dispatch.refused(path, UNDO, role="operator") == (409, "outcome_final")
    dispatch.advance(minutes=-1)
    assert (await dispatch.made(path, UNDO, role="operator", status=200))["state"] == "confirmed"


async def test_who_may_take_an_outcome_back(dispatch: Dispatch) -> None:
    booking = await ended(dispatch, "fulfil")
    path = f"/bookings/{booking['id']}/undo-outcome"
    stranger = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": "other"}
    assert await dispatch.refused(path, UNDO, **stranger) == (403, "not_your_booking")
    assert await dispatch.refused(path, UNDO, role="ed") == (403, "scope_missing")
    assert await dispatch.refused(path, UNDO, role="operator", territory=ELSEWHERE) == (404, "booking_not_found")
    assert await dispatch.refused(path, {}, role="operator") == (422, "invalid_input")
    assert (await dispatch.made(path, UNDO, status=200, **ME))["state"] == "confirmed"


async def test_taken_back_many_times_at_once(dispatch: Dispatch) -> None:
    booking = await ended(dispatch, "fulfil")
    path = f"/bookings/{booking['id']}/undo-outcome"
    answers = await together(dispatch.post(path, UNDO, role="operator") for _ in range(10))
    assert codes(answers) == {200: 1, "no_outcome": 9}
    assert len(await dispatch.told("booking.outcome_undone")) == 1


async def test_a_visit_to_come_is_not_a_second_one(dispatch: Dispatch) -> None:
    """Fulfilled before its start, by mistake; the patient got another visit meanwhile."""
    patient = {"patient": {"ref": "pseudonym-1"}}
    booking = await dispatch.booked(1, **patient)
    dispatch.advance(minutes=50)
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", None, status=200, **ME)
    await dispatch.booked(6, **patient)
    path = f"/bookings/{booking['id']}/undo-outcome"
    assert await dispatch.refused(path, UNDO, role="operator") == (409, "already_booked")
    assert (await dispatch.get(f"/bookings/{booking['id']}"))["state"] == "fulfilled"


async def test_a_patient_who_was_not_seen_after_all_is_told(dispatch: Dispatch) -> None:
    booking = await ended(dispatch, "fulfil")
    dispatch.advance(hours=48)
    await dispatch.system(lambda work: close_loops(work, dispatch.rules))
    assert await dispatch.told("call.not_seen") == []
    await dispatch.made(f"/bookings/{booking['id']}/undo-outcome", UNDO, status=200, **ME)
    await dispatch.made(f"/bookings/{booking['id']}/no-show", {"absent": "patient"}, status=200, **ME)
    await dispatch.system(lambda work: close_loops(work, dispatch.rules))
    assert len(await dispatch.told("call.not_seen")) == 1
