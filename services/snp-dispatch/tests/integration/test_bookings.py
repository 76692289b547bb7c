"""Visits: cancelled, fulfilled, missed."""

from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, NOW, OTHER_DOCTOR, Dispatch, a_call

NOWHERE = "00000000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("by", "call_state"),
    [("patient", "cancelled"), ("caller", "cancelled"), ("practitioner", "waiting"), ("operator", "waiting")],
)
async def test_cancelling_frees_the_seat(dispatch: Dispatch, by: str, call_state: str) -> None:
    booking = await dispatch.booked()
    body = {"reason": "recovered", "by": by}
    cancelled = await dispatch.made(f"/bookings/{booking['id']}/cancel", body, status=200)
    assert (cancelled["state"], cancelled["ended_by"], cancelled["reason"]) == ("cancelled", by, "recovered")
    assert cancelled == await dispatch.get(f"/bookings/{booking['id']}")
    call = await dispatch.get(f"/calls/{booking['call_id']}")
    assert (call["state"], call["booking"]) == (call_state, None)
    assert (await dispatch.get(f"/slots/{booking['slot_id']}"))["state"] == "free"
    assert await dispatch.refused(f"/bookings/{booking['id']}/cancel", body) == (409, "booking_not_active")
    assert len(await dispatch.told("booking.cancelled")) == 1


async def test_a_call_that_lost_its_visit_gets_another(dispatch: Dispatch) -> None:
    booking = await dispatch.booked()
    body = {"reason": "ill", "by": "practitioner"}
    await dispatch.made(f"/bookings/{booking['id']}/cancel", body, role="practitioner", rpps=DOCTOR, status=200)
    slot = await dispatch.slot(6)
    hold = await dispatch.held({"id": booking["call_id"]}, slot)
    second = await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    found = await dispatch.get("/bookings", call_id=booking["call_id"])
    assert [(it["id"], it["state"]) for it in found["items"]] == [
        (booking["id"], "cancelled"),
        (second["id"], "confirmed"),
    ]


@pytest.mark.parametrize(
    ("action", "body", "minutes", "result"),
    [
        ("fulfil", None, -16, "too_early"),
        ("fulfil", None, -15, "fulfilled"),
        ("fulfil", {}, 60, "fulfilled"),
        ("no-show", {"absent": "patient"}, -1, "too_early"),
        ("no-show", {"absent": "patient"}, 0, "no_show"),
        ("no-show", {"absent": "practitioner"}, 10, "no_show"),
        ("cancel", {"reason": "x", "by": "patient"}, -1, "cancelled"),
        ("cancel", {"reason": "x", "by": "patient"}, 0, "booking_started"),
    ],
)
async def test_when_a_visit_may_end(
    dispatch: Dispatch, action: str, body: dict[str, str] | None, minutes: int, result: str
) -> None:
    booking = await dispatch.booked(1)
    dispatch.advance(minutes=60 + minutes)
    answer = await dispatch.post(f"/bookings/{booking['id']}/{action}", body, role="operator")
    told = answer.json()
    assert (told["state"] if answer.status_code == 200 else told["code"]) == result
    assert answer.status_code in (200, 409)


async def test_a_missed_visit_keeps_its_seat(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    dispatch.advance(hours=1)
    path = f"/bookings/{booking['id']}/no-show"
    missed = await dispatch.made(path, {"absent": "patient"}, role="practitioner", rpps=DOCTOR, status=200)
    assert (missed["absent"], missed["ended_by"]) == ("patient", "practitioner")
    assert (await dispatch.get(f"/slots/{booking['slot_id']}"))["state"] == "booked"
    assert (await dispatch.get(f"/calls/{booking['call_id']}"))["state"] == "booked"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("cancel", {"reason": "x"}),
        ("cancel", {"by": "patient"}),
        ("cancel", {"reason": "", "by": "patient"}),
        ("cancel", {"reason": "x", "by": "weather"}),
        ("no-show", {"absent": "nobody"}),
        ("no-show", {}),
        ("no-show", None),
    ],
)
async def test_bad_bodies(dispatch: Dispatch, path: str, body: dict[str, str] | None) -> None:
    booking = await dispatch.booked()
    assert await dispatch.refused(f"/bookings/{booking['id']}/{path}", body, role="operator") == (422, "invalid_input")


async def test_unknown_bookings(dispatch: Dispatch) -> None:
    cancel = {"reason": "x", "by": "patient"}
    for path, body in (("cancel", cancel), ("fulfil", None), ("no-show", {"absent": "patient"})):
        found = await dispatch.refused(f"/bookings/{NOWHERE}/{path}", body, role="operator")
        assert found == (404, "booking_not_found")
    assert (await (await dispatch.client("ed")).get(f"/v1/bookings/{NOWHERE}")).status_code == 404


async def test_a_practitioner_s_own_patients_only(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(0.1)
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR, "sub": "other"}
    path = f"/bookings/{booking['id']}"
    cancel = {"reason": "x", "by": "practitioner"}
    for action, body in (("cancel", cancel), ("fulfil", None), ("no-show", {"absent": "patient"})):
        assert await dispatch.refused(f"{path}/{action}", body, **other) == (403, "not_your_booking")
    http = await dispatch.client(**other)
    assert (await http.get(f"/v1{path}")).json()["code"] == "not_your_booking"
    assert (await http.get("/v1/bookings")).json()["items"] == []
    assert (await http.get("/v1/bookings", params={"rpps": DOCTOR})).status_code == 403
    own = await dispatch.client("practitioner", rpps=DOCTOR, sub="own")
    assert [it["id"] for it in (await own.get("/v1/bookings")).json()["items"]] == [booking["id"]]


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 3),
        ({"rpps": OTHER_DOCTOR}, 1),
        ({"state": "cancelled"}, 1),
        ({"state": "confirmed"}, 2),
        ({"from": (NOW + timedelta(hours=2)).isoformat()}, 2),
        ({"to": (NOW + timedelta(hours=2)).isoformat()}, 1),
    ],
)
async def test_lists(dispatch: Dispatch, params: dict[str, Any], count: int) -> None:
    first = await dispatch.booked(1)
    await dispatch.booked(2)
    await dispatch.slot(3, effector={"rpps": OTHER_DOCTOR})
    await dispatch.made("/calls", a_call(mode="book"))
    body = {"reason": "x", "by": "patient"}
    await dispatch.made(f"/bookings/{first['id']}/cancel", body, status=200)
    assert len((await dispatch.get("/bookings", **params))["items"]) == count


async def test_pages_of_bookings(dispatch: Dispatch) -> None:
    made = [(await dispatch.booked(hours))["id"] for hours in (1, 2, 3)]
    first = await dispatch.get("/bookings", limit=2)
    second = await dispatch.get("/bookings", limit=2, cursor=first["next"])
    assert [it["id"] for it in first["items"] + second["items"]] == made
