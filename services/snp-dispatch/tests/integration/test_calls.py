"""Calls: what the contract promises, decision by decision."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from dispatch_stage import ALLAIRE, DOCTOR, NOW, OTHER_DOCTOR, RENNES, STRANGER, Dispatch, a_call, a_slot

from snp_dispatch.store import effectors
from snp_dispatch.usecases.sweep import expire_calls

CONTRACT = {
    "id", "state", "received_at", "deadline", "screening", "proposals", "relaxations", "booking", "redirect",
}  # fmt: skip
PROPOSAL = {
    "slot_id", "practitioner", "place", "distance_km", "starts_at", "ends_at", "cost", "cost_parts", "reasons",
}  # fmt: skip


def later(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


async def test_the_answer_of_the_contract(dispatch: Dispatch) -> None:
    slot = await dispatch.slot()
    call = await dispatch.call()
    assert set(call) >= CONTRACT
    assert (call["state"], call["booking"], call["redirect"]) == ("open", None, None)
    assert (call["received_at"], call["deadline"]) == ("2026-11-24T08:00:00Z", "2026-11-26T08:00:00Z")
    assert call["screening"]["outcome"] == "accepted"
    assert call["screening"]["policy_version"] == dispatch.rules.policies["pays-de-redon"].on(NOW.date()).version
    assert {it["code"]: it["outcome"] for it in call["screening"]["conditions"]} == {
        "no_red_flag": "passed",
        "triage_assessed": "passed",
        "triage_level": "passed",
        "vital_signs_assessed": "not_required",
        "vital_signs": "not_required",
        "senior_validation": "passed",
        "patient_agreement": "passed",
        "minimum_data": "not_required",
    }
    (proposal,) = call["proposals"]
    assert set(proposal) >= PROPOSAL
    assert proposal["slot_id"] == slot["id"]
    assert proposal["practitioner"] == {"rpps": DOCTOR, "finess": None, "name": "Nolwenn VALZEMERIC"}
    assert proposal["place"] == {"commune": "35236", "name": "Redon"}
    assert proposal["cost"] == sum(proposal["cost_parts"].values())
    assert await dispatch.get(f"/calls/{call['id']}") == call


async def test_one_shot_books_the_best_slot(dispatch: Dispatch) -> None:
    await dispatch.slot(6)
    best = await dispatch.slot(4)
    call = await dispatch.call(mode="book")
    booking = call["booking"]
    assert call["state"] == "booked"
    assert set(booking) >= {
        "id", "call_id", "slot_id", "practitioner_rpps", "starts_at", "ends_at", "place", "state",
    }  # fmt: skip
    assert (booking["slot_id"], booking["call_id"]) == (best["id"], call["id"])
    assert (booking["practitioner_rpps"], booking["state"]) == (DOCTOR, "confirmed")
    assert await dispatch.get(f"/bookings/{booking['id']}") == booking
    assert await dispatch.get(f"/calls/{call['id']}") == call
    assert (await dispatch.get(f"/slots/{best['id']}"))["state"] == "booked"


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


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"origin": "fax"}, "invalid_input", "origin"),
        ({"mode": "maybe"}, "invalid_input", "mode"),
        ({"need": {"red_flags": ["bad_mood"]}}, "code_unknown", "need.red_flags"),
        ({"need": {"red_flags": None}}, "invalid_input", "need.red_flags"),
        ({"need": {"specialty": "alchemy"}}, "code_unknown", "need.specialty"),
        ({"need": {"profession": "1"}}, "code_unknown", "need.profession"),
        ({"need": {"triage": {"scale": "XTS", "level": "1"}}}, "code_unknown", "need.triage.scale"),
        ({"need": {"triage": {"scale": "FRENCH", "level": "9"}}}, "code_unknown", "need.triage.level"),
        ({"need": {"urgency": "high"}}, "invalid_input", "need.urgency"),
        ({"patient": {"age": -1}}, "invalid_input", "patient.age"),
        ({"patient": {"age": 131}}, "invalid_input", "patient.age"),
        ({"patient": {"commune": "99999"}}, "commune_unknown", "patient.commune"),
        ({"patient": {"commune": "Redon"}}, "invalid_input", "patient.commune"),
        ({"patient": {"mobility": "flies"}}, "code_unknown", "patient.mobility"),
        ({"patient": {"regular_doctor_rpps": "12"}}, "invalid_input", "patient.regular_doctor_rpps"),
        ({"patient": {"contact": {"phone": "0299"}}}, "invalid_input", "patient.contact.phone"),
        ({"caller": {"professional_rpps": "x"}}, "invalid_input", "caller.professional_rpps"),
        ({"constraints": {"modes": ["FAX"]}}, "invalid_input", "constraints.modes.0"),
        ({"constraints": {"modes": []}}, "invalid_input", "constraints.modes"),
        ({"constraints": {"max_distance_km": -1}}, "invalid_input", "constraints.max_distance_km"),
        ({"constraints": {"deadline": later(-1)}}, "deadline_past", "constraints.deadline"),
        ({"constraints": {"deadline": later(48.1)}}, "deadline_too_late", "constraints.deadline"),
        ({"constraints": {"deadline": "2026-11-25T10:00:00"}}, "invalid_input", "constraints.deadline"),
        (
            {"constraints": {"not_before": later(5), "deadline": later(4)}},
            "not_before_after_deadline",
            "constraints.not_before",
        ),
    ],
)
async def test_bad_input_names_its_field(dispatch: Dispatch, change: dict[str, Any], code: str, field: str) -> None:
    await dispatch.slot()
    answer = await dispatch.post("/calls", a_call(**change))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert await dispatch.told("call.received") == []


@pytest.mark.parametrize(
    ("constraints", "status"),
    [
        ({"not_before": "0001-01-01T00:00:00+14:00"}, 201),
        ({"not_before": "9999-12-31T23:59:59-14:00"}, 422),
        ({"deadline": "0001-01-01T00:00:00+14:00"}, 422),
        ({"deadline": "9999-12-31T23:59:59-14:00"}, 422),
        ({"max_distance_km": 0}, 201),
        ({"max_distance_km": 1e-300}, 201),
    ],
)
async def test_the_ends_of_what_may_be_asked(dispatch: Dispatch, constraints: dict[str, Any], status: int) -> None:
    assert (await dispatch.post("/calls", a_call(constraints=constraints))).status_code == status


async def test_red_flags_must_be_assessed(dispatch: Dispatch) -> None:
    body = a_call()
    del body["need"]["red_flags"]
    answer = await dispatch.post("/calls", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["need.red_flags"]


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'"call"', b"\xff"])
async def test_malformed_bodies(dispatch: Dispatch, body: bytes) -> None:
    http = await dispatch.client("ed")
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    # 400 where the bytes are no text at all.
    assert (await http.post("/v1/calls", content=body, headers=headers)).status_code in (400, 422)


async def test_a_character_that_cannot_be_stored(dispatch: Dispatch) -> None:
    assert (await dispatch.refused("/calls", a_call(need={"reason": "a\u0000b"})))[0] == 422


async def test_the_least_that_suffices(dispatch: Dispatch) -> None:
    await dispatch.slot()
    body = {
        "origin": "professional",
        "caller": {},
        "patient": {"age": 30, "commune": "35236"},
        "need": {"profession": "10", "red_flags": [], "patient_agrees": True},
    }
    call = await dispatch.made("/calls", body, role="practitioner", rpps=STRANGER)
    assert (call["state"], len(call["proposals"])) == ("open", 1)


async def test_a_territory_works_by_its_own_policy_and_slots(dispatch: Dispatch) -> None:
    await dispatch.slot()
    there = await dispatch.made("/calls", a_call(), territory="haute-saintonge")
    assert there["proposals"] == []
    here = await dispatch.call()
    answer = await (await dispatch.client("ed", territory="haute-saintonge")).get(f"/v1/calls/{here['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "call_not_found")


async def test_cancelling_a_call(dispatch: Dispatch) -> None:
    slot, call = await dispatch.slot(), await dispatch.call()
    await dispatch.held(call, slot)
    path, body = f"/calls/{call['id']}/cancel", {"reason": "patient_left"}
    cancelled = await dispatch.made(path, body, status=200)
    assert (cancelled["state"], cancelled["hold"]) == ("cancelled", None)
    assert (await dispatch.get(f"/slots/{slot['id']}"))["state"] == "free"
    assert len(await dispatch.told("hold.released", "call.cancelled")) == 2
    assert await dispatch.refused(path, body) == (409, "call_not_open")


async def test_a_booked_call_is_cancelled_by_its_booking(dispatch: Dispatch) -> None:
    booking = await dispatch.booked()
    assert await dispatch.refused(f"/calls/{booking['call_id']}/cancel", {"reason": "x"}) == (409, "call_not_open")


async def test_a_call_expires_at_its_deadline(dispatch: Dispatch) -> None:
    call = await dispatch.call()
    dispatch.advance(hours=47)
    await dispatch.system(expire_calls)
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "waiting"
    dispatch.advance(hours=1)
    # By its time, before anybody has swept it.
    assert (await dispatch.get(f"/calls/{call['id']}"))["state"] == "expired"
    assert [it["id"] for it in (await dispatch.get("/calls", state="expired"))["items"]] == [call["id"]]
    for _ in range(2):
        await dispatch.system(expire_calls)
    (told,) = await dispatch.told("call.expired")
    assert told["territory"] == "pays-de-redon"
    assert await dispatch.refused(f"/calls/{call['id']}/cancel", {"reason": "late"}) == (409, "call_not_open")


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 3),
        ({"origin": "sas"}, 1),
        ({"state": "waiting"}, 2),
        ({"state": "redirected"}, 1),
        ({"from": later(1)}, 1),
        ({"to": later(1)}, 2),
        ({"limit": 2}, 2),
    ],
)
async def test_lists(dispatch: Dispatch, params: dict[str, Any], count: int) -> None:
    await dispatch.call()
    await dispatch.call(need={"red_flags": ["chest_pain"]})
    dispatch.advance(hours=1)
    latest = await dispatch.call(origin="sas")
    found = await dispatch.get("/calls", **params)
    assert len(found["items"]) == count
    if not params:
        assert found["items"][0]["id"] == latest["id"]


async def test_pages_of_calls(dispatch: Dispatch) -> None:
    made = [(await dispatch.call())["id"] for _ in range(5)]
    first = await dispatch.get("/calls", limit=3)
    second = await dispatch.get("/calls", limit=3, cursor=first["next"])
    assert {it["id"] for it in first["items"] + second["items"]} == set(made)
    assert second["next"] is None


async def test_the_policy_lists_every_code(dispatch: Dispatch) -> None:
    policy = await dispatch.get("/policies/current")
    assert {it["code"] for it in policy["origins"]} == {"ed", "single_number", "sas", "professional"}
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


async def test_a_number_that_is_none(dispatch: Dispatch) -> None:
    http = await dispatch.client("ed")
    body = json.dumps(a_call(constraints={"max_distance_km": float("nan")}))
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert (await http.post("/v1/calls", content=body, headers=headers)).status_code == 422


async def test_slots_that_have_begun_are_not_proposed(dispatch: Dispatch) -> None:
    await dispatch.made("/slots", a_slot(0.1), role="coordinator")
    dispatch.advance(minutes=7)
    assert (await dispatch.call())["proposals"] == []
