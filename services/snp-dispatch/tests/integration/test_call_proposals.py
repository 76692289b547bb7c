"""Calls: which slots are proposed, in which order, and what would help where none fits."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import ALLAIRE, DOCTOR, NOW, OTHER_DOCTOR, RENNES, STRANGER, Dispatch, a_slot, later

from snp_dispatch.store import effectors


@pytest.mark.parametrize("mode", ["propose", "book"])
async def test_no_fit_waits_and_says_what_would_help(dispatch: Dispatch, mode: str) -> None:
    await dispatch.slot(4, place={"commune": RENNES})
    await dispatch.slot(5, mode="VR")
    await dispatch.slot(72)
    call = await dispatch.call(mode=mode)
    assert (call["state"], call["proposals"], call["booking"]) == ("waiting", [], None)
    assert {it["constraint"]: it["slots"] for it in call["relaxations"]} == {
        "max_distance_km": 1,
        "modes": 1,
        "deadline": 1,
    }
    assert len(await dispatch.told("call.unmatched")) == 1


async def test_what_not_before_keeps_away(dispatch: Dispatch) -> None:
    await dispatch.slot(2)
    call = await dispatch.call(constraints={"not_before": later(3)})
    assert {it["constraint"]: it["slots"] for it in call["relaxations"]}["not_before"] == 1


async def test_many_proposals_need_no_relaxations(dispatch: Dispatch) -> None:
    for hours in range(1, 13):
        await dispatch.slot(hours)
    call = await dispatch.call()
    assert len(call["proposals"]) == 10
    assert call["relaxations"] == []
    assert [it["cost"] for it in call["proposals"]] == sorted(it["cost"] for it in call["proposals"])


@pytest.mark.parametrize(
    ("origin", "audience", "offered"),
    [
        ("ed", ["CPTS"], True),
        ("ed", ["SNP"], False),
        ("ed", ["PRO"], False),
        ("ed", ["PUBLIC"], True),
        ("single_number", ["CPTS"], True),
        ("sas", ["SNP"], True),
        ("sas", ["CPTS"], False),
        ("professional", ["PRO"], True),
        ("professional", ["SNP"], False),
    ],
)
async def test_a_slot_is_offered_to_its_audience(
    dispatch: Dispatch, origin: str, audience: list[str], offered: bool
) -> None:
    await dispatch.slot(audience=audience)
    assert bool((await dispatch.call(origin=origin))["proposals"]) is offered


@pytest.mark.parametrize(
    ("change", "offered"),
    [
        ({"place": {"commune": ALLAIRE}}, True),
        ({"place": {"commune": RENNES}}, False),
        ({"effector": {"rpps": "99000000119"}}, False),
        ({"mode": "HH"}, False),
    ],
)
async def test_hard_constraints_hold_in_the_query(dispatch: Dispatch, change: dict[str, Any], offered: bool) -> None:
    await dispatch.slot(4, **change)
    assert bool((await dispatch.call())["proposals"]) is offered


@pytest.mark.parametrize(
    ("constraints", "hours"),
    [
        ({"deadline": later(4)}, [2, 4]),
        ({"deadline": later(3.9)}, [2]),
        ({"not_before": later(4)}, [4, 47]),
        ({"not_before": later(2.1), "deadline": later(40)}, [4]),
        ({"deadline": "2026-11-24T13:00:00+01:00"}, [2, 4]),
    ],
)
async def test_the_window_bounds_the_start(dispatch: Dispatch, constraints: dict[str, str], hours: list[float]) -> None:
    for each in (2, 4, 47, 49):
        await dispatch.slot(each)
    call = await dispatch.call(constraints=constraints)
    assert [it["starts_at"] for it in call["proposals"]] == [later(it).replace("+00:00", "Z") for it in hours]


async def test_the_policy_s_reach_holds_whatever_is_asked(dispatch: Dispatch) -> None:
    await dispatch.slot(place={"commune": "29019"})  # Brest
    assert (await dispatch.call(constraints={"max_distance_km": 900}))["proposals"] == []


async def test_a_video_visit_has_no_distance(dispatch: Dispatch) -> None:
    await dispatch.slot(mode="VR", place={"commune": "29019"})
    (proposal,) = (await dispatch.call(constraints={"modes": ["VR", "AMB"]}))["proposals"]
    assert (proposal["distance_km"], proposal["cost_parts"]["distance"]) == (None, 0)


async def test_a_patient_who_cannot_move_is_not_sent_to_a_practice(dispatch: Dispatch) -> None:
    await dispatch.slot(4)
    home = await dispatch.slot(5, mode="HH")
    stuck = await dispatch.call(patient={"mobility": "homebound"}, constraints={"modes": ["AMB"]})
    assert stuck["state"] == "waiting"
    assert {it["constraint"]: it["slots"] for it in stuck["relaxations"]}["modes"] == 1
    call = await dispatch.call(patient={"mobility": "homebound"}, constraints={"modes": ["AMB", "HH"]})
    assert [it["slot_id"] for it in call["proposals"]] == [home["id"]]


async def test_the_regular_doctor_comes_first(dispatch: Dispatch) -> None:
    for hours in range(1, 13):
        await dispatch.slot(hours)
    own = await dispatch.slot(40, effector={"rpps": OTHER_DOCTOR}, place={"commune": ALLAIRE})
    call = await dispatch.call(patient={"regular_doctor_rpps": OTHER_DOCTOR})
    assert call["proposals"][0]["slot_id"] == own["id"]
    assert "regular_doctor" in call["proposals"][0]["reasons"]
    assert call["regular_doctor"] == "offered"
    busy = await dispatch.call(patient={"regular_doctor_rpps": STRANGER})
    assert (busy["regular_doctor"], len(busy["proposals"])) == ("no_slot", 10)
    assert (await dispatch.call())["regular_doctor"] is None


async def test_one_who_stops_taking_part_is_not_offered(dispatch: Dispatch) -> None:
    await dispatch.slot()
    async with dispatch.runtime.db.work("pays-de-redon") as work:
        await effectors.apply_participation(work, rpps=DOCTOR, participates=False, version=2)
    assert (await dispatch.call())["proposals"] == []


async def test_a_near_slot_of_a_far_commune_list_is_found(dispatch: Dispatch) -> None:
    """The best ten of all, although each commune is asked for a few only."""
    communes = ["35236", "44185", "56232", "56223", "56194", "56001", "35294", "44128", "44007", "35013", "35237"]
    for number, commune in enumerate(communes):
        await dispatch.slot(1 + number, place={"commune": commune})
    for number in range(12):
        await dispatch.slot(13 + number / 2, place={"commune": communes[0]})
    call = await dispatch.call()
    everything = (await dispatch.get("/slots", limit=200))["items"]
    gazetteer, weights = dispatch.rules.gazetteer, dispatch.rules.policies["pays-de-redon"].on(NOW.date()).weights
    costs = sorted(
        weights.wait_per_hour * _hours(it["starts_at"])
        + weights.distance_per_km * (gazetteer.distance("35236", it["place"]["commune"]) or 0)
        for it in everything
    )
    assert [it["cost"] for it in call["proposals"]] == pytest.approx(costs[:10], abs=0.02)


def _hours(instant: str) -> float:
    return (datetime.fromisoformat(instant) - NOW) / timedelta(hours=1)


async def test_slots_that_have_begun_are_not_proposed(dispatch: Dispatch) -> None:
    await dispatch.made("/slots", a_slot(0.1), role="coordinator")
    dispatch.advance(minutes=7)
    assert (await dispatch.call())["proposals"] == []
