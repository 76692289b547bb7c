"""Calls: what may be sent, and how a mistake names its field."""

import json
from typing import Any

import pytest
from dispatch_stage import Dispatch, a_call, later


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


async def test_a_number_that_is_none(dispatch: Dispatch) -> None:
    http = await dispatch.client("ed")
    body = json.dumps(a_call(constraints={"max_distance_km": float("nan")}))
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert (await http.post("/v1/calls", content=body, headers=headers)).status_code == 422
