"""Closing a period: preview and result agree, every patient is moved or waits, nobody is told two things."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, HERE, NOW, OTHER_DOCTOR, Dispatch, a_call, a_slot
from ruling import policy_says

from snp_dispatch.domain.policy import NeedType
from snp_dispatch.usecases.materialise import materialise

DAY = {"starts_at": NOW.isoformat(), "ends_at": (NOW + timedelta(hours=12)).isoformat()}
PATH = f"/effectors/{DOCTOR}/closures"


async def booked_day(dispatch: Dispatch, visits: int, elsewhere: int) -> list[Any]:
    """Visits of one doctor in half hours, then free slots of another."""
    bookings = [await dispatch.booked(1 + n / 2) for n in range(visits)]
    for n in range(elsewhere):
        await dispatch.slot(20 + n / 2, effector={"rpps": OTHER_DOCTOR})
    return bookings


async def preview(dispatch: Dispatch) -> Any:
    return await dispatch.made(f"{PATH}/preview", DAY, role="coordinator", status=200)


async def test_a_closure_of_a_day_with_twelve_bookings(dispatch: Dispatch) -> None:
    bookings = await booked_day(dispatch, 12, 9)
    free = await dispatch.slot(9)
    held, call = await dispatch.slot(10), await dispatch.call()
    hold = await dispatch.held(call, held)
    shown = await preview(dispatch)
    assert (shown["free_slots"], shown["held_slots"]) == ([free["id"]], [held["id"]])
    assert {it["booking_id"] for it in shown["patients"]} == {it["id"] for it in bookings}
    targets = [it["to_slot_id"] for it in shown["patients"] if it["to_slot_id"]]
    assert len(targets) == len(set(targets)) == 9
    assert [it["reason"] for it in shown["patients"] if not it["to_slot_id"]] == ["no_slot"] * 3

    body = {**DAY, "reason": "ill", "preview_digest": shown["digest"]}
    done = await dispatch.made(PATH, body, role="coordinator")
    assert done["patients"] == shown["patients"]
    for it in done["patients"]:
        seen = await dispatch.get(f"/calls/{it['call_id']}")
        if it["to_slot_id"]:
            assert (seen["state"], seen["booking"]["slot_id"]) == ("booked", it["to_slot_id"])
            assert seen["booking"]["id"] == it["booking_id"]
        else:
            assert (seen["state"], seen["booking"]) == ("waiting", None)
    assert (await dispatch.get(f"/holds/{hold['id']}"))["state"] == "released"
    slots = (await dispatch.get("/slots", rpps=DOCTOR))["items"]
    assert {it["state"] for it in slots} == {"withdrawn"}
    assert len(await dispatch.told("booking.moved")) == 9
    assert len(await dispatch.told("booking.cancelled")) == 3
    assert len(await dispatch.told("effector.closed")) == 1
    assert len(await dispatch.rows("SELECT * FROM seat_claim")) == 9


async def test_a_patient_whose_deadline_is_past_waits_with_a_new_one(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visit that was moved beyond its deadline loses its slot: the longest delay of its need begins anew."""
    slower_elsewhere(dispatch, monkeypatch)
    late = await dispatch.booked(4, constraints={"deadline": (NOW + timedelta(hours=6)).isoformat()})
    in_time = await dispatch.booked(10)
    await put_off(dispatch, late, hours=9)
    before = (await dispatch.get(f"/calls/{in_time['call_id']}"))["deadline"]
    dispatch.advance(hours=7)
    done = await dispatch.made(PATH, {**DAY, "reason": "ill"}, role="coordinator")
    found = {it["booking_id"]: it["reason"] for it in done["patients"]}
    assert found == {late["id"]: "deadline_passed", in_time["id"]: "no_slot"}
    call = await dispatch.get(f"/calls/{late['call_id']}")
    assert (call["state"], call["deadline"]) == ("waiting", "2026-11-26T15:00:00Z")
    assert (await dispatch.get(f"/calls/{in_time['call_id']}"))["deadline"] == before
    waiting = (await dispatch.get("/waitlist", role="operator"))["items"]
    assert {it["call_id"] for it in waiting} == {late["call_id"], in_time["call_id"]}


