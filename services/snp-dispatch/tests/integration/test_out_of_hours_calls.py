"""A call whose wait crosses a night or a holiday is told where to turn; slots after it stay proposed."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import ELSEWHERE, HERE, NOW, Dispatch, a_call

from snp_dispatch.domain.out_of_hours import OutOfHoursRules

TONIGHT, TOMORROW = "2026-11-24T19:00:00Z", "2026-11-25T07:00:00Z"  # 20 h and 8 h in Redon


def kinds(told: dict[str, Any]) -> list[str]:
    return [it["kind"] for it in told["where"]]


async def test_a_visit_of_today_needs_no_advice(dispatch: Dispatch) -> None:
    await dispatch.slot(4)
    await dispatch.slot(26)
    assert (await dispatch.call())["out_of_hours"] is None


@pytest.mark.parametrize("mode", ["propose", "book"])
async def test_a_visit_of_tomorrow_comes_with_where_to_turn_tonight(dispatch: Dispatch, mode: str) -> None:
    slot = await dispatch.slot(25)
    call = await dispatch.call(origin="single_number", mode=mode)
    told = call["out_of_hours"]
    assert (told["now"], told["starts_at"], told["until"]) == (False, TONIGHT, TOMORROW)
    assert told["version"] == dispatch.rules.out_of_hours[HERE].version
    assert [(it["kind"], it["call"], it["opens_at"], it["closes_at"]) for it in told["where"]] == [
        ("duty_doctor", "15", TONIGHT, "2026-11-24T23:00:00Z"),
        ("regulation", "15", TONIGHT, TOMORROW),
    ]
    assert told["first_slot_after"] == slot["starts_at"]
    assert [it["slot_id"] for it in call["proposals"]] == [slot["id"]]
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_an_emergency_department_first_keeps_its_patient(dispatch: Dispatch) -> None:
    await dispatch.slot(25)
    told = (await dispatch.call())["out_of_hours"]
    assert kinds(told) == ["ed_stay", "duty_doctor", "regulation"]
    assert told["where"][0]["call"] is None


async def test_no_slot_at_all(dispatch: Dispatch) -> None:
    call = await dispatch.call(origin="sas")
    assert (call["state"], kinds(call["out_of_hours"])) == ("waiting", ["duty_doctor", "regulation"])
    assert call["out_of_hours"]["first_slot_after"] is None
    today = (NOW + timedelta(hours=8)).isoformat()
    assert (await dispatch.call(constraints={"deadline": today}))["out_of_hours"] is None


async def test_in_the_middle_of_a_sunday(dispatch: Dispatch) -> None:
    dispatch.advance(days=5)
    await dispatch.slot(24 * 6 + 1)
    told = (await dispatch.call(origin="single_number"))["out_of_hours"]
    assert told["now"] is True
    assert kinds(told) == ["mmg", "regulation"]
    assert told["where"][0]["place"]


@pytest.mark.parametrize("need", [{"red_flags": ["chest_pain"]}, {"patient_agrees": False}])
async def test_who_gets_no_slot_is_told_by_the_decision_itself(dispatch: Dispatch, need: dict[str, Any]) -> None:
    assert (await dispatch.call(need=need))["out_of_hours"] is None


async def test_a_territory_that_named_nobody_says_the_15(dispatch: Dispatch) -> None:
    body = a_call(origin="single_number", patient={"commune": "17197"})
    call = await dispatch.made("/calls", body, territory=ELSEWHERE)
    assert kinds(call["out_of_hours"]) == ["regulation"]


async def test_the_hours_are_those_of_the_patient_s_commune(
    dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La Réunion, where it is already noon at NOW."""
    monkeypatch.setitem(dispatch.rules.out_of_hours, HERE, OutOfHoursRules())
    call = await dispatch.call(origin="single_number", patient={"commune": "97411"})
    told = call["out_of_hours"]
    assert datetime.fromisoformat(told["starts_at"]) == datetime.fromisoformat("2026-11-24T20:00:00+04:00")
    assert told["version"] == "national"
