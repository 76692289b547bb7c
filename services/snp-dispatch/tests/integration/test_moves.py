"""A visit gets another slot in one step: what it keeps, what it refuses, and races."""

from collections import Counter
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, NURSE, OTHER_DOCTOR, Dispatch, a_call
from racing import codes, together
from ruling import policy_says

NOWHERE = "00000000-0000-7000-8000-000000000000"


async def move(dispatch: Dispatch, booking: Any, slot: Any, *, status: int = 200, **more: Any) -> Any:
    body = {"slot_id": slot["id"], "reason": "agenda_closed", **more}
    return await dispatch.made(f"/bookings/{booking['id']}/move", body, status=status)


async def refusal(dispatch: Dispatch, booking: Any, slot_id: str, **more: Any) -> Any:
    body = {"slot_id": slot_id, "reason": "agenda_closed", **more}
    answer = await dispatch.post(f"/bookings/{booking['id']}/move", body, role="operator")
    return answer.status_code, answer.json()["code"], answer.json().get("reason")


async def test_a_visit_moves_and_keeps_its_id(dispatch: Dispatch) -> None:
    booking, other = await dispatch.booked(4), await dispatch.slot(6, effector={"rpps": OTHER_DOCTOR})
    moved = await move(dispatch, booking, other, by="patient")
    assert (moved["id"], moved["slot_id"], moved["state"]) == (booking["id"], other["id"], "confirmed")
    assert (moved["starts_at"], moved["practitioner_rpps"]) == (other["starts_at"], OTHER_DOCTOR)
    (told,) = moved["moves"]
    assert (told["from_slot_id"], told["to_slot_id"]) == (booking["slot_id"], other["id"])
    assert (told["by"], told["reason"], told["from_starts_at"]) == ("patient", "agenda_closed", booking["starts_at"])
    assert moved == await dispatch.get(f"/bookings/{booking['id']}")
    assert [(await dispatch.get(f"/slots/{it}"))["state"] for it in (booking["slot_id"], other["id"])] == [
        "free",
        "booked",
    ]
    assert (await dispatch.get(f"/calls/{booking['call_id']}"))["booking"] == moved
    (event,) = await dispatch.told("booking.moved")
    assert '"aggregateversion":2' in event["body"].replace(" ", "")


