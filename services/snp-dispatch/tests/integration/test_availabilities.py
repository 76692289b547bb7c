"""Weekly hours and the slots made from them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, NOW, OTHER_DOCTOR, STRANGER, Dispatch

from kit.work import Work
from snp_dispatch.store import effectors
from snp_dispatch.usecases.materialise import materialise


def hours(**changes: Any) -> dict[str, Any]:
    """Every weekday, eight to noon, half an hour of each hour."""
    return {
        "effector": {"rpps": DOCTOR},
        "place": {"commune": "35236"},
        "mode": "AMB",
        "audience": ["SNP", "CPTS"],
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": "08:00",
        "ends": "12:00",
        "slot_minutes": 30,
        "every_minutes": 60,
        "valid_from": "2026-11-24",
        "valid_until": None,
        **changes,
    }


@pytest.fixture
def make_slots(dispatch: Dispatch) -> Callable[[], Awaitable[int]]:
    """The worker's job, until nothing is left to do; answers how many availabilities it worked on."""

    async def run(work: Work) -> int:
        return await materialise(work, dispatch.rules)

    async def until_done() -> int:
        done = 0
        while worked := await dispatch.system(run):
            done += worked
        return done

    return until_done


MakeSlots = Callable[[], Awaitable[int]]


async def kept(dispatch: Dispatch, **changes: Any) -> Any:
    return await dispatch.made("/availabilities", hours(**changes), role="coordinator")


async def starts(dispatch: Dispatch, **params: Any) -> list[datetime]:
    found = await dispatch.get("/slots", limit=200, **params)
    return [datetime.fromisoformat(it["starts_at"]) for it in found["items"]]


async def test_the_answer(dispatch: Dispatch) -> None:
    availability = await kept(dispatch)
    assert availability["effector"]["rpps"] == DOCTOR
    assert (availability["starts"], availability["ends"]) == ("08:00", "12:00")
    assert (availability["materialised_until"], availability["ended_at"]) == (None, None)
    assert await dispatch.get(f"/availabilities/{availability['id']}") == availability
    assert (await dispatch.get("/availabilities", rpps=DOCTOR))["items"] == [availability]
    assert (await dispatch.get("/availabilities", rpps=OTHER_DOCTOR))["items"] == []


