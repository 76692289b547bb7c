"""What practitioners decide of their slots: acts and limits, embargo, timed release, pause."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import DOCTOR, ELSEWHERE, NOW, OTHER_DOCTOR, Dispatch, a_call, a_slot

from snp_dispatch.usecases.materialise import materialise
from snp_dispatch.usecases.pause_offer import expire_pauses
from snp_dispatch.usecases.release_slots import release_slots

TO_PUBLIC = {"hours_before": 4, "audience": ["PUBLIC"]}
SAS = {"origin": "sas", "need": {"triage": None}}
"""A call of an origin that may use SNP and PUBLIC slots."""


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


async def proposed(dispatch: Dispatch, **changes: Any) -> list[str]:
    return [it["slot_id"] for it in (await dispatch.call(**changes))["proposals"]]


async def test_a_slot_says_what_it_is_for(dispatch: Dispatch) -> None:
    stated = {
        "acts": ["sutures", "ecg"],
        "min_age": 16,
        "max_age": 75,
        "own_patients_only": True,
        "accessibility": ["step_free", "parking"],
    }
    slot = await dispatch.slot(**stated)
    assert {name: slot[name] for name in stated} == {
        **stated,
        "acts": ["ecg", "sutures"],
        "accessibility": ["parking", "step_free"],
    }
    assert slot["time_zone"] == "Europe/Paris"
    (event,) = await dispatch.told("slot.published")
    assert '"acts":["ecg","sutures"]' in event["body"]


async def test_a_place_in_la_reunion_shows_its_own_zone(dispatch: Dispatch) -> None:
    assert (await dispatch.slot(place={"commune": "97411"}))["time_zone"] == "Indian/Reunion"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"acts": ["brain_surgery"]}, "code_unknown"),
        ({"accessibility": ["velvet"]}, "code_unknown"),
        ({"min_age": 18, "max_age": 3}, "ages_crossed"),
        ({"min_age": -1}, "invalid_input"),
        ({"embargo_until": at(4)}, "embargo_after_start"),
        ({"release": {"hours_before": 1, "audience": ["CPTS"]}}, "release_adds_nobody"),
        ({"release": {"hours_before": 1e9, "audience": ["PUBLIC"]}}, "invalid_input"),
        ({"release": {"hours_before": 4}}, "invalid_input"),
    ],
)
async def test_refused_offers(dispatch: Dispatch, change: dict[str, Any], code: str) -> None:
    assert await dispatch.refused("/slots", a_slot(**change), role="coordinator") == (422, code)


async def test_nobody_is_given_a_slot_during_its_embargo(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(6, embargo_until=at(1))
    assert slot["audience_now"] == []
    call = await dispatch.call()
    assert call["proposals"] == []
    assert await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]}) == (409, "slot_not_suitable")
    assert (await dispatch.call(mode="book"))["state"] == "waiting"
    dispatch.advance(hours=1)
    assert (await dispatch.get(f"/slots/{slot['id']}"))["audience_now"] == ["CPTS", "SNP"]
    await dispatch.held(call, slot)


async def test_cpts_only_until_four_hours_before_then_public(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(6, audience=["CPTS"], release=TO_PUBLIC)
    assert datetime.fromisoformat(slot["release_at"]) == NOW + timedelta(hours=2)
    assert slot["audience_now"] == ["CPTS"]
    sas = await dispatch.call(**SAS)
    assert sas["proposals"] == []
    assert await proposed(dispatch) == [slot["id"]]
    path, body = f"/calls/{sas['id']}/holds", {"slot_id": slot["id"]}
    assert await dispatch.refused(path, body) == (409, "slot_not_suitable")
    dispatch.advance(hours=2)
    assert sorted((await dispatch.get(f"/slots/{slot['id']}"))["audience_now"]) == ["CPTS", "PUBLIC"]
    assert await proposed(dispatch, **SAS) == [slot["id"]]
    await dispatch.made(path, body)


async def test_a_visit_says_whom_its_slot_was_open_to(dispatch: Dispatch) -> None:
    """The same by a hold and in one shot."""
    for hours in (6, 7):
        await dispatch.slot(hours, audience=["CPTS"], release=TO_PUBLIC)
    dispatch.advance(hours=3)
    call = await dispatch.call(**SAS)
    hold = await dispatch.held(call, {"id": call["proposals"][0]["slot_id"]})
    await dispatch.made(f"/holds/{hold['id']}/confirm", {"token": hold["token"]})
    await dispatch.made("/calls", a_call(**SAS, mode="book"))
    rows = await dispatch.rows("SELECT audience FROM booking")
    assert [sorted(row["audience"]) for row in rows] == [["CPTS", "PUBLIC"]] * 2


async def test_a_release_is_told_once_though_nobody_looks(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(6, audience=["CPTS"], release=TO_PUBLIC)
    gone = await dispatch.slot(7, effector={"rpps": OTHER_DOCTOR}, audience=["CPTS"], release=TO_PUBLIC)
    await dispatch.made(f"/slots/{gone['id']}/withdraw", {"reason": "x"}, role="coordinator", status=200)
    assert await dispatch.system(release_slots) == 0
    dispatch.advance(hours=3)
    assert await dispatch.system(release_slots) == 1
    assert await dispatch.system(release_slots) == 0
    (event,) = await dispatch.told("slot.released")
    assert slot["id"] in event["body"]
    assert '"audience":["CPTS","PUBLIC"]' in event["body"]
    assert event["territory"] == "pays-de-redon"


async def test_embargo_and_release_are_told_each(dispatch: Dispatch) -> None:
    await dispatch.slot(6, audience=["CPTS"], embargo_until=at(1), release=TO_PUBLIC)
    for hours, told in ((1, 1), (1, 1), (1, 0)):
        dispatch.advance(hours=hours)
        assert await dispatch.system(release_slots) == told


async def test_the_slots_of_an_availability_carry_its_terms(dispatch: Dispatch) -> None:
    body = {
        "effector": {"rpps": DOCTOR}, "place": {"commune": "35236"}, "audience": ["CPTS"], "weekdays": [3],
        "starts": "10:00", "ends": "10:30", "slot_minutes": 30, "every_minutes": 30, "valid_until": "2026-11-26",
        "capacity": 2, "acts": ["sutures"], "min_age": 6, "accessibility": ["parking"], "own_patients_only": False,
        "release": TO_PUBLIC, "embargo_hours_before": 20,
    }  # fmt: skip
    kept = await dispatch.made("/availabilities", body, role="coordinator")
    assert (kept["release_minutes"], kept["embargo_minutes"], kept["release_audience"]) == (240, 1200, ["PUBLIC"])
    await dispatch.system(lambda work: materialise(work, dispatch.rules))
    (slot,) = (await dispatch.get("/slots"))["items"]
    assert (slot["capacity"], slot["free_seats"], slot["acts"], slot["min_age"]) == (2, 2, ["sutures"], 6)
    assert slot["embargo_until"] == "2026-11-24T13:00:00Z"
    assert slot["release_at"] == "2026-11-25T05:00:00Z"
    assert slot["audience_now"] == []
    (event,) = await dispatch.told("slot.published")
    assert '"release_audience":["PUBLIC"]' in event["body"]
    dispatch.advance(hours=24)
    assert await dispatch.system(release_slots) == 1  # both moments have passed: one growth to tell


async def test_one_call_takes_the_whole_offer_away_and_one_brings_it_back(dispatch: Dispatch) -> None:
    slots = [await dispatch.slot(hours) for hours in (2, 4, 30)]
    other = await dispatch.slot(8, effector={"rpps": OTHER_DOCTOR})
    call = await dispatch.call()
    held = await dispatch.held(call, slots[0])
    mine = {"role": "practitioner", "rpps": DOCTOR}
    pause = await dispatch.made(f"/effectors/{DOCTOR}/pause", {"reason": "overloaded"}, **mine)
    assert (pause["effector"]["rpps"], pause["until"], pause["ended_at"]) == (DOCTOR, None, None)
    assert (await dispatch.get(f"/slots/{slots[1]['id']}"))["paused"]
    assert await proposed(dispatch) == [other["id"]]
    again = await dispatch.call()
    answer = await dispatch.post(f"/calls/{again['id']}/holds", {"slot_id": slots[1]["id"]})
    assert (answer.status_code, answer.json()["reason"]) == (409, "paused")
    # Who had it keeps it.
    await dispatch.made(f"/holds/{held['id']}/confirm", {"token": held["token"]})
    resumed = await dispatch.made(f"/effectors/{DOCTOR}/resume", status=200, **mine)
    assert resumed["ended_at"] is not None
    assert await dispatch.refused(f"/effectors/{DOCTOR}/resume", **mine) == (409, "not_paused")
    assert set(await proposed(dispatch)) == {slots[1]["id"], slots[2]["id"], other["id"]}
    assert len(await dispatch.told("pause.started", "pause.ended")) == 2


async def test_in_one_shot_a_paused_effector_is_passed_over(dispatch: Dispatch) -> None:
    await dispatch.slot(2)
    other = await dispatch.slot(8, effector={"rpps": OTHER_DOCTOR})
    await dispatch.made(f"/effectors/{DOCTOR}/pause", {"reason": "away"}, role="coordinator")
    assert (await dispatch.call(mode="book"))["booking"]["slot_id"] == other["id"]
    assert (await dispatch.call(mode="book"))["state"] == "waiting"


async def test_a_pause_ends_by_itself(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(6)
    path = f"/effectors/{DOCTOR}/pause"
    await dispatch.made(path, {"until": at(1), "reason": "away"}, role="coordinator")
    changed = await dispatch.made(path, {"until": at(2), "reason": "away longer"}, role="coordinator")
    assert (await dispatch.get("/pauses"))["items"] == [changed]
    assert await proposed(dispatch) == []
    dispatch.advance(hours=2)
    assert await proposed(dispatch) == [slot["id"]]
    assert (await dispatch.get("/pauses"))["items"] == []
    # Nobody has swept it yet: the next pause is another one, and the end of this one is told.
    third = await dispatch.made(path, {"until": at(3), "reason": "again"}, role="coordinator")
    assert third["id"] != changed["id"]
    assert len(await dispatch.told("pause.ended")) == 1
    dispatch.advance(hours=1)
    assert await dispatch.system(expire_pauses) == 1
    assert await dispatch.system(expire_pauses) == 0
    assert len(await dispatch.told("pause.ended")) == 2


async def test_a_pause_is_of_a_territory(dispatch: Dispatch) -> None:
    slot = await dispatch.slot(6)
    path, body = f"/effectors/{DOCTOR}/pause", {"reason": "away"}
    await dispatch.made(path, body, role="coordinator", territory=ELSEWHERE)
    assert await proposed(dispatch) == [slot["id"]]
    assert (await dispatch.get("/pauses"))["items"] == []


async def test_refused_pauses(dispatch: Dispatch) -> None:
    path, other = f"/effectors/{DOCTOR}/pause", {"role": "practitioner", "rpps": OTHER_DOCTOR}
    assert await dispatch.refused(path, {"reason": "x"}, **other) == (403, "not_your_agenda")
    assert await dispatch.refused(f"/effectors/{DOCTOR}/resume", **other) == (403, "not_your_agenda")
    past = {"reason": "x", "until": at(-1)}
    assert await dispatch.refused(path, past, role="coordinator") == (422, "pause_over")
    unknown = "/effectors/99000009999/pause"
    assert await dispatch.refused(unknown, {"reason": "x"}, role="coordinator") == (404, "effector_unknown")
    assert await dispatch.refused("/effectors/me/pause", {"reason": "x"}, role="coordinator") == (422, "invalid_input")
