"""Alarms of telemonitoring: signed, shared by an on-call order, taken by one, never left in silence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from enrolling import OTHER, READ, TEAM, Care
from monitoring import Platform, monitored
from prometheus_client import REGISTRY

from contracts.coordination import AlarmAcknowledged, AlarmClosed, AlarmEscalated, AlarmRaised
from contracts.envelope import NATIONAL
from pathways.usecases.raise_alarm import escalate_alarms, forget_messages

FIRST, SECOND, THIRD = "99000000016", "99000000024", "99000000032"


@dataclass
class Ward:
    """A monitored patient, the coordination and the platform."""

    care: Care
    desk: httpx.AsyncClient
    platform: Platform
    patient: str
    enrolment: str

    async def tick(self, **later: float) -> int:
        self.care.clock.advance(timedelta(**later))
        async with self.care.runtime.system.work(NATIONAL) as work:
            return await escalate_alarms(work, 100)

    async def alarms(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.care.get(f"/v1/patients/{self.patient}/alarms"))["items"]
        return found

    @asynccontextmanager
    async def person(self, rpps: str, *scopes: str, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
        about = {"sub": f"sub-{rpps}", "rpps": rpps, "role": "practitioner"} | claims
        async with self.care.connect("alarms:answer", *scopes, **about) as http:
            yield http


@pytest_asyncio.fixture
async def ward(care: Care) -> AsyncIterator[Ward]:
    enrolment = await care.enrolment(template="heart-failure")
    scopes = ("duties:write", "duties:read", "advice:write")
    async with care.connect(*scopes, sub="coordinator", role="coordinator") as desk:
        platform = await monitored(care, desk, enrolment["id"], (FIRST, SECOND, THIRD))
        yield Ward(care, desk, platform, enrolment["patient_id"], enrolment["id"])


async def post(http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return await http.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})


def codes(*answers: httpx.Response) -> list[tuple[int, str]]:
    return [(it.status_code, it.json()["code"] if it.status_code >= 400 else "") for it in answers]


async def test_an_alarm_goes_from_one_to_the_next_until_somebody_takes_it(ward: Ward) -> None:
    assert (await ward.platform.send(episode="e-1")).json() == {"merged": False}
    assert (await ward.platform.send(episode="e-1")).json() == {"merged": True}
    away = {"rpps": SECOND, "from_on": "2026-11-23", "until_on": "2026-11-23"}
    assert (await post(ward.desk, "/v1/duty-absences", away)).status_code == 201
    assert [await ward.tick(minutes=119), await ward.tick(minutes=1), await ward.tick()] == [0, 1, 0]
    (alarm,) = await ward.alarms()
    assert (alarm["asked_now"], alarm["turn"], alarm["messages"]) == (THIRD, 2, 2)
    path = f"/v1/alarms/{alarm['id']}"
    async with ward.person(FIRST) as first, ward.person(THIRD) as third, ward.person("99000000093") as outsider:
        assert [it["id"] for it in (await third.get("/v1/alarms", params={"state": "raised"})).json()["items"]] == [
            alarm["id"]
        ]
        assert (await first.get("/v1/alarms")).json()["items"] == []
        refused = [await outsider.get(path), await post(outsider, f"{path}/acknowledge")]
        assert codes(*refused) == [(403, "access_refused")] * 2
        assert codes(await post(third, f"{path}/close", {"outcome": "visit"})) == [(409, "alarm_open")]
        taken = (await post(third, f"{path}/acknowledge")).json()
        assert codes(await post(first, f"{path}/acknowledge")) == [(409, "alarm_taken")]
        closed = await post(third, f"{path}/close", {"outcome": "treatment_changed"})
        assert codes(closed, await post(third, f"{path}/close", {"outcome": "other"})) == [
            (200, ""),
            (409, "alarm_closed"),
        ]
    assert [(it["rpps"], it["reason"]) for it in taken["handovers"]] == [
        (FIRST, "raised"),
        (THIRD, "unanswered"),
        (THIRD, "acknowledged"),
    ]
    assert await ward.tick(days=2) == 0
    assert [it["rpps"] for it in await ward.care.told(AlarmRaised)] == [FIRST]
    assert [it["minutes"] for it in await ward.care.told(AlarmAcknowledged)] == [120]
    assert [it["outcome"] for it in await ward.care.told(AlarmClosed)] == ["treatment_changed"]
    # Once it is closed, the same episode is a new alarm.
    assert (await ward.platform.send(episode="e-1")).json() == {"merged": False}


async def test_nobody_answers_and_that_is_told(ward: Ward) -> None:
    await ward.platform.send()
    assert [await ward.tick(hours=it) for it in (2, 2, 4, 1)] == [1, 1, 1, 0]
    (alarm,) = await ward.alarms()
    assert (alarm["state"], alarm["unanswered_at"] is not None) == ("raised", True)
    told = [(it["rpps"], it["reason"]) for it in await ward.care.told(AlarmEscalated)]
    assert told == [(SECOND, "unanswered"), (THIRD, "unanswered"), (None, "nobody_left")]
    async with ward.person(FIRST) as first:
        assert (await post(first, f"/v1/alarms/{alarm['id']}/acknowledge")).status_code == 200


async def test_two_people_take_it_at_once_and_one_wins(ward: Ward) -> None:
    await ward.platform.send()
    await ward.tick(hours=2)
    (alarm,) = await ward.alarms()
    path = f"/v1/alarms/{alarm['id']}/acknowledge"
    async with ward.person(FIRST) as first, ward.person(SECOND) as second:
        answers = await asyncio.gather(*(post(http, path) for http in (first, second) * 4))
    assert sorted(it.status_code for it in answers) == [200] + [409] * 7
    assert len(await ward.care.told(AlarmAcknowledged)) == 1


async def test_messages_of_an_episode_at_once_are_one_alarm(ward: Ward) -> None:
    answers = await asyncio.gather(*(ward.platform.send(episode="e-1") for _ in range(8)))
    assert sorted(it.json()["merged"] for it in answers) == [False] + [True] * 7
    assert [it["messages"] for it in await ward.alarms()] == [8]
    assert len(await ward.care.told(AlarmRaised)) == 1


def refused(why: str) -> float:
    found = REGISTRY.get_sample_value("cpts_signed_messages_refused_total", {"use": "telemonitoring", "why": why})
    return found or 0.0


async def test_an_unsigned_alarm_or_one_signed_wrongly_late_or_before_is_refused_and_counted(ward: Ward) -> None:
    platform, elsewhere = ward.platform, "whsec_" + "A" * 43 + "="
    before = {why: refused(why) for why in ("unsigned", "wrong_signature", "out_of_time", "replayed")}
    answers = [
        *[await platform.send({name: ""}) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")],
        await platform.send({"webhook-timestamp": "yesterday"}),
        await platform.send(secret=elsewhere),
        await platform.send({"webhook-timestamp": "1795400000"}),
        await platform.send(late=301),
        await platform.send(late=-301),
    ]
    assert codes(*answers) == [(401, "signature_refused")] * 8
    assert codes(await platform.send({"webhook-id": "m-1"}), await platform.send({"webhook-id": "m-1"})) == [
        (202, ""),
        (409, "message_replayed"),
    ]
    gained = {why: refused(why) - count for why, count in before.items()}
    assert gained == {"unsigned": 4, "wrong_signature": 2, "out_of_time": 2, "replayed": 1}
    nobody = Platform(ward.care, platform.path.replace("pays-de-redon", "atlantis"), platform.secret, platform.ref)
    other = Platform(ward.care, platform.path.replace("pays-de-redon", OTHER), platform.secret, platform.ref)
    assert codes(await nobody.send(), await other.send()) == [(401, "signature_refused")] * 2
    assert len(await ward.alarms()) == 1
    ward.care.clock.advance(timedelta(hours=2))
    async with ward.care.runtime.system.work(NATIONAL) as work:
        assert [await forget_messages(work, 10), await forget_messages(work, 10)] == [1, 0]


async def test_a_secret_is_rotated_without_a_gap_and_a_platform_closed(ward: Ward) -> None:
    platform = ward.platform
    (listed,) = (await ward.desk.get("/v1/alarm-platforms")).json()["items"]
    path = f"/v1/alarm-platforms/{listed['id']}"
    new = (await post(ward.desk, f"{path}/rotate")).json()["secret"]
    assert [(await platform.send()).status_code, (await platform.send(secret=new)).status_code] == [202, 202]
    ward.care.clock.advance(timedelta(hours=24))
    assert [(await platform.send()).status_code, (await platform.send(secret=new)).status_code] == [401, 202]
    closed = [await post(ward.desk, f"{path}/close"), await post(ward.desk, f"{path}/close")]
    assert codes(*closed, await platform.send(secret=new)) == [
        (200, ""),
        (409, "platform_closed"),
        (401, "signature_refused"),
    ]
    assert "secret" not in listed
    async with ward.care.runtime.system.work(NATIONAL) as work:
        history = await work.fetch("SELECT * FROM change WHERE entity = 'alarm_platform'")
    assert "previous_until" in str([dict(it) for it in history])


async def test_what_a_platform_may_say(ward: Ward) -> None:
    platform = ward.platform
    answers = [
        await platform.send(ref=str(uuid4())),
        await platform.send(code="readmission"),
        await platform.send(code="a b"),
        await platform.send(episode="x" * 129),
        await platform.send(more_words="x" * 70_000),
    ]
    assert codes(*answers) == [
        (404, "ref_unknown"),
        (422, "code_unknown"),
        (422, "alarm_malformed"),
        (422, "alarm_malformed"),
        (413, "message_too_large"),
    ]
    same = await ward.care.made(
        f"/v1/enrolments/{ward.enrolment}/alarm-refs", {"platform_id": platform.path.split("~")[1]}, 200
    )
    assert same["ref"] == platform.ref
    await ward.care.made(f"/v1/alarm-refs/{platform.ref}/end", {}, 200)
    again = await ward.care.post(f"/v1/alarm-refs/{platform.ref}/end", {})
    assert codes(again, await platform.send()) == [(409, "ref_ended"), (410, "monitoring_ended")]


async def test_an_objection_counts_for_who_is_asked_and_a_withdrawal_ends_it(ward: Ward) -> None:
    await ward.platform.send()
    (alarm,) = await ward.alarms()
    async with (
        ward.person(FIRST) as first,
        ward.person(FIRST, territory=OTHER) as elsewhere,
        ward.care.connect(READ, TEAM, "alarms:answer", sub="coordinator", role="coordinator") as desk,
    ):
        assert (await first.get(f"/v1/alarms/{alarm['id']}")).status_code == 200
        assert codes(await elsewhere.get(f"/v1/alarms/{alarm['id']}")) == [(404, "alarm_unknown")]
        outside = [await desk.get(f"/v1/patients/{ward.patient}/alarms"), await desk.get(f"/v1/alarms/{alarm['id']}")]
        assert codes(*outside) == [(403, "access_refused")] * 2
        objection = {"against": f"rpps:{FIRST}", "made_on": "2026-11-23", "channel": "oral"}
        await ward.care.made(f"/v1/patients/{ward.patient}/objections", objection)
        assert codes(await post(first, f"/v1/alarms/{alarm['id']}/acknowledge")) == [(403, "access_refused")]
    (consent,) = (await ward.care.get(f"/v1/patients/{ward.patient}/consents"))["consents"]
    await ward.care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, status=200)
    assert codes(await ward.platform.send()) == [(410, "monitoring_ended")]
