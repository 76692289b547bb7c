"""One patient's timeline: exchanges, advice, alarms, reports, visits and searches, each for who may read it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from doctor_samples import AT, GP, gp_who_accepts
from enrolling import READ, Care
from monitoring import monitored
from visiting import tick

DOCTOR = "99000000093"
CLINICAL = {
    *("exchange_opened", "exchange_closed", "advice_asked", "advice_closed", "patient_reported", "note_written"),
    *("alarm_raised", "alarm_unanswered", "alarm_acknowledged", "alarm_closed", "plan_published"),
}
OTHERS = {
    *("enrolled", "step_opened", "step_due", "consent_given", "member_joined"),
    *("visit_asked", "search_opened", "doctor_asked", "doctor_answered", "search_closed"),
}
DESK = ("duties:write", "duties:read", "advice:write", "searches:write", "searches:manage", "searches:answer")


async def sent(http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await http.post(path, json=body or {}, headers={"Idempotency-Key": str(uuid4())})
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def reported(care: Care, enrolment: str) -> None:
    """The patient reports an event behind their own link. Nobody of the team has a number: its alarm waits."""
    link = await care.made(f"/v1/enrolments/{enrolment}/patient-links", {"holder": "patient"})
    code = (await care.get(f"/v1/patient-links/{link['id']}/code"))["code"]
    async with care.connect() as http:
        del http.headers["Authorization"]
        form = {"code": code, "action": "report", "kind": "fever", "text": "38,6 depuis ce matin"}
        assert (await http.post(link["path"], data=form)).status_code == 200


async def exchanged(care: Care, enrolment: str) -> None:
    """An exchange, a note and a plan."""
    about = {"enrolment_id": enrolment, "subject": "Poids", "participants": [{"rpps": DOCTOR}]}
    thread = await care.made("/v1/threads", about)
    await care.made(f"/v1/threads/{thread['id']}/close", {}, 200)
    await care.made(f"/v1/enrolments/{enrolment}/notes", {"kind": "observation", "text": "Poids stable"})
    await care.made(f"/v1/enrolments/{enrolment}/care-plans", {})


@pytest_asyncio.fixture
async def followed(care: Care) -> dict[str, Any]:
    """An enrolment of which each of these is told."""
    care.clock.advance(AT - care.clock.now())
    await gp_who_accepts(care)
    started_on = f"{AT - timedelta(days=5):%Y-%m-%d}"
    enrolment = await care.enrolment(template="heart-failure", facts={"discharged": True}, started_on=started_on)
    patient = enrolment["patient_id"]
    await tick(care)
    await exchanged(care, enrolment["id"])
    await reported(care, enrolment["id"])
    async with (
        care.connect(*DESK, sub="coordinator", role="coordinator") as desk,
        care.connect("advice:write", sub="nurse-1", role="care") as nurse,
        care.connect("advice:write", "alarms:answer", sub="doctor", rpps=DOCTOR, role="practitioner") as doctor,
    ):
        platform = await monitored(care, desk, enrolment["id"], (DOCTOR,))
        await platform.send()
        alarm, _ = (await care.get(f"/v1/patients/{patient}/alarms"))["items"]
        assert alarm["source"] == "telemonitoring"
        await sent(doctor, f"/v1/alarms/{alarm['id']}/acknowledge")
        await sent(doctor, f"/v1/alarms/{alarm['id']}/close", {"outcome": "visit"})
        question = {"kind": "advice", "specialty": "cardiology", "question": "Que faire ?", "rpps": DOCTOR}
        asked = await sent(nurse, "/v1/advice", question | {"patient_id": patient, "patient_informed": True})
        await sent(doctor, f"/v1/advice/{asked['id']}/answer", {"answer": "Rien de plus"})
        search = await sent(desk, "/v1/doctor-searches", {"patient_id": patient})
        proposal = await sent(desk, f"/v1/doctor-searches/{search['id']}/proposals", {"rpps": GP})
        await sent(desk, f"/v1/doctor-proposals/{proposal['id']}/accept")
    return enrolment


async def moments(http: httpx.AsyncClient, patient: str) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/patients/{patient}/timeline", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_everything_that_happened_is_told_to_who_cares(care: Care, followed: dict[str, Any]) -> None:
    found = await moments(care.http, followed["patient_id"])
    assert {it["kind"] for it in found} == CLINICAL | OTHERS
    labels = {it["kind"]: it["label"] for it in found}
    raised = {it["label"] for it in found if it["kind"] == "alarm_raised"}
    assert (raised, labels["alarm_closed"]) == ({"telemonitoring-alarm", "warning-sign"}, "visit")
    assert (labels["advice_asked"], labels["advice_closed"]) == ("advice", "answered")
    assert (labels["patient_reported"], labels["note_written"]) == ("fever", "observation")
    assert (labels["doctor_answered"], labels["exchange_opened"]) == ("accepted", None)
    assert {it["enrolment_id"] for it in found if it["kind"].startswith(("alarm", "visit", "exchange", "patient"))} == {
        followed["id"]
    }
    assert {it["enrolment_id"] for it in found if it["kind"].startswith("advice")} == {None}


async def test_who_organises_sees_no_clinical_moment(care: Care, followed: dict[str, Any]) -> None:
    patient = followed["patient_id"]
    await care.made(f"/v1/patients/{patient}/team", {"account": "social-worker", "role": "social-worker"})
    for claims in ({"sub": "social-worker", "role": "care"}, {"sub": "coordinator", "role": "coordinator"}):
        async with care.connect(READ, **claims) as http:
            assert {it["kind"] for it in await moments(http, patient)} == OTHERS, claims


async def test_what_a_step_asked_for_is_on_the_timeline_of_its_enrolment(care: Care, followed: dict[str, Any]) -> None:
    step = next(it for it in followed["steps"] if it["code"] == "discharge-doctor")
    await care.made(f"/v1/steps/{step['id']}/done", {}, 200)
    await tick(care)
    shown = (await care.get(f"/v1/enrolments/{followed['id']}"))["timeline"]
    visits = [(it["kind"], it["label"]) for it in shown if it["kind"].startswith("visit")]
    assert sorted(visits)[:2] == [("visit_asked", None), ("visit_asked", None)]
    assert [it for it in visits if it[0] == "visit_withdrawn"] == [("visit_withdrawn", "step_closed")]
