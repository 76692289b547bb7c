"""Nobody outside the care team reads anything: every situation on every route of a patient, and how they change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from enrolling import AUDIT, EMERGENCY, IDENTITY, READ, TEAM, TERRITORY, WRITE, Care, anybody
from monitoring import monitored

from contracts.pathways import GlassBroken
from pathways.domain.template_parts import Alert

EVERY_SCOPE = (READ, WRITE, IDENTITY, TEAM, EMERGENCY, "alarms:answer", "advice:write")
DOCTOR, ON_CALL = "99000000093", "99000000016"

PEOPLE: dict[str, dict[str, Any]] = {
    "referent": {"sub": "nurse-1", "role": "care"},
    "regular-doctor": {"sub": "doctor", "rpps": DOCTOR, "role": "practitioner"},
    "nurse": {"sub": "nurse-2", "role": "care"},
    "social-worker": {"sub": "social-worker", "role": "care"},
    "other pathway": {"sub": "nurse-3", "role": "care"},
    "same structure": {"sub": "nurse-4", "role": "care"},
    "former member": {"sub": "nurse-5", "role": "care"},
    "objected": {"sub": "nurse-6", "role": "care"},
    "emergency": {"sub": "doctor-2", "rpps": "99000000101", "role": "practitioner"},
    "coordinator": {"sub": "coordinator", "role": "coordinator"},
    "asked": {"sub": "on-call", "rpps": ON_CALL, "role": "practitioner"},
    "outsider": {"sub": "somebody", "role": "practitioner"},
}
READS = {
    "entry": "/v1/patients/{patient}",
    "identity": "/v1/patients/{patient}/identity?purpose=care",
    "team": "/v1/patients/{patient}/team",
    "consent": "/v1/patients/{patient}/consents",
    "pathway": "/v1/enrolments/{enrolment}",
    "clinical": "/v1/patients/{patient}/stays",
    "trace": "/v1/patients/{patient}/accesses",
    "plan": "/v1/enrolments/{enrolment}/care-plans",
    "notebook": "/v1/enrolments/{enrolment}/notes",
    "alarms": "/v1/patients/{patient}/alarms",
    "alarm": "/v1/alarms/{alarm}",
    "questions": "/v1/patients/{patient}/advice",
    "question": "/v1/advice/{question}",
}
ALL, NOTHING = set(READS), set[str]()
CLINICAL = {"clinical", "plan", "notebook", "alarms", "alarm", "questions", "question"}
ASKED = {"alarm", "question"}
"""What is put to somebody by name or on call, who is not of the care team: this and nothing else of the patient."""
SEEN: dict[str, set[str]] = {
    "referent": ALL,
    "regular-doctor": ALL,
    "nurse": ALL - {"trace"},
    "social-worker": ALL - {"trace"} - CLINICAL,
    "other pathway": ALL - {"trace", "pathway", "plan", "notebook", "alarm"},
    "same structure": ALL - {"trace"},
    "former member": NOTHING,
    "objected": NOTHING,
    "emergency": ALL - {"trace"},
    "coordinator": ALL - {"identity"} - CLINICAL,
    "asked": ASKED,
    "outsider": NOTHING,
}
WITHDRAWN = SEEN | {
    "referent": {"entry", "team", "consent"},
    "regular-doctor": {"entry", "team", "consent"},
    "nurse": NOTHING,
    "social-worker": NOTHING,
    "other pathway": NOTHING,
    "asked": NOTHING,
}
"""Once the patient took every consent back: the same care structure stays by law, until the patient objects."""


class Situation:
    """One enrolled patient, and somebody in every situation to them."""

    def __init__(self, care: Care, enrolment: dict[str, Any], other: dict[str, Any]) -> None:
        self.care, self.enrolment, self.other = care, enrolment, other
        self.patient: str = enrolment["patient_id"]
        self.ids = {"patient": self.patient, "enrolment": enrolment["id"], "step": enrolment["steps"][0]["id"]}

    @asynccontextmanager
    async def client(self, who: str) -> AsyncIterator[httpx.AsyncClient]:
        async with self.care.connect(*EVERY_SCOPE, **PEOPLE[who]) as http:
            yield http

    async def seen(self, who: str) -> set[str]:
        """The kinds of content that this person may read now."""
        found = set()
        async with self.client(who) as http:
            for kind, path in READS.items():
                answer = await http.get(path.format_map(self.ids))
                assert answer.status_code in (200, 403), answer.text
                if answer.status_code == 200:
                    found.add(kind)
                else:
                    assert answer.json()["code"] == "access_refused"
            listed = (await http.get("/v1/enrolments", params={"patient_id": self.patient})).json()["items"]
            steps = (await http.get("/v1/steps")).json()["items"]
            timeline = await http.get(f"/v1/patients/{self.patient}/timeline", params={"kind": "enrolled"})
        ids = {item["id"] for item in listed}
        assert (self.enrolment["id"] in ids) == ("pathway" in found)
        assert (self.enrolment["id"] in {step["enrolment_id"] for step in steps}) == ("pathway" in found)
        assert timeline.status_code == (200 if found - ASKED else 403)
        began = {it["enrolment_id"] for it in timeline.json().get("items", [])}
        assert (self.enrolment["id"] in began) == ("pathway" in found)
        return found

    async def withdraw(self) -> None:
        consents = (await self.care.get(f"/v1/patients/{self.patient}/consents"))["consents"]
        for consent in consents:
            await self.care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, status=200)


async def alarm_and_question(people: Situation) -> None:
    """Both are put to somebody who is not of the care team."""
    care = people.care
    async with care.connect("duties:write", sub="coordinator", role="coordinator") as desk:
        platform = await monitored(care, desk, people.enrolment["id"], (ON_CALL,))
    assert (await platform.send()).status_code == 202
    (alarm,) = (await care.get(f"/v1/patients/{people.patient}/alarms"))["items"]
    asked = {"kind": "advice", "specialty": "cardiology", "question": "Que faire ?", "rpps": ON_CALL}
    async with people.client("referent") as http:
        body = asked | {"patient_id": people.patient, "patient_informed": True}
        question = await http.post("/v1/advice", json=body, headers={"Idempotency-Key": "question"})
    assert question.status_code == 201, question.text
    platform_id = platform.path.partition("~")[2]
    people.ids |= {
        "alarm": alarm["id"],
        "question": question.json()["id"],
        "ref": platform.ref,
        "platform": platform_id,
    }


def raised_by_professionals(care: Care) -> None:
    """The pathway of the situation has an alert that the team raises."""
    templates = care.runtime.extras["catalogue"][TERRITORY]
    responders = [{"role": "regular-doctor", "within_minutes": 60}]
    fall = Alert.model_validate({"code": "fall", "label": "Chute", "source": "professional", "responders": responders})
    plain = templates["heart-failure"]
    templates["heart-failure"] = plain.model_copy(update={"alerts": (*plain.alerts, fall)})


@pytest_asyncio.fixture
async def people(care: Care) -> Situation:
    raised_by_professionals(care)
    enrolment = await care.enrolment(template="heart-failure")
    patient = enrolment["patient_id"]
    other = await care.enrolment(patient, template="lung-cancer")
    for who, role, more in (
        ("regular-doctor", "regular-doctor", {}),
        ("nurse", "nurse", {}),
        ("social-worker", "social-worker", {}),
        ("other pathway", "nurse", {"enrolment_id": other["id"]}),
        ("same structure", "nurse", {"basis": "care_team", "informed_on": "2026-11-20"}),
        ("former member", "nurse", {}),
        ("objected", "nurse", {}),
    ):
        claims = PEOPLE[who]
        person = {"rpps": claims["rpps"]} if "rpps" in claims else {"account": claims["sub"]}
        member = await care.made(f"/v1/patients/{patient}/team", {**person, "role": role, **more})
        if who == "former member":
            await care.made(f"/v1/team-members/{member['id']}/end", {"reason": "left"}, status=200)
    objection = {"against": "sub:nurse-6", "made_on": "2026-11-23", "channel": "oral"}
    await care.made(f"/v1/patients/{patient}/objections", objection)
    found = Situation(care, enrolment, other)
    await alarm_and_question(found)
    async with found.client("emergency") as http:
        answer = await http.post(
            f"/v1/patients/{patient}/break-glass",
            json={"reason": "life-threatening"},
            headers={"Idempotency-Key": "glass"},
        )
        assert answer.status_code == 201, answer.text
    return found


async def test_who_sees_what(people: Situation) -> None:
    assert {who: await people.seen(who) for who in PEOPLE} == SEEN


async def test_alarms_of_another_pathway_are_not_listed_to_a_member_of_one(people: Situation) -> None:
    path = f"/v1/patients/{people.patient}/alarms"
    async with people.client("nurse") as nurse, people.client("other pathway") as other:
        assert [it["id"] for it in (await nurse.get(path)).json()["items"]] == [people.ids["alarm"]]
        assert (await other.get(path)).json()["items"] == []


async def test_after_withdrawal_the_very_next_request_is_refused(people: Situation) -> None:
    await people.withdraw()
    assert {who: await people.seen(who) for who in PEOPLE} == WITHDRAWN
    async with people.client("coordinator") as http:
        enrolment = (await http.get(f"/v1/enrolments/{people.enrolment['id']}")).json()
    assert (enrolment["state"], enrolment["leave_reason"]) == ("left", "patient_withdrew")
    assert {step["state"] for step in enrolment["steps"]} - {"not_needed"} == {"cancelled"}


async def test_consent_of_one_pathway_is_that_of_one(people: Situation) -> None:
    consents = (await people.care.get(f"/v1/patients/{people.patient}/consents"))["consents"]
    mine = next(item for item in consents if item["enrolment_id"] == people.enrolment["id"])
    await people.care.made(f"/v1/patient-consents/{mine['id']}/withdraw", {"channel": "oral"}, status=200)
    async with people.client("nurse") as http:
        assert (await http.get(f"/v1/enrolments/{people.enrolment['id']}")).status_code == 403
        assert (await http.get(f"/v1/enrolments/{people.other['id']}")).status_code == 200
        assert {it["id"] for it in (await http.get("/v1/enrolments")).json()["items"]} == {people.other["id"]}
    again = await people.care.post(f"/v1/patient-consents/{mine['id']}/withdraw", {"channel": "oral"})
    assert (again.status_code, again.json()["code"]) == (409, "consent_withdrawn")


WRITES = (
    ("/v1/steps/{step}/skip", {"reason": "other"}, {"referent", "regular-doctor", "nurse", "social-worker"}),
    ("/v1/enrolments/{enrolment}/care-plans", {}, {"referent", "regular-doctor", "nurse", "emergency"}),
    (
        "/v1/enrolments/{enrolment}/patient-links",
        {"holder": "patient"},
        {"referent", "regular-doctor", "nurse", "emergency"},
    ),
    (
        "/v1/enrolments/{enrolment}/notes",
        {"kind": "observation", "text": "Pansement refait"},
        {"referent", "regular-doctor", "nurse", "emergency"},
    ),
    (
        "/v1/advice",
        {
            "kind": "advice",
            "specialty": "cardiology",
            "question": "Que faire ?",
            "rpps": "99000000024",
            "patient_id": "{patient}",
            "patient_informed": True,
        },
        {"referent", "regular-doctor", "nurse", "other pathway", "emergency"},
    ),
    ("/v1/advice/{question}/answer", {"answer": "Attendre"}, {"asked"}),
    ("/v1/advice/{question}/decline", {"reason": "unavailable"}, {"asked"}),
    (
        "/v1/enrolments/{enrolment}/alerts",
        {"code": "fall"},
        {"referent", "regular-doctor", "nurse", "social-worker"},
    ),
    ("/v1/alarms/{alarm}/acknowledge", {}, {"referent", "regular-doctor", "nurse", "emergency", "asked"}),
    ("/v1/alarms/{alarm}/close", {"outcome": "visit"}, {"referent", "regular-doctor", "nurse", "emergency", "asked"}),
    (
        "/v1/enrolments/{enrolment}/alarm-refs",
        {"platform_id": "{platform}"},
        {"referent", "regular-doctor", "nurse", "social-worker"},
    ),
    ("/v1/alarm-refs/{ref}/end", {}, {"referent", "regular-doctor", "nurse", "social-worker"}),
    ("/v1/enrolments/{enrolment}/leave", {"reason": "other"}, {"referent", "regular-doctor", "nurse"}),
    (
        "/v1/patients/{patient}/team",
        {"account": "x", "role": "nurse"},
        {"referent", "regular-doctor", "coordinator"},
    ),
    (
        "/v1/patients/{patient}/consents",
        {"purpose": "sharing", "given_on": "2026-11-23", "channel": "oral", "text_version": "1"},
        {"referent", "regular-doctor", "coordinator"},
    ),
    (
        "/v1/patients/{patient}/objections",
        {"against": "role:pharmacist", "made_on": "2026-11-23", "channel": "oral"},
        {"referent", "regular-doctor", "coordinator"},
    ),
)


@pytest.mark.parametrize(("path", "body", "allowed"), WRITES, ids=lambda it: it if isinstance(it, str) else None)
async def test_who_writes_what(people: Situation, path: str, body: dict[str, Any], allowed: set[str]) -> None:
    url = path.format_map(people.ids)
    body = {key: it.format_map(people.ids) if isinstance(it, str) else it for key, it in body.items()}
    found = set()
    for who in PEOPLE:
        async with people.client(who) as http:
            answer = await http.post(url, json=body, headers={"Idempotency-Key": who})
        if answer.status_code in (200, 201, 409):
            found.add(who)
        else:
            assert answer.status_code == 403, answer.text
            assert answer.json()["code"] in ("access_refused", "not_asked"), answer.text
    members = {"same structure"} | ({"social-worker", "nurse"} if path.endswith("leave") else set())
    assert found - members == allowed - members


async def test_an_objection_ends_what_the_law_gave(people: Situation) -> None:
    body = {"against": "everybody", "made_on": "2026-11-23", "channel": "written"}
    objection = await people.care.made(f"/v1/patients/{people.patient}/objections", body)
    left = {who: await people.seen(who) for who in PEOPLE}
    assert {who for who, kinds in left.items() if kinds} == {"coordinator"}
    async with people.client("coordinator") as http:
        lifted = await http.post(f"/v1/patient-objections/{objection['id']}/lift", headers={"Idempotency-Key": "1"})
        again = await http.post(f"/v1/patient-objections/{objection['id']}/lift", headers={"Idempotency-Key": "2"})
    assert (lifted.status_code, again.json()["code"]) == (200, "objection_lifted")
    assert await people.seen("nurse") == SEEN["nurse"]


async def test_a_glass_is_broken_for_hours_with_a_reason_and_reviewed(people: Situation) -> None:
    (told,) = await people.care.told(GlassBroken)
    assert (told["reason"], told["rpps"]) == ("life-threatening", "99000000101")
    assert people.patient not in str(told)
    async with people.care.connect(AUDIT, sub="coordinator", role="coordinator") as http:
        (glass,) = (await http.get("/v1/break-glasses", params={"reviewed": False})).json()["items"]
        review = [
            await http.post(
                f"/v1/break-glasses/{glass['id']}/review", json={"outcome": "justified"}, headers={"Idempotency-Key": k}
            )
            for k in "12"
        ]
        assert (await http.get("/v1/break-glasses", params={"reviewed": False})).json()["items"] == []
    assert [answer.status_code for answer in review] == [200, 409]
    accesses = (await people.care.get(f"/v1/patients/{people.patient}/accesses"))["items"]
    assert "break_glass" in {item["action"] for item in accesses}
    people.care.clock.advance(timedelta(hours=4))
    assert await people.seen("emergency") == NOTHING


@pytest.mark.parametrize(
    ("who", "claims", "body", "status", "code"),
    [
        ("outsider", {}, {"reason": "curiosity"}, 422, "reason_unknown"),
        ("outsider", {}, {}, 422, "invalid_input"),
        ("outsider", {"client_class": "machine"}, {"reason": "continuity"}, 403, "person_only"),
        ("nurse", {}, {"reason": "continuity"}, 409, "access_allowed"),
        ("objected", {}, {"reason": "continuity"}, 403, "access_refused"),
    ],
)
async def test_who_breaks_no_glass(
    people: Situation, *, who: str, claims: dict[str, Any], body: dict[str, Any], status: int, code: str
) -> None:
    async with people.care.connect(*EVERY_SCOPE, **{**PEOPLE[who], **claims}) as http:
        path = f"/v1/patients/{people.patient}/break-glass"
        answer = await http.post(path, json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert len(await people.care.told(GlassBroken)) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"account": "nurse-2", "role": "nurse"}, 409, "already_member"),
        ({"account": "x", "role": "gardener"}, 422, "role_unknown"),
        ({"account": "x", "role": "nurse", "basis": "care_team"}, 422, "patient_not_informed"),
        ({"account": "x", "role": "nurse", "ends_at": "2026-11-01T00:00:00Z"}, 422, "ends_in_past"),
        (
            {"account": "x", "role": "nurse", "enrolment_id": "019ab000-0000-7000-8000-000000000001"},
            422,
            "enrolment_unknown",
        ),
        ({"account": "x", "rpps": DOCTOR, "role": "nurse"}, 422, "invalid_input"),
    ],
    ids=str,
)
async def test_a_bad_member_is_refused(people: Situation, body: dict[str, Any], status: int, code: str) -> None:
    answer = await people.care.post(f"/v1/patients/{people.patient}/team", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_coordinator_does_not_join_by_themself(people: Situation) -> None:
    async with people.client("coordinator") as http:
        body = {"account": "coordinator", "role": "regular-doctor"}
        answer = await http.post(f"/v1/patients/{people.patient}/team", json=body, headers={"Idempotency-Key": "1"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yourself")


async def test_a_team_stands_as_it_was(people: Situation) -> None:
    path = f"/v1/patients/{people.patient}/team"
    everybody = {item["person"] for item in (await people.care.get(path))["items"]}
    now = {item["person"] for item in (await people.care.get(path, at=people.care.clock.now().isoformat()))["items"]}
    assert everybody - now == {"sub:nurse-5"}
    assert (await people.care.get(path, at="2026-11-22T00:00:00Z"))["items"] == []


async def test_a_search_by_somebody_outside_finds_an_id_only(people: Situation) -> None:
    plain = anybody()
    stranger = await people.care.made("/v1/patients", plain)
    wanted = {key: plain[key] for key in ("family_name", "given_name", "birth_date")}
    async with people.client("outsider") as http:
        answer = await http.post("/v1/patients/search", json={**wanted, "purpose": "care"})
    assert answer.json() == {"items": [], "others": [stranger["id"]]}