async def test_moves_are_kept_in_order(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    slots = [await dispatch.slot(hours) for hours in (6, 8)]
    for slot in slots:
        moved = await move(dispatch, booking, slot)
    assert [it["to_slot_id"] for it in moved["moves"]] == [it["id"] for it in slots]
    assert {it["by"] for it in moved["moves"]} == {"caller"}


async def test_back_to_the_slot_it_came_from(dispatch: Dispatch) -> None:
    """calcom/cal.diy#21589: after a reschedule the old time was listed free and could not be had."""
    booking, other = await dispatch.booked(4), await dispatch.slot(6)
    await move(dispatch, booking, other)
    moved = await move(dispatch, booking, {"id": booking["slot_id"]})
    assert (moved["slot_id"], len(moved["moves"])) == (booking["slot_id"], 2)
    assert [row["slot_id"] for row in await dispatch.rows("SELECT slot_id::text FROM seat_claim")] == [
        booking["slot_id"]
    ]


async def test_what_does_not_fit_is_refused(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    cases = {
        "after_deadline": await dispatch.slot(60),
        "profession": await dispatch.slot(6, effector={"rpps": NURSE}),
        "mode": await dispatch.slot(8, mode="HH"),
        "audience": await dispatch.slot(10, audience=["PRO"]),
    }
    for reason, slot in cases.items():
        assert await refusal(dispatch, booking, slot["id"]) == (409, "slot_not_suitable", reason)
    assert await refusal(dispatch, booking, booking["slot_id"]) == (409, "same_slot", None)
    assert await refusal(dispatch, booking, NOWHERE) == (404, "slot_not_found", None)
    assert await refusal(dispatch, {"id": NOWHERE}, cases["mode"]["id"]) == (404, "booking_not_found", None)
    assert (await dispatch.get(f"/bookings/{booking['id']}"))["slot_id"] == booking["slot_id"]


async def test_a_patient_may_go_past_the_deadline_where_the_policy_says_so(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking, late = await dispatch.booked(4), await dispatch.slot(60)
    policy_says(dispatch, monkeypatch, patient_late_hours=24)
    assert await refusal(dispatch, booking, late["id"], by="operator") == (409, "slot_not_suitable", "after_deadline")
    assert (await move(dispatch, booking, late, by="patient"))["slot_id"] == late["id"]


async def test_a_taken_slot_is_refused_with_what_is_free(dispatch: Dispatch) -> None:
    taken, booking = await dispatch.booked(6), await dispatch.booked(4)
    free = await dispatch.slot(8)
    body = {"slot_id": taken["slot_id"], "reason": "x"}
    answer = await dispatch.post(f"/bookings/{booking['id']}/move", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert [it["slot_id"] for it in answer.json()["alternatives"]] == [free["id"]]


async def test_a_hold_keeps_a_move_out_until_its_time_has_passed(dispatch: Dispatch) -> None:
    booking, other = await dispatch.booked(4), await dispatch.slot(6)
    await dispatch.held(await dispatch.call(), other)
    assert (await refusal(dispatch, booking, other["id"]))[:2] == (409, "slot_taken")
    dispatch.advance(minutes=5)
    await move(dispatch, booking, other)
    assert len(await dispatch.told("hold.expired")) == 1
    assert await dispatch.rows("SELECT state FROM hold") == [{"state": "expired"}]


async def test_a_visit_that_began_or_ended_is_not_moved(dispatch: Dispatch) -> None:
    booking, other = await dispatch.booked(1), await dispatch.slot(6)
    dispatch.advance(hours=1)
    assert (await refusal(dispatch, booking, other["id"]))[:2] == (409, "booking_started")
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", role="operator", status=200)
    assert (await refusal(dispatch, booking, other["id"]))[:2] == (409, "booking_not_active")


async def test_who_may_move(dispatch: Dispatch) -> None:
    booking, other = await dispatch.booked(4), await dispatch.slot(6)
    path, body = f"/bookings/{booking['id']}/move", {"slot_id": other["id"], "reason": "x"}
    stranger = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": "other"}
    assert await dispatch.refused(path, body, **stranger) == (403, "not_your_booking")
    assert await dispatch.refused(path, body, role="coordinator") == (403, "scope_missing")
    assert await dispatch.refused(path, body, territory=ELSEWHERE) == (404, "booking_not_found")
    moved = await dispatch.made(path, body, role="practitioner", rpps=DOCTOR, sub="me", status=200)
    assert moved["moves"][0]["by"] == "practitioner"


async def test_many_visits_move_to_one_slot(dispatch: Dispatch) -> None:
    """One gets it; the others stay where they were."""
    bookings = [await dispatch.booked(hours) for hours in range(1, 21)]
    wanted = await dispatch.slot(30)
    body = {"slot_id": wanted["id"], "reason": "x"}
    answers = await together(dispatch.post(f"/bookings/{it['id']}/move", body) for it in bookings)
    assert codes(answers) == {200: 1, "slot_taken": 19}
    assert len(await dispatch.rows("SELECT * FROM seat_claim")) == 20


@pytest.mark.parametrize("round_", range(5))
async def test_visits_that_swap_do_not_lock_each_other_up(dispatch: Dispatch, round_: int) -> None:
    one, two = await dispatch.booked(4), await dispatch.booked(6)
    answers = await together(
        [
            dispatch.post(f"/bookings/{one['id']}/move", {"slot_id": two["slot_id"], "reason": "x"}),
            dispatch.post(f"/bookings/{two['id']}/move", {"slot_id": one["slot_id"], "reason": "x"}),
        ]
    )
    assert codes(answers) == {"slot_taken": 2}


@pytest.mark.parametrize("round_", range(5))
async def test_a_visit_moved_to_two_slots_at_once_is_in_one(dispatch: Dispatch, round_: int) -> None:
    booking, slots = await dispatch.booked(4), [await dispatch.slot(hours) for hours in (6, 8, 10)]
    answers = await together(
        dispatch.post(f"/bookings/{booking['id']}/move", {"slot_id": it["id"], "reason": "x"}) for it in slots
    )
    found = Counter(answer.json().get("code", "moved") for answer in answers)
    assert found["moved"] >= 1
    assert set(found) <= {"moved", "booking_busy"}
    now = await dispatch.get(f"/bookings/{booking['id']}")
    assert [row["slot_id"] for row in await dispatch.rows("SELECT slot_id::text FROM seat_claim")] == [now["slot_id"]]
    assert len(now["moves"]) == found["moved"]


@pytest.mark.parametrize("round_", range(5))
async def test_a_visit_is_not_cancelled_and_moved(dispatch: Dispatch, round_: int) -> None:
    """Whoever comes second sees what the first did; no seat stays behind."""
    booking, other = await dispatch.booked(4), await dispatch.slot(6)
    moved, cancelled = await together(
        [
            dispatch.post(f"/bookings/{booking['id']}/move", {"slot_id": other["id"], "reason": "x"}),
            dispatch.post(f"/bookings/{booking['id']}/cancel", {"by": "patient", "reason": "x"}),
        ]
    )
    assert {moved.status_code, cancelled.status_code} <= {200, 409}
    assert 200 in {moved.status_code, cancelled.status_code}
    claims = await dispatch.rows("SELECT slot_id::text FROM seat_claim")
    assert claims == ([] if cancelled.status_code == 200 else [{"slot_id": other["id"]}])


async def test_holds_and_moves_share_the_slots(dispatch: Dispatch) -> None:
    bookings = [await dispatch.booked(1 + number / 2) for number in range(10)]
    free = [await dispatch.slot(20 + number / 2) for number in range(5)]
    calls = [await dispatch.made("/calls", a_call()) for _ in range(10)]
    moves = [
        dispatch.post(f"/bookings/{it['id']}/move", {"slot_id": free[n % 5]["id"], "reason": "x"})
        for n, it in enumerate(bookings)
    ]
    holds = [dispatch.post(f"/calls/{it['id']}/holds", {"slot_id": free[n % 5]["id"]}) for n, it in enumerate(calls)]
    answers = await together([*moves, *holds])
    assert sum(answer.status_code < 300 for answer in answers) == 5
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    double = "SELECT slot_id FROM booking WHERE state = 'confirmed' GROUP BY slot_id HAVING count(*) > 1"
    assert await dispatch.rows(double) == []