def slower_elsewhere(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cardiology may take five days; general practice, 48 h."""
    policy = dispatch.rules.policy(HERE, NOW)
    assert policy is not None
    needs = tuple(
        it.model_copy(update={"longest_delay_hours": 120}) if it.specialty == "cardiology" else it
        for it in policy.needs
    )
    policy_says(dispatch, monkeypatch, needs=needs)


async def put_off(dispatch: Dispatch, booking: Any, *, hours: float) -> None:
    starts, ends = NOW + timedelta(hours=hours), NOW + timedelta(hours=hours + 0.5)
    slot, visit = booking["slot_id"], booking["id"]
    times = "SET starts_at = $2, ends_at = $3 WHERE id = $1 RETURNING 1"
    await dispatch.rows(f"UPDATE slot {times}", slot, starts, ends)
    await dispatch.rows(f"UPDATE booking {times}", visit, starts, ends)


async def test_a_changed_situation_is_shown_again(dispatch: Dispatch) -> None:
    await booked_day(dispatch, 2, 2)
    shown = await preview(dispatch)
    await dispatch.booked(8)
    body = {**DAY, "reason": "ill", "preview_digest": shown["digest"]}
    assert await dispatch.refused(PATH, body, role="coordinator") == (409, "preview_outdated")
    assert await dispatch.told("booking.moved", "slot.withdrawn") == []


async def test_the_preview_changes_nothing(dispatch: Dispatch) -> None:
    await booked_day(dispatch, 2, 1)
    before = await dispatch.told()
    await preview(dispatch)
    assert await dispatch.told() == before


async def test_no_slots_are_made_in_a_closed_period(dispatch: Dispatch) -> None:
    await dispatch.made(PATH, {**DAY, "reason": "holiday"}, role="coordinator")
    hours = {"weekdays": [2, 3], "starts": "10:00", "ends": "12:00", "slot_minutes": 30, "every_minutes": 30}
    body = {"effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"], **hours}
    await dispatch.made("/availabilities", body, role="coordinator")
    await dispatch.system(lambda work: materialise(work, dispatch.rules))
    made = (await dispatch.get("/slots", rpps=DOCTOR))["items"]
    assert made
    assert min(it["starts_at"] for it in made) >= DAY["ends_at"][:19]


async def test_two_closures_and_one_shots_at_once_leave_no_seat_twice_and_no_call_lost(dispatch: Dispatch) -> None:
    await booked_day(dispatch, 5, 4)
    other = {**DAY, "reason": "ill"}
    answers = await asyncio.gather(
        dispatch.post(PATH, other, role="coordinator"),
        dispatch.post(PATH, other, role="coordinator"),
        *(dispatch.post("/calls", a_call(mode="book")) for _ in range(4)),
    )
    assert {it.status_code for it in answers} <= {201, 409}
    assert 201 in {it.status_code for it in answers[:2]}
    rows = await dispatch.rows("SELECT slot_id, booking_id FROM seat_claim")
    assert len({it["slot_id"] for it in rows}) == len(rows)
    active = await dispatch.rows("SELECT id FROM booking WHERE state = 'confirmed'")
    assert {it["id"] for it in active} == {it["booking_id"] for it in rows}
    states = await dispatch.rows("SELECT state, count(*) AS n FROM call GROUP BY state")
    assert sum(it["n"] for it in states) == 9
    assert {it["state"] for it in states} <= {"booked", "waiting"}


async def test_closing_is_for_the_owner_of_the_agenda(dispatch: Dispatch) -> None:
    body = {**DAY, "reason": "ill"}
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR}
    assert await dispatch.refused(PATH, body, **other) == (403, "not_your_agenda")
    assert await dispatch.refused(f"{PATH}/preview", DAY, **other) == (403, "not_your_agenda")
    own = await dispatch.made(PATH, body, role="practitioner", rpps=DOCTOR)
    assert own["patients"] == []
    unknown = await dispatch.refused("/effectors/99000009999/closures", body, role="coordinator")
    assert unknown == (404, "effector_unknown")
    backwards = {"starts_at": DAY["ends_at"], "ends_at": DAY["starts_at"], "reason": "ill"}
    assert await dispatch.refused(PATH, backwards, role="coordinator") == (422, "ends_before_start")
    long = {**body, "ends_at": (NOW + timedelta(days=63)).isoformat()}
    assert await dispatch.refused(PATH, long, role="coordinator") == (422, "too_long")
    await dispatch.made("/slots", a_slot(3), role="coordinator")


async def test_a_closure_keeps_to_the_quotas_of_those_who_take_over(dispatch: Dispatch) -> None:
    """It is planned with them: the second patient waits, where the closure would else be refused for ever."""
    body = {"effector": {"rpps": OTHER_DOCTOR}, "period": "day", "max_slots": 1}
    await dispatch.made("/quotas", body, role="coordinator")
    await booked_day(dispatch, 2, 2)
    shown = await preview(dispatch)
    assert sorted(it["to_slot_id"] is not None for it in shown["patients"]) == [False, True]
    done = await dispatch.made(PATH, {**DAY, "reason": "ill", "preview_digest": shown["digest"]}, role="coordinator")
    assert done["patients"] == shown["patients"]


async def test_a_patient_moves_within_the_quota_of_the_same_practitioner(dispatch: Dispatch) -> None:
    """The seat that a patient leaves counts no more against the one that they get."""
    body = {"effector": {"rpps": DOCTOR}, "period": "day", "max_slots": 1}
    await dispatch.made("/quotas", body, role="coordinator")
    await dispatch.booked(1)
    later = await dispatch.slot(6)
    morning = {**DAY, "ends_at": (NOW + timedelta(hours=4)).isoformat(), "reason": "late"}
    done = await dispatch.made(PATH, morning, role="coordinator")
    assert [it["to_slot_id"] for it in done["patients"]] == [later["id"]]


async def test_a_new_deadline_is_the_one_promised_for_the_need(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A general practitioner's patient is not left waiting as long as a specialist's."""
    policy = dispatch.rules.policy(HERE, NOW)
    assert policy is not None
    slow = NeedType(profession="91", label="slow", longest_delay_hours=240)
    policy_says(dispatch, monkeypatch, patient_late_hours=48, needs=(*policy.needs, slow))
    booking, late = await dispatch.booked(4), await dispatch.slot(60)
    to = {"slot_id": late["id"], "reason": "travels", "by": "patient"}
    await dispatch.made(f"/bookings/{booking['id']}/move", to, status=200)
    dispatch.advance(hours=50)
    day = {"starts_at": (NOW + timedelta(hours=51)).isoformat(), "ends_at": (NOW + timedelta(hours=70)).isoformat()}
    await dispatch.made(PATH, {**day, "reason": "ill"}, role="coordinator")
    call = await dispatch.get(f"/calls/{booking['call_id']}")
    assert (call["state"], call["deadline"]) == ("waiting", "2026-11-28T10:00:00Z")
