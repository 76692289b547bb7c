"""Reminders of visits: once each, never of a visit that is not there any more, and durable."""

import json
from typing import Any

from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch, a_call, fire
from racing import together

from snp_dispatch.usecases.remind import set_reminders


async def reminded(dispatch: Dispatch) -> list[tuple[str, int, int]]:
    """What was told so far, after the jobs have run: the visit, minutes before it, the version."""
    while await dispatch.system(lambda work: set_reminders(work, dispatch.rules)):
        pass
    while await fire(dispatch):
        pass
    bodies = [json.loads(row["body"]) for row in await dispatch.told("booking.reminder_due")]
    return [(it["data"]["booking_id"], it["data"]["minutes_before"], it["aggregateversion"]) for it in bodies]


async def visit(dispatch: Dispatch, hours: float = 30) -> Any:
    await dispatch.slot(hours)
    return (await dispatch.made("/calls", a_call(mode="book")))["booking"]


async def test_a_day_and_two_hours_before(dispatch: Dispatch) -> None:
    booking = await visit(dispatch)
    assert await reminded(dispatch) == []
    dispatch.advance(hours=6)
    assert await reminded(dispatch) == [(booking["id"], 1440, 2)]
    dispatch.advance(hours=22)
    assert await reminded(dispatch) == [(booking["id"], 1440, 2), (booking["id"], 120, 3)]
    dispatch.advance(hours=1)
    assert len(await reminded(dispatch)) == 2
    assert "patient_ref" in (await dispatch.told("booking.reminder_due"))[0]["body"]


async def test_what_was_due_before_the_booking_is_not_told(dispatch: Dispatch) -> None:
    booking = await visit(dispatch, 4)
    dispatch.advance(hours=3)
    assert await reminded(dispatch) == []
    second = await visit(dispatch, 12)
    assert await reminded(dispatch) == []
    dispatch.advance(hours=7)
    assert await reminded(dispatch) == [(second["id"], 120, 2)]
    assert booking["id"] != second["id"]


async def test_no_reminder_of_a_cancelled_visit(dispatch: Dispatch) -> None:
    booking = await visit(dispatch)
    assert await reminded(dispatch) == []
    await dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}, status=200)
    dispatch.advance(hours=28)
    assert await reminded(dispatch) == []


async def test_a_moved_visit_is_reminded_of_its_new_time(dispatch: Dispatch) -> None:
    booking = await visit(dispatch)
    assert await reminded(dispatch) == []
    other = await dispatch.slot(40, effector={"rpps": OTHER_DOCTOR})
    await dispatch.made(f"/bookings/{booking['id']}/move", {"slot_id": other["id"], "reason": "x"}, status=200)
    dispatch.advance(hours=6)
    assert await reminded(dispatch) == []
    dispatch.advance(hours=10)
    assert await reminded(dispatch) == [(booking["id"], 1440, 3)]
    dispatch.advance(hours=22)
    assert [minutes for _, minutes, _ in await reminded(dispatch)] == [1440, 120]


async def test_after_an_outage_the_latest_reminder_only(dispatch: Dispatch) -> None:
    booking = await visit(dispatch)
    assert await reminded(dispatch) == []
    dispatch.advance(hours=28)
    assert await reminded(dispatch) == [(booking["id"], 120, 2)]


async def test_workers_side_by_side_tell_it_once(dispatch: Dispatch) -> None:
    bookings = [await visit(dispatch, 25 + number / 2) for number in range(10)]
    await together(dispatch.system(lambda work: set_reminders(work, dispatch.rules)) for _ in range(3))
    await reminded(dispatch)
    dispatch.advance(hours=6)
    await together(fire(dispatch) for _ in range(3))
    found = await reminded(dispatch)
    assert sorted(it for it, _, _ in found) == sorted(it["id"] for it in bookings)


async def test_an_outcome_stops_them_and_versions_go_on(dispatch: Dispatch) -> None:
    booking = await visit(dispatch, 3)
    assert await reminded(dispatch) == []
    dispatch.advance(hours=1)
    assert await reminded(dispatch) == [(booking["id"], 120, 2)]
    dispatch.advance(hours=2)
    who = {"role": "practitioner", "rpps": DOCTOR, "sub": "me"}
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", None, status=200, **who)
    (event,) = await dispatch.told("booking.fulfilled")
    assert json.loads(event["body"])["aggregateversion"] == 3
