"""Rosters: who may take which shift, the last seat, presence, counts by profession and as of a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from roster_stage import DOCTOR, NURSE, OTHER_DOCTOR, Rosters

from kit.clock import FixedClock

SCOPES = ("crisis:read", "crisis:write", "shifts:take", "directory:history")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def centre(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[tuple[Any, FixedClock]]:
    clock = FixedClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory, clock


@pytest.fixture
async def rosters(centre: tuple[Any, FixedClock], clock: FixedClock) -> AsyncIterator[Rosters]:
    """A roster of its own for each test, a week after that of the test before."""
    directory, _ = centre
    clock.advance(timedelta(days=7))
    async with directory.connect(*SCOPES, role="coordinator", sub="coordinator") as http:
        yield Rosters(directory, http, clock.now(), told=len(await directory.outbox()))


@pytest.fixture
def clock(centre: tuple[Any, FixedClock]) -> FixedClock:
    return centre[1]


async def test_a_shift_is_taken_left_and_taken_again(rosters: Rosters) -> None:
    shift = await rosters.shift()
    taken = await rosters.take(shift, DOCTOR)
    assert (taken.status_code, taken.json()["state"], taken.json()["profession"]) == (200, "signed", "10")
    assert (await rosters.take(shift, DOCTOR)).json()["version"] == 1
    assert (await rosters.leave(shift, DOCTOR)).json()["state"] == "withdrawn"
    assert (await rosters.take(shift, DOCTOR)).json() == taken.json() | {"version": 3}
    assert await rosters.told("shift.taken", "shift.left") == ["shift.taken", "shift.left", "shift.taken"]


async def test_each_refusal_has_its_code(rosters: Rosters, clock: FixedClock) -> None:
    full, elsewhere, nurses = (
        await rosters.shift(seats=1),
        await rosters.shift(),
        await rosters.shift(professions=["60"]),
    )
    cancelled = await rosters.shift()
    await rosters.http.post(f"/v1/shifts/{cancelled}/cancel", headers={"Idempotency-Key": "c"})
    await rosters.take(full, OTHER_DOCTOR)
    await rosters.take(elsewhere, DOCTOR)
    assert await rosters.refused(full, NURSE) == (409, "shift_full")
    assert await rosters.refused(nurses, DOCTOR) == (409, "profession_not_wanted")
    assert await rosters.refused(cancelled, NURSE) == (409, "shift_cancelled")
    assert await rosters.refused(await rosters.shift(), DOCTOR) == (409, "already_on_duty")
    assert await rosters.refused(elsewhere, "99000000999") == (404, "professional_unknown")
    clock.advance(timedelta(hours=12))
    assert await rosters.refused(elsewhere, NURSE) == (409, "shift_over")


async def test_the_last_seat_goes_to_one(rosters: Rosters) -> None:
    shift, people = await rosters.shift(seats=3), await rosters.people(20)
    answers = await asyncio.gather(*(rosters.take(shift, rpps) for rpps in people))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 17
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"shift_full"}
    assert [item["taken"] for item in await rosters.shifts()] == [3]


async def test_two_shifts_of_one_hour_do_not_both_take_a_person(rosters: Rosters) -> None:
    shifts = [await rosters.shift() for _ in range(6)]
    answers = await asyncio.gather(*(rosters.take(shift, DOCTOR) for shift in shifts))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert sum(item["taken"] for item in await rosters.shifts()) == 1


async def test_presence_is_noted_from_the_start_and_corrected(rosters: Rosters, clock: FixedClock) -> None:
    shift = await rosters.shift()
    await rosters.take(shift, DOCTOR)
    assert (await rosters.note(shift, DOCTOR, present=True)).json()["code"] == "shift_not_begun"
    assert (await rosters.note(shift, NURSE, present=True)).json()["code"] == "sign_up_unknown"
    clock.advance(timedelta(hours=2))
    assert (await rosters.leave(shift, DOCTOR)).json()["code"] == "shift_begun"
    for present in (True, True, False):
        answer = await rosters.note(shift, DOCTOR, present=present)
        assert answer.json()["state"] == ("present" if present else "absent")
    assert await rosters.told("shift.presence_noted") == ["shift.presence_noted"] * 2


async def test_participation_counts_people_not_shifts_and_as_of_a_day(rosters: Rosters, clock: FixedClock) -> None:
    early, late = await rosters.shift(), await rosters.shift(start=4)
    for shift in (early, late):
        await rosters.take(shift, DOCTOR)
    await rosters.take(early, NURSE)
    await rosters.take(late, OTHER_DOCTOR)
    await rosters.leave(late, OTHER_DOCTOR)
    first = clock.now().date()
    clock.advance(timedelta(days=1))
    await rosters.note(early, DOCTOR, present=True)
    await rosters.note(early, NURSE, present=False)
    before = [{"profession": "10", "signed": 1, "present": 0}, {"profession": "60", "signed": 1, "present": 0}]
    assert await rosters.participation() == [before[0] | {"present": 1}, before[1]]
    assert await rosters.participation(at=str(first)) == before
    assert await rosters.participation(at=str(first - timedelta(days=1))) == []


async def test_lists_are_paged_and_filtered(rosters: Rosters) -> None:
    ids = [await rosters.shift(start=hour, seats=1) for hour in (1, 3, 5, 7, 9)]
    await rosters.take(ids[0], DOCTOR)
    first = (await rosters.http.get(rosters.path("shifts"), params={"limit": 3})).json()
    second = (await rosters.http.get(rosters.path("shifts"), params={"limit": 3, "cursor": first["next"]})).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids
    assert second["next"] is None
    assert [item["id"] for item in await rosters.shifts(free=True)] == ids[1:]
    fifth_hour = (rosters.opens + timedelta(hours=5)).isoformat()
    assert [item["id"] for item in await rosters.shifts(**{"from": fifth_hour})] == ids[2:]
    assert [item["id"] for item in await rosters.shifts(to=fifth_hour)] == ids[:2]
    wanted = {"on": str(rosters.opens.date()), "kind": "vaccination"}
    found = (await rosters.http.get("/v1/rosters", params=wanted)).json()
    assert [item["id"] for item in found["items"]] == [rosters.roster]
    assert (await rosters.http.get("/v1/rosters", params=wanted | {"kind": "orsan"})).json()["items"] == []


async def test_a_practitioner_signs_up_themself_alone(rosters: Rosters) -> None:
    shift = await rosters.shift()
    async with rosters.directory.connect("shifts:take", role="practitioner", rpps=DOCTOR) as own:
        assert (await own.put(f"/v1/shifts/{shift}/sign-ups/{NURSE}")).json()["code"] == "not_own_entry"
        assert (await own.put(f"/v1/shifts/{shift}/sign-ups/{DOCTOR}")).json()["state"] == "signed"


async def test_another_territory_does_not_see_the_roster(rosters: Rosters) -> None:
    shift = await rosters.shift()
    async with rosters.directory.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as other:
        assert (await other.get(rosters.path())).status_code == 404
        assert (await other.put(f"/v1/shifts/{shift}/sign-ups/{DOCTOR}")).json()["code"] == "shift_unknown"
        assert (await other.get("/v1/rosters")).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"kind": "party"}, "kind", "code_unknown"),
        ({"commune": "99999"}, "commune", "commune_unknown"),
        ({"ends_on": "2020-10-01"}, "ends_on", "period_empty"),
    ],
)
async def test_bad_rosters_name_the_field(rosters: Rosters, change: dict[str, str], field: str, code: str) -> None:
    answer = await rosters.open(**change)
    assert (answer.status_code, answer.json()["errors"][0]["field"], answer.json()["code"]) == (422, field, code)


async def test_a_bad_shift_is_named_and_none_is_added(rosters: Rosters) -> None:
    await rosters.shift()
    good, bad = rosters.times(), rosters.times() | {"professions": ["10", "nobody"]}
    answer = await rosters.http.post(
        rosters.path("shifts"), json={"shifts": [good, bad]}, headers={"Idempotency-Key": "bad"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "shifts.1.professions")
    assert len(await rosters.shifts()) == 1
