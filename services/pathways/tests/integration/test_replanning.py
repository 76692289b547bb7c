"""Reality moves: cures are postponed, facts are told, enrolments rest, go on, and change their version."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from enrolling import CONSENT, Care, anybody, step
from pathway_made import template

from contracts.envelope import NATIONAL
from contracts.pathways import EnrolmentPaused, EnrolmentResumed, StepEscalated, StepOverdue, StepReplanned
from pathways.domain.template import Template
from pathways.usecases.escalate_steps import escalate_steps
from pathways.usecases.pause_enrolment import end_pauses
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue

ROLES = [{"code": code, "label": code} for code in ("coordinating-nurse", "oncology", "regular-doctor")]
LADDER = [{"role": "coordinating-nurse", "after_days": 0}, {"role": "regular-doctor", "after_days": 2}]


def made(*steps: dict[str, Any], **parts: Any) -> Template:
    consent = {"version": CONSENT["text_version"], "text": "Oui"}
    filled = [{"role": "coordinating-nurse", **it} for it in steps]
    return template(*filled, id="lung-cancer", roles=ROLES, consent=consent, escalation=LADDER, **parts)


COURSE = {"code": "course", "to_days": 0, "repeat": {"times": 3, "every_days": 21, "tolerance_days": 2}}
BLOOD = {"code": "blood", "after": "course", "each": True, "from_days": -3, "to_days": -1}
PLANNED = made({"code": "first", "to_days": 5}, {**COURSE, "after": "first", "from_days": 5, "to_days": 5}, BLOOD)


def offer(care: Care, pathway: Template) -> None:
    care.runtime.extras["catalogue"]["pays-de-redon"]["lung-cancer"] = pathway


async def enrolled(care: Care, pathway: Template, number: int = 1, **more: Any) -> dict[str, Any]:
    offer(care, pathway)
    patient = await care.made("/v1/patients", anybody(number))
    return await care.enrolment(patient["id"], **more)


async def again(care: Care, enrolment: dict[str, Any]) -> dict[str, Any]:
    return await care.get(f"/v1/enrolments/{enrolment['id']}")


def days(enrolment: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {it["key"]: (it["from_on"], it["due_on"]) for it in enrolment["steps"]}


async def tick(care: Care) -> None:
    for timer in (raise_due, raise_overdue, escalate_steps, end_pauses):
        async with care.runtime.system.work(NATIONAL) as work:
            await timer(work, 1000)


async def test_a_postponed_cure_shifts_what_depends_on_it_and_says_what(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    path = f"/v1/steps/{step(enrolment, 'course-1')['id']}/replan"
    preview = await care.made(path, {"from_on": "2026-12-15", "preview": True}, 200)
    assert days(await again(care, enrolment)) == days(enrolment)
    done = await care.made(path, {"from_on": "2026-12-15"}, 200)
    assert done["shifted"] == preview["shifted"]
    assert [it["key"] for it in done["shifted"]] == [
        "course-1",
        "course-2",
        "course-3",
        "blood-1",
        "blood-2",
        "blood-3",
    ]
    after = days(await again(care, enrolment))
    assert after["course-1"] == ("2026-12-15", "2026-12-15")
    assert after["course-2"] == ("2027-01-05", "2027-01-07")
    assert after["blood-1"] == ("2026-12-12", "2026-12-14")
    told = await care.told(StepReplanned)
    assert [it["step"] for it in told] == [it["key"] for it in done["shifted"]]
    assert {it["code"] for it in told} == {"course", "blood"}


async def test_ten_postponements_leave_the_dates_of_the_last(care: Care) -> None:
    one, other = await enrolled(care, PLANNED), await enrolled(care, PLANNED, 2)
    for day in (3, 9, 4, 20, 11, 28, 2, 15, 30, 17):
        path = f"/v1/steps/{step(one, 'course-2')['id']}/replan"
        await care.made(path, {"from_on": f"2027-01-{day:02}"}, 200)
    await care.made(f"/v1/steps/{step(other, 'course-2')['id']}/replan", {"from_on": "2027-01-17"}, 200)
    assert days(await again(care, one)) == days(await again(care, other))


async def test_an_overdue_step_is_told_in_order_until_it_is_put_on_another_day(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    care.clock.advance(datetime.fromisoformat(step(enrolment, "first")["due_at"]) - care.clock.now())
    await tick(care)
    assert [(it["rung"], it["role"]) for it in await care.told(StepEscalated)] == [(1, "coordinating-nurse")]
    care.clock.advance(timedelta(days=2))
    await tick(care)
    await tick(care)
    assert [(it["rung"], it["role"]) for it in await care.told(StepEscalated)][1:] == [(2, "regular-doctor")]
    path = f"/v1/steps/{step(enrolment, 'first')['id']}/replan"
    await care.made(path, {"from_on": "2026-12-03"}, 200)
    mended = step(await again(care, enrolment), "first")
    assert (mended["state"], mended["rung"], mended["overdue_at"]) == ("planned", 0, None)
    care.clock.advance(timedelta(days=4))
    await tick(care)
    assert [it["step"] for it in await care.told(StepOverdue)] == ["first", "first"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"from_on": "2026-12-10", "due_on": "2026-12-09"}, "due_on", "dates_out_of_order"),
        ({"from_on": "2026-11-22"}, "from_on", "day_past"),
        ({"from_on": "2026-11-20", "due_on": "2026-12-09"}, "from_on", "day_before_enrolment"),
        ({"from_on": "2046-11-20"}, "from_on", "day_too_far"),
    ],
)
async def test_dates_out_of_order_and_impossible_days_are_refused(
    care: Care, body: dict[str, Any], field: str, code: str
) -> None:
    enrolment = await enrolled(care, PLANNED)
    answer = await care.post(f"/v1/steps/{step(enrolment, 'first')['id']}/replan", body)
    assert answer.status_code == 422
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [(field, code)]


async def test_a_closed_step_has_no_other_day(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    path = f"/v1/steps/{step(enrolment, 'first')['id']}"
    await care.made(f"{path}/done", {}, 200)
    answer = await care.post(f"{path}/replan", {"from_on": "2026-12-10"})
    assert (answer.status_code, answer.json()["code"]) == (409, "step_closed")
    assert (await care.post(f"{path}/reopen", {"reason": "recorded_by_mistake"})).status_code == 200
    assert (await care.post(f"{path}/reopen", {"reason": "recorded_by_mistake"})).json()["code"] == "step_open"


SITUATED = made(
    {"code": "visit", "date": "discharge", "from_days": 1, "to_days": 7},
    {"code": "nurse", "to_days": 3, "when": ["alone"]},
    facts=[{"code": "alone", "label": "Vit seul"}],
    dates=[{"code": "discharge", "label": "Sortie", "assumed_after_days": 2}],
)


async def test_what_is_told_of_the_patient_decides_what_is_asked_for(care: Care) -> None:
    enrolment = await enrolled(care, SITUATED)
    assert (step(enrolment, "nurse")["state"], days(enrolment)["visit"]) == ("not_needed", ("2026-11-26", "2026-12-02"))
    path = f"/v1/enrolments/{enrolment['id']}/situation"
    told = await care.made(path, {"facts": {"alone": True}, "dates": {"discharge": "2026-12-01"}}, 200)
    assert [(it["key"], it["state"]) for it in told["shifted"]] == [("visit", "planned"), ("nurse", "planned")]
    after = await again(care, enrolment)
    assert (after["facts"], after["told_dates"], days(after)["visit"]) == (
        ["alone"],
        ["discharge"],
        ("2026-12-02", "2026-12-08"),
    )
    no_more = await care.made(path, {"facts": {"alone": False}}, 200)
    assert [(it["key"], it["state"]) for it in no_more["shifted"]] == [("nurse", "not_needed")]
    answer = await care.post(path, {"facts": {"rich": True}})
    assert answer.json()["errors"][0] == {
        "field": "facts.rich",
        "code": "code_unknown",
        "message": "The pathway knows alone",
    }


async def test_what_is_told_at_the_enrolment_counts_at_once(care: Care) -> None:
    enrolment = await enrolled(care, SITUATED, facts={"alone": True}, dates={"discharge": "2026-12-01"})
    assert (step(enrolment, "nurse")["state"], days(enrolment)["visit"]) == ("planned", ("2026-12-02", "2026-12-08"))


CRITERIA = [
    {"code": "treated", "label": "Traité", "required": True},
    {"code": "in-home", "label": "En établissement", "excludes": True},
]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "criteria.treated"),
        ({"criteria": {"treated": False}}, "criteria.treated"),
        ({"criteria": {"treated": True, "in-home": True}}, "criteria.in-home"),
        ({"criteria": {"treated": True, "other": True}}, "criteria.other"),
    ],
)
async def test_who_is_not_eligible_is_not_taken(care: Care, more: dict[str, Any], field: str) -> None:
    offer(care, made({"code": "a", "to_days": 1}, eligibility={"min_age": 18, "criteria": CRITERIA}))
    patient = await care.patient()
    body = {"patient_id": patient["id"], "template": "lung-cancer", "consent": CONSENT, **more}
    answer = await care.post("/v1/enrolments", body)
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [(field, "not_eligible")]
    young = await care.patient(birth_date="2015-03-14", ins=None, identity_status="provisional", family_name="Petit")
    fit = {**body, "criteria": {"treated": True}}
    assert (await care.post("/v1/enrolments", {**fit, "patient_id": young["id"]})).status_code == 422
    assert (await care.post("/v1/enrolments", fit)).status_code == 201


async def test_days_of_a_pause_do_not_count_and_nothing_falls_due(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    path = f"/v1/enrolments/{enrolment['id']}"
    paused = await care.made(f"{path}/pause", {"reason": "hospital_stay", "until_on": "2026-12-23"}, 200)
    assert {it["state"] for it in paused["steps"]} == {"paused"}
    assert (await care.post(f"{path}/pause", {"reason": "away", "until_on": "2026-12-20"})).status_code == 409
    care.clock.advance(timedelta(days=10))
    await tick(care)
    assert await care.told(StepOverdue) == []
    resumed = await care.made(f"{path}/resume", {}, 200)
    assert {it["state"] for it in resumed["steps"]} == {"planned"}
    moved = {key: (date.fromisoformat(found[1]) - date.fromisoformat(days(enrolment)[key][1])).days
             for key, found in days(resumed).items()}  # fmt: skip
    assert set(moved.values()) == {10}
    assert [it["until_on"] for it in resumed["pauses"]] == ["2026-12-03"]
    assert (await care.post(f"{path}/resume", {})).json()["code"] == "enrolment_not_paused"


async def test_a_pause_ends_by_itself(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    path = f"/v1/enrolments/{enrolment['id']}"
    for until_on in ("2026-11-23", "2027-11-24"):
        answer = await care.post(f"{path}/pause", {"reason": "away", "until_on": until_on})
        assert answer.json()["errors"][0]["code"] == "pause_implausible"
    await care.made(f"{path}/pause", {"reason": "away", "until_on": "2026-11-30"}, 200)
    care.clock.advance(timedelta(days=6, hours=12))
    await tick(care)
    assert (await again(care, enrolment))["state"] == "paused"
    care.clock.advance(timedelta(hours=12))
    await tick(care)
    assert (await again(care, enrolment))["state"] == "active"
    assert len(await care.told(EnrolmentPaused)) == len(await care.told(EnrolmentResumed)) == 1
    resumed = [event for event in await care.outbox() if event["type"].endswith("enrolment.resumed.v1")]
    assert resumed[0]["territory"] == "pays-de-redon"


NEXT = made(
    {"code": "first", "to_days": 9},
    {**COURSE, "after": "first", "from_days": 5, "to_days": 5},
    {"code": "welcome", "to_days": 1},
    {"code": "closing", "after": "course", "to_days": 30},
    version="2",
)


async def test_an_enrolment_moves_to_another_version_as_the_preview_said(care: Care) -> None:
    enrolment = await enrolled(care, PLANNED)
    path = f"/v1/enrolments/{enrolment['id']}"
    assert (await care.http.get(f"{path}/migration")).json()["code"] == "template_current"
    care.clock.advance(timedelta(days=3))
    offer(care, NEXT)
    assert (await care.post(f"{path}/migrate", {"to_version": "3"})).json()["code"] == "template_changed"
    preview = await care.get(f"{path}/migration")
    kinds = {it["key"]: it["kind"] for it in preview["changes"]}
    assert kinds["first"] == kinds["course-3"] == "moved"
    assert (kinds["welcome"], kinds["closing"], kinds["blood-2"]) == ("passed", "added", "removed")
    assert days(await again(care, enrolment)) == days(enrolment)
    assert await care.made(f"{path}/migrate", {"to_version": "2"}, 200) == preview
    after = await again(care, enrolment)
    states = {it["key"]: it["state"] for it in after["steps"]}
    assert (after["template_version"], days(after)["first"]) == ("2", ("2026-11-23", "2026-12-02"))
    assert (states["blood-1"], states["welcome"], states["closing"]) == ("cancelled", "not_needed", "planned")


async def test_what_proves_a_step_is_asked_for(care: Care) -> None:
    shared = {"code": "pps", "label": "PPS", "kind": "plan", "audience": ["patient"]}
    pathway = made({"code": "pps", "to_days": 3, "proof": ["document"], "document": "pps"}, documents=[shared])
    enrolment = await enrolled(care, pathway)
    path = f"/v1/steps/{step(enrolment, 'pps')['id']}/done"
    assert (await care.post(path, {})).json()["errors"][0]["code"] == "proof_insufficient"
    missing = await care.post(path, {"proof": {"kind": "document"}})
    assert missing.json()["errors"][0]["code"] == "proof_reference_missing"
    proof = {"kind": "document", "reference": enrolment["id"]}
    done = await care.made(path, {"proof": proof}, 200)
    assert (done["proof"], done["proof_ref"]) == ("document", enrolment["id"])
    early = await care.post(path, {"done_at": "2026-11-01T10:00:00Z", "proof": proof})
    assert early.json()["errors"][0]["code"] == "done_before_enrolment"
