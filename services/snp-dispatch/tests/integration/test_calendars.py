"""Agendas out as iCalendar, busy time in."""

from typing import Any

from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch
from icalendar import Calendar

from kit.testing.harness import connected
from snp_dispatch.usecases.materialise import materialise

MINE: dict[str, Any] = {"role": "practitioner", "rpps": DOCTOR}


async def read(dispatch: Dispatch, path: str) -> tuple[int, str]:
    """Without a token, as a calendar program does."""
    async with connected(dispatch.app, None) as http:
        answer = await http.get(path)
    return answer.status_code, answer.text


async def test_a_calendar_program_reads_the_agenda_without_a_patient(dispatch: Dispatch) -> None:
    contact = {"name": "Mathurine TREGASTOUX", "phone": "+33199000044"}
    booking = await dispatch.booked(4, patient={"contact": contact, "ref": "pseudonym-9"})
    await dispatch.slot(6)
    await dispatch.slot(8, effector={"rpps": OTHER_DOCTOR})
    feed = await dispatch.made(f"/effectors/{DOCTOR}/calendar-feeds", **MINE)
    status, text = await read(dispatch, feed["path"])
    assert status == 200
    events = Calendar.from_ical(text).walk("VEVENT")
    assert [(str(it["SUMMARY"]), str(it["LOCATION"]), str(it["TRANSP"])) for it in events] == [
        ("Booked (CPTS)", "Redon", "OPAQUE"),
        ("Open (CPTS)", "Redon", "TRANSPARENT"),
    ]
    assert events[0]["DTSTART"].dt.isoformat() == booking["starts_at"].replace("Z", "+00:00")
    assert not any(word in text for word in ("TREGASTOUX", "33199000044", "pseudonym", booking["call_id"]))


async def test_a_wrong_or_revoked_address_answers_nothing(dispatch: Dispatch) -> None:
    path = f"/effectors/{DOCTOR}/calendar-feeds"
    feed = await dispatch.made(path, **MINE)
    secret = feed["path"].split("~")[1]
    for wrong in (
        f"/v1/calendar-feeds/haute-saintonge~{secret}",
        f"/v1/calendar-feeds/pays-de-redon~{'A' * 43}.ics",
        feed["path"].removesuffix(".ics"),
    ):
        assert (await read(dispatch, wrong))[0] == 404
    http = await dispatch.client(**MINE)
    (listed,) = (await http.get(f"/v1{path}")).json()["items"]
    assert listed["id"] == feed["id"]
    assert secret not in str(listed)
    revoked = await dispatch.made(f"{path}/{feed['id']}/revoke", status=200, **MINE)
    assert revoked["revoked_at"] is not None
    assert (await read(dispatch, feed["path"]))[0] == 404


async def test_only_its_owner_makes_an_address(dispatch: Dispatch) -> None:
    other = {"role": "practitioner", "rpps": OTHER_DOCTOR}
    path = f"/effectors/{DOCTOR}/calendar-feeds"
    feed = await dispatch.made(path, **MINE)
    assert await dispatch.refused(path, **other) == (403, "not_your_agenda")
    assert await dispatch.refused(f"{path}/{feed['id']}/revoke", **other) == (403, "not_your_agenda")
    foreign = f"/effectors/{OTHER_DOCTOR}/calendar-feeds/{feed['id']}/revoke"
    assert await dispatch.refused(foreign, **other) == (404, "calendar_feed_not_found")
    unknown = "/effectors/99000009999/calendar-feeds"
    assert await dispatch.refused(unknown, role="coordinator") == (404, "effector_unknown")
    assert await dispatch.rows("SELECT 1 FROM calendar_feed WHERE digest = $1", feed["path"].encode()) == []


def busy(*times: str) -> dict[str, str]:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nSUMMARY:Private\r\nDTSTART:{at}\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
        for n, at in enumerate(times)
    )
    return {"calendar": f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n"}


async def test_busy_time_closes_free_slots_and_reports_the_others(dispatch: Dispatch) -> None:
    booked = (await dispatch.booked(1))["slot_id"]
    held, free, later = [await dispatch.slot(hours) for hours in (2, 3, 5)]
    other = await dispatch.slot(3, effector={"rpps": OTHER_DOCTOR})
    await dispatch.held(await dispatch.call(), held)
    times = busy("20261124T090000Z", "20261124T100000Z", "20261124T110000Z")
    done = await dispatch.made(f"/effectors/{DOCTOR}/busy-calendar", times, status=200, **MINE)
    assert done == {
        "periods": 3, "skipped": 0, "withdrawn": [free["id"]], "conflicts": sorted([booked, held["id"]]),
        "reopened": [],
    }  # fmt: skip
    states = {it["id"]: (it["state"], it["withdrawn_reason"]) for it in (await dispatch.get("/slots"))["items"]}
    assert states == {
        booked: ("booked", None),
        held["id"]: ("held", None),
        free["id"]: ("withdrawn", "busy_elsewhere"),
        later["id"]: ("free", None),
        other["id"]: ("free", None),
    }
    assert len(await dispatch.told("slot.withdrawn")) == 1


async def test_recurring_hours_make_no_slot_in_busy_time(dispatch: Dispatch) -> None:
    path = f"/effectors/{DOCTOR}/busy-calendar"
    await dispatch.made(path, busy("20261125T090000Z"), status=200, **MINE)
    hours = {
        "effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"], "weekdays": [3],
        "starts": "09:00", "ends": "12:00", "slot_minutes": 60, "every_minutes": 60, "valid_until": "2026-11-26",
    }  # fmt: skip
    await dispatch.made("/availabilities", hours, role="coordinator")
    await dispatch.system(lambda work: materialise(work, dispatch.rules))
    assert [it["starts_at"][11:13] for it in (await dispatch.get("/slots"))["items"]] == ["08", "10"]
    forgotten = await dispatch.made(path, busy(), status=200, **MINE)
    assert forgotten["periods"] == 0
    assert await dispatch.rows("SELECT 1 FROM busy_period") == []


async def test_refused_calendars(dispatch: Dispatch) -> None:
    path = f"/effectors/{DOCTOR}/busy-calendar"
    assert await dispatch.refused(path, {"calendar": "hello"}, **MINE) == (422, "calendar_refused")
    assert await dispatch.refused(path, busy(), role="practitioner", rpps=OTHER_DOCTOR) == (403, "not_your_agenda")
    unknown = "/effectors/99000009999/busy-calendar"
    assert await dispatch.refused(unknown, busy(), role="coordinator") == (404, "effector_unknown")
