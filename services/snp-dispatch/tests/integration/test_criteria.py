"""What a caller may ask of who serves, and the patient's own doctor: over HTTP, by the territory's own policy."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from dispatch_stage import DOCTOR, HERE, NOW, OTHER_DOCTOR, STRANGER, Dispatch, a_call, a_slot

from snp_dispatch.domain.policy import Criteria


async def known(owner: asyncpg.Connection, number: str, **columns: Any) -> None:
    """What the directory would have told of an effector."""
    for name, value in columns.items():
        await owner.execute(f"UPDATE effector SET {name} = $2 WHERE id = $1", number, value)


async def offered(dispatch: Dispatch, owner: asyncpg.Connection, hours: float = 4, **columns: Any) -> Any:
    """A slot of the doctor, with columns that agendas fill."""
    slot = await dispatch.slot(hours)
    for name, value in columns.items():
        await owner.execute(f"UPDATE slot SET {name} = $2 WHERE id = $1", slot["id"], value)
    return slot


def with_criteria(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, **criteria: Any) -> None:
    """The territory's policy, with other criteria."""
    policy = dispatch.rules.policy(HERE, NOW)
    assert policy is not None
    changed = policy.model_copy(update={"criteria": Criteria(**criteria)})
    monkeypatch.setattr(type(dispatch.rules), "policy", lambda *_: changed)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"need": {"act": "alchemy"}}, "need.act"),
        ({"constraints": {"languages": ["fr", "xx"]}}, "constraints.languages"),
        ({"constraints": {"accessibility": ["lift_to_the_moon"]}}, "constraints.accessibility"),
        ({"constraints": {"tariff_sectors": ["9"]}}, "constraints.tariff_sectors"),
        ({"constraints": {"practitioner_gender": "other"}}, "constraints.practitioner_gender"),
    ],
)
async def test_an_unknown_code_is_named(dispatch: Dispatch, change: dict[str, Any], field: str) -> None:
    answer = await dispatch.post("/calls", a_call(**change))
    assert answer.status_code == 422
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [(field, "code_unknown")]


async def test_an_act_only_where_it_is_offered(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    slot = await offered(dispatch, owner, acts=["ecg"])
    assert (await dispatch.call(need={"act": "ecg"}))["proposals"][0]["slot_id"] == slot["id"]
    call = await dispatch.call(need={"act": "sutures"})
    assert call["proposals"] == []
    assert [it["slots"] for it in call["relaxations"] if it["constraint"] == "act"] == [1]
    hold = await dispatch.refused(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]})
    assert hold == (409, "slot_not_suitable")


async def test_children_and_own_patients(dispatch: Dispatch, owner: asyncpg.Connection) -> None:
    slot = await offered(dispatch, owner, max_age=15)
    assert (await dispatch.call())["proposals"] == []
    assert len((await dispatch.call(patient={"age": 15}))["proposals"]) == 1
    await owner.execute("UPDATE slot SET max_age = NULL, own_patients_only = true WHERE id = $1", slot["id"])
    assert (await dispatch.call())["proposals"] == []
    own = await dispatch.call(patient={"regular_doctor_rpps": DOCTOR})
    assert own["proposals"][0]["reasons"][0] == "regular_doctor"


@pytest.mark.parametrize(
    "case",
    [
        ("language", {"languages": ["br", "ar"]}, "languages", ["fr", "br"], ["fr"]),
        ("accessibility", {"accessibility": ["step_free"]}, "accessibility", ["step_free"], ["parking"]),
        ("tariff_sector", {"tariff_sectors": ["1"]}, "tariff_sector", "1", "2"),
        ("gender", {"practitioner_gender": "female"}, "gender", "female", "male"),
    ],
)
async def test_a_territory_makes_a_wish_hard_or_a_matter_of_cost(
    dispatch: Dispatch,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, dict[str, Any], str, Any, Any],
) -> None:
    criterion, asked, column, met, unmet = case
    slot = await dispatch.slot()
    name = next(iter(asked))
    with_criteria(dispatch, monkeypatch, **{criterion: "hard"})
    call = await dispatch.call(constraints=asked)
    assert call["proposals"] == [], "not known is not met"
    assert [it["slots"] for it in call["relaxations"] if it["constraint"] == name] == [1]
    held = await dispatch.post(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]})
    assert (held.status_code, held.json()["reason"]) == (409, criterion)
    await known(owner, DOCTOR, **{column: met})
    assert criterion in (await dispatch.call(constraints=asked))["proposals"][0]["reasons"]
    await known(owner, DOCTOR, **{column: unmet})
    assert (await dispatch.call(constraints=asked))["proposals"] == []
    with_criteria(dispatch, monkeypatch, **{criterion: 8.0})
    for value, points in ((unmet, 8), (met, 0)):
        await known(owner, DOCTOR, **{column: value})
        (shown,) = (await dispatch.call(constraints=asked))["proposals"]
        assert shown["cost_parts"][criterion] == points
    call = await dispatch.call(constraints=asked)
    assert not [it for it in call["relaxations"] if it["constraint"] == name]


