"""Calls: redirected or refused by the policy, and the policy as it is read."""

from typing import Any

import pytest
from dispatch_stage import Dispatch, a_call


@pytest.mark.parametrize("mode", ["propose", "book"])
@pytest.mark.parametrize(
    ("origin", "to"), [("ed", "ed_stay"), ("single_number", "15"), ("sas", "15"), ("professional", "15")]
)
async def test_a_red_flag_redirects_and_books_nothing(dispatch: Dispatch, origin: str, to: str, mode: str) -> None:
    await dispatch.slot(audience=["PUBLIC"])
    call = await dispatch.call(origin=origin, mode=mode, need={"red_flags": ["chest_pain"]})
    assert (call["state"], call["redirect"]["to"]) == ("redirected", to)
    assert (call["proposals"], call["booking"], call["relaxations"]) == ([], None, [])
    assert (await dispatch.get("/bookings"))["items"] == []


@pytest.mark.parametrize(
    ("need", "failed"),
    [
        ({"senior_validation": False}, ["senior_validation"]),
        ({"patient_agrees": False}, ["patient_agreement"]),
        ({"triage": {"scale": "FRENCH", "level": "2"}}, ["triage_level"]),
        ({"triage": None}, ["triage_assessed"]),
    ],
)
async def test_a_policy_refusal_keeps_its_conditions(
    dispatch: Dispatch, need: dict[str, Any], failed: list[str]
) -> None:
    await dispatch.slot()
    call = await dispatch.call(mode="book", need=need)
    assert (call["state"], call["booking"], call["proposals"]) == ("refused", None, [])
    assert [it["code"] for it in call["screening"]["conditions"] if it["outcome"] == "failed"] == failed
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_the_policy_lists_every_code(dispatch: Dispatch) -> None:
    policy = await dispatch.get("/policies/current")
    assert {it["code"] for it in policy["origins"]} == {"ed", "single_number", "sas", "professional", "pathway"}
    assert "chest_pain" in {it["code"] for it in policy["red_flags"]}
    assert all(it["label"] for name in ("red_flags", "mobility", "modes", "audiences") for it in policy[name])
    assert ("10", "general-practice", 48) in {
        (it["profession"], it["specialty"], it["longest_delay_hours"]) for it in policy["needs"]
    }
    assert policy["validated_by"] is None


async def test_a_territory_without_a_policy_takes_no_calls(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(dispatch.rules.policies, "pays-de-redon")
    assert await dispatch.refused("/calls", a_call()) == (409, "no_policy")
    answer = await (await dispatch.client("ed")).get("/v1/policies/current")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_policy")
