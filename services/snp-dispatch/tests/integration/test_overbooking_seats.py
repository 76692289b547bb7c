"""What becomes of a slot's seats when it has an extra patient."""

import pytest
from balance import assert_balanced
from dispatch_stage import DOCTOR, NOW, OTHER_DOCTOR, Dispatch
from overbooking import alone, cancel, overbooked, slot_now

from kit.testing.harness import connected
from snp_dispatch.usecases.sweep import expire_holds


async def test_an_extra_patient_who_leaves_frees_no_seat(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    assert (await cancel(dispatch, extra))["overbooked"] is True
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    assert (await dispatch.call())["proposals"] == []
    # The place of the extra patient may be given anew.
    assert (await overbooked(dispatch, booking["slot_id"]))["overbooked"] is True


async def test_the_seat_of_an_ordinary_visit_is_offered_and_the_extra_patient_stays(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    await cancel(dispatch, booking)
    assert await slot_now(dispatch, booking["slot_id"]) == ("free", 1, 1)
    assert (await dispatch.get(f"/bookings/{extra['id']}"))["overbooked"] is True
    assert (await dispatch.call(mode="book"))["booking"]["slot_id"] == booking["slot_id"]
    await cancel(dispatch, extra)
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    await assert_balanced(dispatch)


async def test_a_slot_that_is_held_is_full_too(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    await dispatch.held(await dispatch.call(), slot)
    extra = await overbooked(dispatch, slot["id"])
    dispatch.advance(minutes=5)
    await dispatch.system(expire_holds)
    assert await slot_now(dispatch, slot["id"]) == ("free", 1, 1)
    assert (await dispatch.get(f"/bookings/{extra['id']}"))["state"] == "confirmed"


async def test_an_extra_patient_who_is_moved_is_an_ordinary_one(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    extra = await overbooked(dispatch, booking["slot_id"])
    other = await dispatch.slot(6)
    to = {"slot_id": other["id"], "reason": "a_seat_was_found"}
    moved = await dispatch.made(f"/bookings/{extra['id']}/move", to, status=200)
    assert (moved["overbooked"], moved["slot_id"]) == (False, other["id"])
    assert await slot_now(dispatch, booking["slot_id"]) == ("booked", 0, 0)
    assert await slot_now(dispatch, other["id"]) == ("booked", 0, 0)
    await cancel(dispatch, moved)
    assert await slot_now(dispatch, other["id"]) == ("free", 1, 0)


@pytest.mark.usefixtures("two")
async def test_a_slot_of_several_seats(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(capacity=2)
    seats = [(await dispatch.call(mode="book"))["booking"] for _ in range(2)]
    extra = [await overbooked(dispatch, slot["id"]) for _ in range(2)]
    assert await slot_now(dispatch, slot["id"]) == ("booked", 0, 2)
    await cancel(dispatch, extra[0])
    await cancel(dispatch, seats[0])
    assert await slot_now(dispatch, slot["id"]) == ("free", 1, 1)
    await assert_balanced(dispatch)


async def test_a_slot_with_an_extra_patient_is_not_withdrawn(dispatch: Dispatch) -> None:
    extra = await alone(dispatch)
    withdraw = f"/slots/{extra['slot_id']}/withdraw"
    assert await dispatch.refused(withdraw, {"reason": "away"}, role="coordinator") == (409, "slot_booked")
    busy = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261124T080000Z\nDURATION:PT9H\nEND:VEVENT\nEND:VCALENDAR"
    await dispatch.made(f"/effectors/{DOCTOR}/busy-calendar", {"calendar": busy}, role="coordinator", status=200)
    assert (await slot_now(dispatch, extra["slot_id"]))[0] == "free"
    await cancel(dispatch, extra)
    await dispatch.made(withdraw, {"reason": "away"}, role="coordinator", status=200)


async def test_a_closure_takes_care_of_the_extra_patient(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(1)
    extra = await overbooked(dispatch, booking["slot_id"])
    elsewhere = await dispatch.slot(20, effector={"rpps": OTHER_DOCTOR})
    path = f"/effectors/{DOCTOR}/closures"
    day = {"starts_at": NOW.isoformat(), "ends_at": NOW.replace(hour=20).isoformat()}
    shown = await dispatch.made(f"{path}/preview", day, role="coordinator", status=200)
    assert {it["booking_id"] for it in shown["patients"]} == {booking["id"], extra["id"]}
    asked = {**day, "reason": "ill", "preview_digest": shown["digest"]}
    done = await dispatch.made(path, asked, role="coordinator")
    assert done["patients"] == shown["patients"]
    found = {it["booking_id"]: it["to_slot_id"] for it in done["patients"]}
    assert set(found.values()) == {elsewhere["id"], None}
    for it in done["patients"]:
        seen = await dispatch.get(f"/bookings/{it['booking_id']}")
        assert seen["state"] == ("confirmed" if it["to_slot_id"] else "cancelled")
        assert not (seen["overbooked"] and it["to_slot_id"])
    await assert_balanced(dispatch)


async def test_the_agenda_shows_more_patients_than_seats(dispatch: Dispatch) -> None:
    booking = await dispatch.booked(4)
    feed = await dispatch.made(f"/effectors/{DOCTOR}/calendar-feeds", role="coordinator")
    async with connected(dispatch.app, None) as http:
        assert "Booked (CPTS)" in (await http.get(feed["path"])).text
        await overbooked(dispatch, booking["slot_id"])
        assert "Booked 2/1 (CPTS)" in (await http.get(feed["path"])).text