async def test_fourteen_days_of_slots(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    availability = await kept(dispatch)
    assert await make_slots() == 1
    found = await starts(dispatch)
    # Today's from ten on (it is nine in France), then fourteen whole days.
    assert len(found) == 2 + 14 * 4
    assert found[0] == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert len(await dispatch.told("slot.published")) == len(found)
    after = await dispatch.get(f"/availabilities/{availability['id']}")
    assert after["materialised_until"] == "2026-12-08"


async def test_a_second_run_makes_nothing_twice(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    await kept(dispatch)
    await make_slots()
    first = (await dispatch.get("/slots", limit=200))["items"]
    path, body = f"/slots/{first[0]['id']}/withdraw", {"reason": "away"}
    await dispatch.made(path, body, role="coordinator", status=200)
    assert await make_slots() == 0
    # Not even when it has forgotten how far it came: what was withdrawn stays withdrawn.
    await dispatch.rows("UPDATE availability SET materialised_until = NULL RETURNING id")
    assert await make_slots() == 1
    assert len((await dispatch.get("/slots", limit=200))["items"]) == len(first)
    assert len(await dispatch.told("slot.published")) == len(first)


async def test_a_day_later_there_is_a_day_more(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    await kept(dispatch)
    await make_slots()
    before = len(await starts(dispatch))
    dispatch.advance(days=1)
    assert await make_slots() == 1
    assert len(await starts(dispatch)) == before + 4


async def test_the_day_more_begins_at_midnight_on_the_territory(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    availability = await kept(dispatch)
    dispatch.advance(hours=15, minutes=30)  # 23:30 UTC: the 24th in London, the 25th in Redon
    assert await make_slots() == 1
    made = await dispatch.get(f"/availabilities/{availability['id']}")
    assert made["materialised_until"] == "2026-12-09"
    assert await make_slots() == 0


async def test_nights_cross_midnight(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    await kept(dispatch, weekdays=[2], starts="20:00", ends="08:00")
    await make_slots()
    found = await starts(dispatch)
    assert len(found) == 3 * 12  # three Tuesdays
    assert found[0] == datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
    assert found[11] == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


async def test_the_night_that_is_under_way(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    dispatch.advance(hours=-6)
    await kept(dispatch, weekdays=[1], starts="20:00", ends="08:00", valid_from="2026-11-01")
    await make_slots()
    # Three in the morning of Tuesday: Monday's night still has hours to come.
    assert (await starts(dispatch))[0] == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


async def test_the_hour_stays_through_a_clock_change(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    dispatch.clock.advance(datetime(2027, 3, 26, 5, 0, tzinfo=UTC) - NOW)
    await kept(dispatch, starts="08:00", ends="08:30", slot_minutes=30, every_minutes=30, valid_from=None)
    await make_slots()
    assert [(it.day, it.hour) for it in (await starts(dispatch))[:4]] == [(26, 7), (27, 7), (28, 6), (29, 6)]


async def test_a_slot_in_the_way_wins(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    own = await dispatch.slot(2.75)  # eleven forty-five to a quarter past twelve
    elsewhere = await dispatch.slot(25, effector={"rpps": OTHER_DOCTOR})
    await kept(dispatch, starts="11:30", ends="12:30", slot_minutes=60, valid_from="2026-11-24")
    await make_slots()
    found = (await dispatch.get("/slots", rpps=DOCTOR, limit=200))["items"]
    assert own["id"] in {it["id"] for it in found}
    assert len(found) == 15
    assert len(await dispatch.told("slot.published")) == 16
    assert elsewhere["id"] not in {it["id"] for it in found}


async def test_nobody_s_slots_are_made_who_does_not_take_part(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    await kept(dispatch)
    async with dispatch.runtime.db.work("pays-de-redon") as work:
        await effectors.apply_participation(work, rpps=DOCTOR, participates=False, version=2)
    assert await make_slots() == 0
    async with dispatch.runtime.db.work("pays-de-redon") as work:
        await effectors.apply_participation(work, rpps=DOCTOR, participates=True, version=3)
    assert await make_slots() == 1


async def test_ending_withdraws_what_is_free(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    availability = await kept(dispatch, weekdays=[2, 3])
    await make_slots()
    booked = (await dispatch.call(mode="book"))["booking"]["slot_id"]
    call = await dispatch.call()
    hold = await dispatch.held(call, {"id": call["proposals"][0]["slot_id"]})
    before = len(await starts(dispatch))
    path = f"/availabilities/{availability['id']}/end"
    ended = await dispatch.made(path, {"reason": "retired"}, role="practitioner", rpps=DOCTOR, status=200)
    assert ended["ended_at"] is not None
    states = {it["id"]: it["state"] for it in (await dispatch.get("/slots", limit=200))["items"]}
    assert states.pop(booked) == "booked"
    assert states.pop(hold["slot_id"]) == "held"
    assert set(states.values()) == {"withdrawn"}
    assert len(await dispatch.told("slot.withdrawn")) == before - 2
    dispatch.advance(days=7)
    assert await make_slots() == 0
    assert await dispatch.refused(path, {"reason": "again"}, role="coordinator") == (409, "availability_ended")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"effector": {"rpps": "99000009999"}}, 404, "effector_unknown"),
        ({"effector": {"rpps": STRANGER}}, 409, "not_participating"),
        ({"effector": {}}, 422, "effector_unclear"),
        ({"place": {"commune": "99999"}}, 422, "commune_unknown"),
        ({"weekdays": []}, 422, "invalid_input"),
        ({"weekdays": [8]}, 422, "invalid_input"),
        ({"weekdays": [0]}, 422, "invalid_input"),
        ({"starts": "8h"}, 422, "invalid_input"),
        ({"ends": "24:00"}, 422, "invalid_input"),
        ({"slot_minutes": 4}, 422, "invalid_input"),
        ({"slot_minutes": 30, "every_minutes": 20}, 422, "slots_overlap"),
        ({"valid_until": "2026-11-23"}, 422, "ends_before_start"),
        ({"valid_from": "2026-01-01", "valid_until": "2026-11-23"}, 422, "availability_over"),
        ({"audience": ["ALL"]}, 422, "invalid_input"),
        ({"rrule": "FREQ=DAILY"}, 422, "recurrence_unclear"),
        ({"weekdays": None}, 422, "recurrence_unclear"),
        ({"weekdays": None, "rrule": "FREQ=HOURLY"}, 422, "rrule_refused"),
        ({"weekdays": None, "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, 422, "rrule_refused"),
        ({"extra_dates": ["1999-01-01"]}, 422, "invalid_input"),
        ({"valid_from": "0001-01-01"}, 422, "invalid_input"),
    ],
)
async def test_refused_hours(dispatch: Dispatch, change: dict[str, Any], status: int, code: str) -> None:
    assert await dispatch.refused("/availabilities", hours(**change), role="coordinator") == (status, code)


async def test_a_practitioner_s_own_hours(dispatch: Dispatch) -> None:
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR}
    assert await dispatch.refused("/availabilities", hours(), **other) == (403, "not_your_agenda")
    availability = await dispatch.made("/availabilities", hours(), role="practitioner", rpps=DOCTOR)
    path = f"/availabilities/{availability['id']}/end"
    assert await dispatch.refused(path, {"reason": "x"}, **other) == (403, "not_your_agenda")


async def test_unknown_hours(dispatch: Dispatch) -> None:
    nowhere = "00000000-0000-7000-8000-000000000000"
    path = f"/availabilities/{nowhere}/end"
    assert await dispatch.refused(path, {"reason": "x"}, role="coordinator") == (404, "availability_not_found")
    assert (await (await dispatch.client("ed")).get(f"/v1/availabilities/{nowhere}")).status_code == 404


async def test_pages_of_hours(dispatch: Dispatch) -> None:
    made = []
    for number in range(3):
        made.append((await kept(dispatch, starts=f"1{number}:00", ends=f"1{number}:30"))["id"])
        dispatch.advance(seconds=1)
    first = await dispatch.get("/availabilities", limit=2)
    second = await dispatch.get("/availabilities", limit=2, cursor=first["next"])
    assert [it["id"] for it in first["items"] + second["items"]] == made
    assert second["next"] is None


async def test_two_workers_share_the_work(dispatch: Dispatch) -> None:
    """Many availabilities, two runs at once: every slot once."""
    for number in range(8):
        await kept(dispatch, starts=f"{10 + number}:00", ends=f"{10 + number}:30", slot_minutes=30, every_minutes=30)

    async def run(work: Work) -> int:
        return await materialise(work, dispatch.rules)

    done = 0
    while worked := sum(await asyncio.gather(dispatch.system(run), dispatch.system(run))):
        done += worked
    assert done == 8
    found = await starts(dispatch)
    assert len(found) == len(set(found))
    assert timedelta(0) < found[-1] - NOW < timedelta(days=15)


async def test_slots_by_rule_with_exceptions(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    stated = {
        "weekdays": None,
        "rrule": "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
        "valid_from": "2026-11-18",
        "except_dates": ["2026-12-02"],
        "extra_dates": ["2026-12-04"],
    }
    availability = await kept(dispatch, **stated)
    assert (availability["rrule"], availability["weekdays"]) == ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", [])
    assert availability["public_holidays"] == "keep"
    await make_slots()
    assert {it.date().isoformat() for it in await starts(dispatch)} == {"2026-12-04"}


async def test_a_public_holiday_of_the_place_is_skipped(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    dispatch.advance(days=30)  # 24 December
    await kept(dispatch, public_holidays="skip", valid_until="2026-12-26", valid_from=None)
    strasbourg = {"effector": {"rpps": OTHER_DOCTOR}, "place": {"commune": "67482"}}
    await kept(dispatch, public_holidays="skip", valid_until="2026-12-26", valid_from=None, **strasbourg)
    await make_slots()
    assert {it.day for it in await starts(dispatch, rpps=DOCTOR)} == {24, 26}
    assert {it.day for it in await starts(dispatch, rpps=OTHER_DOCTOR)} == {24}


async def test_a_practitioner_with_places_in_two_time_zones(dispatch: Dispatch, make_slots: MakeSlots) -> None:
    """Eight in Saint-Denis is five in Redon: hours that look apart overlap in real time, and never become two slots."""
    there = await kept(dispatch, place={"commune": "97411"}, starts="12:00", ends="13:00", valid_until="2026-11-26")
    assert there["time_zone"] == "Indian/Reunion"
    await make_slots()
    assert await starts(dispatch) == [datetime(2026, 11, day, 8, 0, tzinfo=UTC) for day in (25, 26)]
    # Nine in Redon is noon in Saint-Denis.
    await kept(dispatch, starts="08:00", ends="10:00", valid_until="2026-11-25", valid_from="2026-11-25")
    await make_slots()
    found = (await dispatch.get("/slots"))["items"]
    at = {(it["starts_at"], it["time_zone"]) for it in found if it["starts_at"].startswith("2026-11-25")}
    assert at == {("2026-11-25T07:00:00Z", "Europe/Paris"), ("2026-11-25T08:00:00Z", "Indian/Reunion")}
    clash = {
        "effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"],
        "starts_at": "2026-11-26T09:15:00+01:00", "ends_at": "2026-11-26T09:45:00+01:00",
    }  # fmt: skip
    assert await dispatch.refused("/slots", clash, role="coordinator") == (409, "slot_overlap")


async def test_the_date_of_the_place_decides_what_has_passed(dispatch: Dispatch) -> None:
    dispatch.advance(hours=13)  # 21:00 UTC: the 24th in Redon, the 25th in Saint-Denis
    over = {"valid_from": "2026-11-01", "valid_until": "2026-11-24"}
    await kept(dispatch, **over)
    refused = hours(**over, place={"commune": "97411"})
    assert await dispatch.refused("/availabilities", refused, role="coordinator") == (422, "availability_over")
