"""How many slots a practitioner gives one organisation: at a hold, in one shot, for a waiting call, on a move."""

import asyncio
from collections import Counter
from typing import Any

from dispatch_stage import DOCTOR, OTHER_DOCTOR, Dispatch, a_call

CHIRC = {"organisation": "CHIRC"}
OTHER = {"organisation": "Clinique"}


async def quota(dispatch: Dispatch, number: int, period: str = "day", organisation: str | None = None) -> Any:
    body = {"effector": {"rpps": DOCTOR}, "period": period, "max_slots": number, "organisation": organisation}
    return await dispatch.made("/quotas", body, role="practitioner", rpps=DOCTOR)


async def call_of(dispatch: Dispatch, claims: dict[str, str], **changes: Any) -> Any:
    return await dispatch.made("/calls", a_call(**changes), **claims)


async def hold(dispatch: Dispatch, slot: Any, claims: dict[str, str]) -> Any:
    call = await call_of(dispatch, claims)
    answer = await dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}, **claims)
    return answer.json().get("code", answer.status_code)


async def test_a_hold_beyond_the_quota_is_refused(dispatch: Dispatch) -> None:
    await quota(dispatch, 2)
    slots = [await dispatch.slot(hours) for hours in (1, 2, 3, 26)]
    assert [await hold(dispatch, it, CHIRC) for it in slots] == [201, 201, "quota_reached", 201]  # 26 h: tomorrow
    assert await hold(dispatch, slots[2], OTHER) == 201
    assert len(await dispatch.told("hold.placed")) == 4


async def test_a_week_is_from_monday_to_sunday_there(dispatch: Dispatch) -> None:
    await quota(dispatch, 1, "week")
    assert await hold(dispatch, await dispatch.slot(1), CHIRC) == 201
    assert await hold(dispatch, await dispatch.slot(26), CHIRC) == "quota_reached"


async def test_an_organisation_s_own_quota_stands_before_the_one_for_all(dispatch: Dispatch) -> None:
    await quota(dispatch, 0)
    kept = await quota(dispatch, 1, organisation="CHIRC")
    slots = [await dispatch.slot(hours) for hours in (1, 2)]
    assert await hold(dispatch, slots[0], OTHER) == "quota_reached"
    assert [await hold(dispatch, it, CHIRC) for it in slots] == [201, "quota_reached"]
    assert (await quota(dispatch, 2, organisation="CHIRC"))["id"] == kept["id"]
    assert await hold(dispatch, slots[1], CHIRC) == 201


async def test_what_ended_counts_no_more(dispatch: Dispatch) -> None:
    await quota(dispatch, 1)
    first, second = [await dispatch.slot(hours) for hours in (1, 2)]
    call = await call_of(dispatch, CHIRC)
    await dispatch.made(f"/calls/{call['id']}/holds", {"slot_id": first["id"]}, **CHIRC)
    # The same call may change its mind.
    await dispatch.made(f"/calls/{call['id']}/holds", {"slot_id": second["id"]}, **CHIRC)
    assert await hold(dispatch, first, CHIRC) == "quota_reached"
    dispatch.advance(minutes=5)
    assert await hold(dispatch, first, CHIRC) == 201


async def test_in_one_shot_slots_beyond_the_quota_are_passed_over(dispatch: Dispatch) -> None:
    await quota(dispatch, 1)
    for hours in (1, 2):
        await dispatch.slot(hours)
    other = await dispatch.slot(3, effector={"rpps": OTHER_DOCTOR})
    one, two, three = [await call_of(dispatch, CHIRC, mode="book") for _ in range(3)]
    assert one["booking"]["practitioner_rpps"] == DOCTOR
    assert two["booking"]["slot_id"] == other["id"]
    assert three["state"] == "waiting"
    assert (await call_of(dispatch, OTHER, mode="book"))["state"] == "booked"


async def test_a_race_of_one_organisation_for_many_slots_keeps_to_the_quota(dispatch: Dispatch) -> None:
    """Holds and one-shot calls at once, on different slots: only the lock of the quota can see both."""
    await quota(dispatch, 3)
    slots = [await dispatch.slot(hours) for hours in range(1, 11)]
    calls = await asyncio.gather(*(call_of(dispatch, CHIRC) for _ in slots))
    answers = await asyncio.gather(
        *(
            dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}, **CHIRC)
            for call, slot in zip(calls, slots, strict=True)
        ),
        *(dispatch.post("/calls", a_call(mode="book"), **CHIRC) for _ in range(10)),
    )
    codes = Counter(it.json().get("code") or it.json().get("state") for it in answers)
    assert sum(codes.values()) == 20
    assert codes["active"] + codes["booked"] == 3
    assert set(codes) <= {"active", "booked", "waiting", "quota_reached", "slot_taken"}
    assert len(await dispatch.rows("SELECT * FROM seat_claim")) == 3


async def test_setting_listing_and_removing(dispatch: Dispatch) -> None:
    made = await quota(dispatch, 3, organisation="CHIRC")
    assert (await dispatch.get("/quotas", rpps=DOCTOR))["items"] == [made]
    assert (await dispatch.get("/quotas", rpps=OTHER_DOCTOR))["items"] == []
    path, other = f"/quotas/{made['id']}/remove", {"role": "practitioner", "rpps": OTHER_DOCTOR}
    assert await dispatch.refused(path, **other) == (403, "not_your_agenda")
    assert await dispatch.made(path, role="coordinator", status=200) == made
    assert await dispatch.refused(path, role="coordinator") == (404, "quota_not_found")
    body = {"effector": {"rpps": DOCTOR}, "period": "day", "max_slots": 1}
    assert await dispatch.refused("/quotas", body, **other) == (403, "not_your_agenda")
    unknown = {**body, "effector": {"rpps": "99000009999"}}
    assert await dispatch.refused("/quotas", unknown, role="coordinator") == (404, "effector_unknown")
