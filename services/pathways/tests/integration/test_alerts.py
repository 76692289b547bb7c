"""A patient's report, a re-hospitalisation, a professional raise the alert of the pathway, for its people alone."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from enrolling import CAMILLE, OTHER, READ, TERRITORY, WRITE, Care, anybody
from pathway_made import template

from contracts.coordination import AlarmAcknowledged, AlarmEscalated, AlarmRaised
from contracts.envelope import NATIONAL
from pathways.usecases.raise_alarm import escalate_alarms

NURSE, HOSPITAL, DOCTOR, STRANGER = "99000000016", "99000000024", "99000000032", "99000000040"
TEAM = {"coordinating-nurse": NURSE, "hospital-team": HOSPITAL, "regular-doctor": DOCTOR}
WHO = {name: CAMILLE[name] for name in ("family_name", "given_name", "birth_date")}
CAME_BACK = {
    "alerts": [
        {
            "code": "readmission",
            "label": "Réhospitalisation",
            "source": "hospital",
            "responders": [
                {"role": "coordinator", "within_minutes": 60},
                {"role": "regular-doctor", "within_minutes": 90},
            ],
        }
    ],
    "roles": [
        {"code": "nurse", "label": "Infirmière"},
        {"code": "coordinator", "label": "Coordination"},
        {"code": "regular-doctor", "label": "Médecin traitant"},
    ],
}


async def teamed(care: Care, enrolment: dict[str, Any], team: dict[str, str]) -> dict[str, Any]:
    for role, rpps in team.items():
        await care.made(f"/v1/patients/{enrolment['patient_id']}/team", {"rpps": rpps, "role": role})
    return enrolment


async def report(care: Care, enrolment: dict[str, Any], kind: str = "fever") -> None:
    """The patient tells it behind a new link."""
    link = await care.made(f"/v1/enrolments/{enrolment['id']}/patient-links", {"holder": "patient"})
    code = (await care.get(f"/v1/patient-links/{link['id']}/code"))["code"]
    async with care.connect() as http:
        del http.headers["Authorization"]
        form = {"code": code, "action": "report", "kind": kind, "text": "depuis ce matin"}
        answer = await http.post(link["path"], data=form)
        assert answer.status_code == 200, answer.text


def person(care: Care, rpps: str, **claims: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    about = {"sub": f"sub-{rpps}", "rpps": rpps, "role": "practitioner"} | claims
    found: AbstractAsyncContextManager[httpx.AsyncClient] = care.connect("alarms:answer", READ, **about)
    return found


async def later(care: Care, **time: float) -> int:
    care.clock.advance(timedelta(**time))
    async with care.runtime.system.work(NATIONAL) as work:
        return await escalate_alarms(work, 100)


async def alarms(care: Care, enrolment: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await care.get(f"/v1/patients/{enrolment['patient_id']}/alarms"))["items"]
    return found


async def take(http: httpx.AsyncClient, alarm: dict[str, Any]) -> int:
    path = f"/v1/alarms/{alarm['id']}/acknowledge"
    return (await http.post(path, headers={"Idempotency-Key": str(uuid4())})).status_code


async def test_an_event_that_the_patient_reports_is_put_to_the_people_of_the_pathway(care: Care) -> None:
    enrolment = await teamed(care, await care.enrolment(), TEAM)
    await report(care, enrolment, "message")
    assert await alarms(care, enrolment) == []
    await report(care, enrolment)
    (raised,) = await alarms(care, enrolment)
    assert (raised["code"], raised["source"], raised["asked_now"]) == ("intercurrent-event", "patient", NURSE)
    assert [await later(care, minutes=119), await later(care, minutes=2)] == [0, 1]
    async with person(care, NURSE) as first, person(care, HOSPITAL) as second, person(care, STRANGER) as stranger:
        mine = (await second.get("/v1/alarms")).json()["items"]
        assert [it["id"] for it in mine] == [raised["id"]]
        assert (await stranger.get("/v1/alarms")).json()["items"] == []
        assert [await take(stranger, raised), await take(second, raised), await take(first, raised)] == [403, 200, 409]
    told = [{**event, "by": None} for event in await care.told(AlarmRaised)]
    about = {"alarm_id": raised["id"], "enrolment_id": enrolment["id"], "template": "lung-cancer"}
    assert told == [{**about, "code": "intercurrent-event", "rpps": NURSE, "source": "patient", "by": None}]
    assert [it["rpps"] for it in await care.told(AlarmEscalated)] == [HOSPITAL]
    moments = (await care.get(f"/v1/patients/{enrolment['patient_id']}/timeline"))["items"]
    assert {"alarm_raised", "alarm_acknowledged"} <= {it["kind"] for it in moments}


async def test_what_nobody_took_yet_stays_one_and_what_was_taken_is_followed_by_another(care: Care) -> None:
    enrolment = await teamed(care, await care.enrolment(), TEAM)
    await report(care, enrolment)
    await report(care, enrolment, "fall")
    (known,) = await alarms(care, enrolment)
    assert known["messages"] == 2
    async with person(care, NURSE) as nurse:
        assert await take(nurse, known) == 200
    await report(care, enrolment, "pain")
    assert [it["state"] for it in await alarms(care, enrolment)] == ["raised", "acknowledged"]


async def test_reports_at_once_are_one_alarm(care: Care) -> None:
    enrolment = await teamed(care, await care.enrolment(), TEAM)
    await asyncio.gather(*(report(care, enrolment) for _ in range(4)))
    assert [it["messages"] for it in await alarms(care, enrolment)] == [4]


async def test_who_is_objected_to_is_not_asked_and_without_the_people_named_the_team_is(care: Care) -> None:
    enrolment = await teamed(care, await care.enrolment(), {"pharmacist": STRANGER, **TEAM})
    for rpps in (NURSE, HOSPITAL, DOCTOR):
        objection = {"against": f"rpps:{rpps}", "made_by": "patient", "made_on": "2026-11-23", "channel": "oral"}
        await care.made(f"/v1/patients/{enrolment['patient_id']}/objections", objection)
    await report(care, enrolment)
    assert [it["asked_now"] for it in await alarms(care, enrolment)] == [STRANGER]


async def test_an_alert_that_nobody_can_be_asked_about_is_left_to_the_team(care: Care) -> None:
    enrolment = await care.enrolment()
    await report(care, enrolment)
    (raised,) = await alarms(care, enrolment)
    assert (raised["asked_now"], raised["next_at"], raised["unanswered_at"] is None) == (None, None, False)
    assert await later(care, days=2) == 0
    assert [(it["rpps"], it["reason"]) for it in await care.told(AlarmEscalated)] == [(None, "nobody_left")]
    async with care.connect("alarms:answer", sub="nurse-1", role="care", organisation="CHIRC") as nurse:
        assert await take(nurse, raised) == 200


async def test_a_rehospitalisation_asks_who_the_pathway_names_once(care: Care) -> None:
    enrolment = await came_back(care, "2026-11-20")
    (raised,) = await alarms(care, enrolment)
    assert (raised["code"], raised["source"], raised["asked_now"]) == ("readmission", "hospital", DOCTOR)
    next_at, raised_at = (datetime.fromisoformat(raised[name]) for name in ("next_at", "raised_at"))
    assert next_at - raised_at == timedelta(minutes=90)


@pytest.mark.parametrize(("on", "started_on"), [("2026-11-09", "2026-11-10"), ("2026-10-05", "2026-09-01")])
async def test_a_stay_before_the_pathway_or_told_long_after_asks_nobody(care: Care, on: str, started_on: str) -> None:
    enrolment = await came_back(care, on, started_on)
    stays = (await care.get(f"/v1/patients/{enrolment['patient_id']}/stays"))["items"]
    assert any(it["readmission"] for it in stays)
    assert await alarms(care, enrolment) == []


async def came_back(care: Care, on: str, started_on: str = "2026-11-01") -> dict[str, Any]:
    """Home from the hospital on the day before, and there again; told twice."""
    made = template({"code": "review", "from_days": 0, "to_days": 900}, **CAME_BACK)
    care.runtime.extras["catalogue"][TERRITORY]["example"] = made
    consent = {"given_on": "2026-11-20", "given_by": "patient", "channel": "oral", "text_version": "1"}
    enrolment = await care.enrolment(template="example", consent=consent, started_on=started_on)
    await teamed(care, enrolment, {"regular-doctor": DOCTOR})
    day = {"kind": "stay", "motive": "heart-failure", "entry": "ed"}
    before = {"number": "1", "arrived_on": on[:8] + "01", "left_on": on[:8] + "04", "destination": "home"}
    async with care.connect("stays:write", sub="h", organisation="350000022", client_class="machine") as http:
        for key, stay in enumerate((before, {"number": "2", "arrived_on": on}, {"number": "2", "arrived_on": on})):
            answer = await http.post("/v1/stays", json=WHO | day | stay, headers={"Idempotency-Key": str(key)})
            assert answer.status_code == 200, answer.text
    return enrolment


ALONE = {"isolated": True, "in-care-home": False}
NO_NEWS = {"code": "no-news"}
"""Of isolated elderly people: a social partner is asked, then the coordinating nurse."""


async def isolated(care: Care, team: dict[str, str]) -> dict[str, Any]:
    patient = await care.made("/v1/patients", anybody(birth_date="1940-03-14"))
    return await teamed(care, await care.enrolment(patient["id"], template="isolated-elderly", criteria=ALONE), team)


async def raise_no_news(http: httpx.AsyncClient, enrolment: dict[str, Any], code: str = "no-news") -> httpx.Response:
    path, key = f"/v1/enrolments/{enrolment['id']}/alerts", {"Idempotency-Key": str(uuid4())}
    return await http.post(path, json={"code": code}, headers=key)


async def test_a_professional_raises_an_alert_that_goes_on_until_somebody_takes_it(care: Care) -> None:
    enrolment = await isolated(care, TEAM)
    raised = await care.made(f"/v1/enrolments/{enrolment['id']}/alerts", NO_NEWS)
    assert (raised["merged"], raised["asked_now"]) == (False, NURSE)
    (alarm,) = await alarms(care, enrolment)
    assert (alarm["id"], alarm["source"], alarm["code"]) == (raised["alarm_id"], "professional", "no-news")
    again = await care.made(f"/v1/enrolments/{enrolment['id']}/alerts", NO_NEWS)
    assert (again["merged"], again["alarm_id"]) == (True, raised["alarm_id"])
    assert [await later(care, minutes=479), await later(care, minutes=2)] == [0, 1]
    assert (await alarms(care, enrolment))[0]["unanswered_at"] is not None
    async with person(care, NURSE) as nurse, person(care, STRANGER) as stranger:
        assert [await take(stranger, alarm), await take(nurse, alarm), await take(nurse, alarm)] == [403, 200, 409]
    told = [(it["rpps"], it["source"], it["code"]) for it in await care.told(AlarmRaised)]
    assert told == [(NURSE, "professional", "no-news")]
    assert [(it["rpps"], it["reason"]) for it in await care.told(AlarmEscalated)] == [(None, "nobody_left")]
    assert len(await care.told(AlarmAcknowledged)) == 1
    moments = (await care.get(f"/v1/patients/{enrolment['patient_id']}/timeline"))["items"]
    assert {"alarm_raised", "alarm_unanswered", "alarm_acknowledged"} <= {it["kind"] for it in moments}


async def test_whoever_raises_an_alert_is_not_asked_about_it(care: Care) -> None:
    enrolment = await isolated(care, TEAM)
    about = {"sub": "nurse-7", "rpps": NURSE, "role": "care"}
    async with care.connect(WRITE, **about) as nurse:
        raised = await raise_no_news(nurse, enrolment)
    assert raised.status_code == 201, raised.text
    # Nobody else has a role that the alert names: everybody else of the team is asked.
    assert raised.json()["asked_now"] in (HOSPITAL, DOCTOR)
    (order,) = [it["turns"] for it in await rows(care, "SELECT turns FROM alarm")]
    assert sorted(order) == [HOSPITAL, DOCTOR]


async def rows(care: Care, sql: str) -> list[Any]:
    async with care.runtime.system.work(NATIONAL) as work:
        return list(await work.fetch(sql))


async def test_the_same_alert_raised_at_once_is_one_alarm(care: Care) -> None:
    enrolment = await isolated(care, TEAM)
    answers = await asyncio.gather(*(raise_no_news(care.http, enrolment) for _ in range(6)))
    assert sorted(it.json()["merged"] for it in answers) == [False] + [True] * 5
    assert [it["messages"] for it in await alarms(care, enrolment)] == [6]
    assert len(await care.told(AlarmRaised)) == 1


async def test_what_is_no_alert_of_professionals_is_refused(care: Care) -> None:
    lung = await teamed(care, await care.enrolment(), TEAM)
    enrolment = await isolated(care, {})
    async with (
        care.connect(READ, sub="nurse-1", role="care") as reader,
        care.connect(WRITE, sub="nurse-1", role="care", territory=OTHER) as elsewhere,
    ):
        answers = [
            await raise_no_news(care.http, lung),
            await raise_no_news(care.http, lung, "intercurrent-event"),
            await raise_no_news(care.http, enrolment, "a b"),
            await raise_no_news(care.http, {"id": str(uuid4())}),
            await raise_no_news(reader, enrolment),
            await raise_no_news(elsewhere, enrolment),
        ]
    await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "patient_moved"}, 200)
    answers.append(await raise_no_news(care.http, enrolment))
    assert [(it.status_code, it.json()["code"]) for it in answers] == [
        (422, "code_unknown"),
        (422, "code_unknown"),
        (422, "invalid_input"),
        (404, "enrolment_unknown"),
        (403, "scope_missing"),
        (404, "enrolment_unknown"),
        (409, "enrolment_closed"),
    ]
    assert answers[0].json()["errors"][0]["field"] == "code"
    assert await care.count("alarm") == 0