async def tried(dispatch: Dispatch, doctor: str, **changes: Any) -> tuple[str, list[str], str | None]:
    call = await dispatch.call(patient={"regular_doctor_rpps": doctor}, **changes)
    told = call["regular_doctor_tried"]
    assert (await dispatch.get(f"/calls/{call['id']}"))["regular_doctor_tried"] == told
    assert told["rpps"] == doctor
    assert (told["looked_at"][:19], told["until"]) == (NOW.isoformat()[:19], call["deadline"])
    return told["outcome"], told["because"], call["regular_doctor"]


async def test_the_regular_doctor_was_tried_and_the_answer_proves_it(dispatch: Dispatch) -> None:
    assert await tried(dispatch, "99000009999") == ("unknown", [], "no_slot")
    assert await tried(dispatch, STRANGER) == ("not_participating", [], "no_slot")
    assert await tried(dispatch, DOCTOR) == ("no_slot", [], "no_slot")
    await dispatch.slot(4, mode="HH")
    await dispatch.slot(6, place={"commune": "35238"})
    assert await tried(dispatch, DOCTOR) == ("not_fitting", ["mode", "too_far"], "no_slot")
    slot = await dispatch.slot(47)
    assert await tried(dispatch, DOCTOR) == ("offered", [], "offered")
    await dispatch.held(await dispatch.call(), slot)
    assert (await tried(dispatch, DOCTOR))[0] == "not_fitting"
    assert (await dispatch.call())["regular_doctor_tried"] is None


async def test_the_practice_of_the_regular_doctor_and_who_saw_the_patient(
    dispatch: Dispatch, owner: asyncpg.Connection
) -> None:
    await dispatch.made("/slots", a_slot(4), role="coordinator")
    await dispatch.made("/slots", a_slot(4, effector={"rpps": OTHER_DOCTOR}), role="coordinator")
    for doctor, sites in ((STRANGER, ["990010001"]), (OTHER_DOCTOR, ["990010001", "990010009"])):
        await known(owner, doctor, sites=sites)
    patient = {"regular_doctor_rpps": STRANGER, "ref": "pseudonym-1"}
    first, second = (await dispatch.call(patient=patient))["proposals"]
    assert first["practitioner"]["rpps"] == OTHER_DOCTOR
    assert first["reasons"][0] == "same_practice"
    assert (first["cost_parts"]["not_same_practice"], second["cost_parts"]["not_same_practice"]) == (0, 4)
    await owner.execute(
        "INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, patient_ref, "
        "call_received_at, starts_at, ends_at, commune, mode, audience, state, version, confirmed_at) SELECT "
        "gen_random_uuid(), $1, (SELECT id FROM call LIMIT 1), (SELECT id FROM slot LIMIT 1), $2, 'person', 'ed', "
        "'pseudonym-1', $3, $3, $3, '35236', 'AMB', '{CPTS}', 'fulfilled', 1, $3",
        HERE,
        DOCTOR,
        NOW - timedelta(days=100),
    )
    first, second = (await dispatch.call(patient={"ref": "pseudonym-1"}))["proposals"]
    assert (first["practitioner"]["rpps"], "seen_before" in first["reasons"]) == (DOCTOR, True)
    assert (first["cost_parts"]["not_seen_before"], second["cost_parts"]["not_seen_before"]) == (0, 4)
    assert "not_seen_before" not in (await dispatch.call(patient={"ref": "pseudonym-2"}))["proposals"][0]["cost_parts"]


async def test_the_way_says_where_its_figures_come_from(dispatch: Dispatch) -> None:
    await dispatch.slot(place={"commune": "56001"})
    (shown,) = (await dispatch.call())["proposals"]
    assert shown["travel"] == {"km": shown["distance_km"], "minutes": None, "source": "straight_line"}
