"""What desks look at: breaks by gravity and age, one patient's timeline. Nobody sees more there than elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from enrolling import NOW, OTHER, READ, TEAM, Care, anybody, step
from pathway_made import template

from contracts.envelope import NATIONAL
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue

COORDINATOR: dict[str, Any] = {"sub": "coordinator", "role": "coordinator"}
STEPS = (
    {"code": "phone-call", "to_days": 1, "gravity": 3},
    {"code": "first-visit", "to_days": 3, "gravity": 1},
    {"code": "letter", "to_days": 2},
    {"code": "second-visit", "to_days": 2, "gravity": 1},
)
GRAVEST_FIRST = ["second-visit", "first-visit", "letter", "phone-call"]


async def broken(care: Care, number: int = 1, days: int = 9) -> dict[str, Any]:
    """An enrolment of four steps that are all overdue, so many days after it began."""
    templates = care.runtime.extras["catalogue"]["pays-de-redon"]
    consent = {"version": "2026-11", "text": "Oui"}
    templates["followed"] = template(*STEPS, id="followed", consent=consent)
    patient = await care.made("/v1/patients", anybody(number))
    enrolment = await care.enrolment(patient["id"], template="followed")
    care.clock.advance(NOW + timedelta(days=days) - care.clock.now())
    for timer in (raise_due, raise_overdue):
        async with care.runtime.system.work(NATIONAL) as work:
            await timer(work, 50)
    return enrolment


def coded(items: list[dict[str, Any]]) -> list[str]:
    return [item["code"] for item in items]


async def pages(get: Callable[..., Awaitable[Any]], path: str, **params: Any) -> list[dict[str, Any]]:
    """Everything of a list, two at a time."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(path, limit=2, **params, **cursor)
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def test_the_gravest_breaks_come_first_and_of_these_the_oldest(care: Care) -> None:
    await broken(care)
    found = await pages(care.get, "/v1/breaks")
    assert coded(found) == GRAVEST_FIRST
    assert [(it["gravity"], it["days_late"]) for it in found] == [(1, 7), (1, 6), (2, 7), (3, 8)]
    oldest = await pages(care.get, "/v1/breaks", order="age")
    assert [it["days_late"] for it in oldest] == [8, 7, 7, 6]
    assert coded(oldest)[0] == "phone-call"
    assert {it["template"] for it in found} == {"followed"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"gravity": 1}, {"first-visit", "second-visit"}),
        ({"late_days": 7}, {"phone-call", "letter", "second-visit"}),
        ({"late_days": 8, "role": "nurse"}, {"phone-call"}),
        ({"template": "lung-cancer"}, set()),
        ({"role": "laboratory"}, set()),
        ({"escalated": True}, set()),
        ({"escalated": False, "template": "followed"}, set(GRAVEST_FIRST)),
    ],
)
async def test_breaks_are_filtered(care: Care, wanted: dict[str, Any], found: set[str]) -> None:
    await broken(care)
    assert set(coded(await pages(care.get, "/v1/breaks", **wanted))) == found


async def test_breaks_are_counted_by_gravity_pathway_and_age(care: Care) -> None:
    await broken(care)
    line = {"template": "followed", "escalated": 0, "steps": 1}
    assert (await care.get("/v1/breaks/counts"))["items"] == [
        line | {"gravity": 1, "age": "week", "steps": 2},
        line | {"gravity": 2, "age": "week"},
        line | {"gravity": 3, "age": "month"},
    ]
    care.clock.advance(timedelta(days=23))
    ages = [(it["gravity"], it["age"]) for it in (await care.get("/v1/breaks/counts"))["items"]]
    assert ages == [(1, "month"), (2, "month"), (3, "older")]
    assert (await care.get("/v1/breaks/counts", template="lung-cancer"))["items"] == []


async def test_breaks_from_before_they_said_their_pathway_are_counted_as_well(care: Care) -> None:
    await broken(care)
    counted = (await care.get("/v1/breaks/counts", template="followed"))["items"]
    assert sum(it["steps"] for it in counted) == 4
    async with care.runtime.system.work(NATIONAL) as work:
        assert await work.execute("UPDATE step SET pathway = NULL WHERE pathway = 'followed'") == "UPDATE 4"
    assert (await care.get("/v1/breaks/counts", template="followed"))["items"] == counted


async def test_breaks_and_worklist_show_nothing_to_those_who_may_not_see(care: Care) -> None:
    enrolment = await broken(care)
    lists = ("/v1/breaks", "/v1/breaks/counts", "/v1/steps")

    async def seen(*scopes: str, **claims: Any) -> list[int]:
        async with care.connect(*(scopes or (READ,)), **claims) as http:
            return [len((await http.get(path)).json()["items"]) for path in lists]

    assert await seen(**COORDINATOR) == [4, 3, 4]
    assert await seen(sub="somebody") == [0, 0, 0]
    assert await seen(**COORDINATOR, territory=OTHER) == [0, 0, 0]
    async with care.connect("activities:read") as http:
        assert [(await http.get(path)).status_code for path in lists] == [403, 403, 403]
    objection = {"against": "sub:coordinator", "made_on": "2026-11-23", "channel": "oral"}
    await care.made(f"/v1/patients/{enrolment['patient_id']}/objections", objection)
    assert await seen(**COORDINATOR) == [0, 0, 0]
    assert await seen(sub="coordinator-2", role="coordinator") == [4, 3, 4]


async def test_an_entry_that_is_put_aside_is_on_no_list(care: Care) -> None:
    enrolment, other = await broken(care), await broken(care, 2)
    path = f"/v1/patients/{enrolment['patient_id']}/restriction"
    assert (await care.post(path, {"reason": "contested"})).is_success
    async with care.connect(READ, **COORDINATOR) as http:
        for listed in ("/v1/breaks", "/v1/steps", "/v1/enrolments"):
            items = (await http.get(listed)).json()["items"]
            assert {it.get("enrolment_id", it["id"]) for it in items} == {other["id"]}, listed


async def test_a_bad_cursor_or_filter_is_refused(care: Care) -> None:
    await broken(care)
    by_gravity = (await care.get("/v1/breaks", limit=1))["next"]
    for params in ({"cursor": by_gravity, "order": "age"}, {"gravity": 4}, {"late_days": 0}, {"role": "\x00"}):
        assert (await care.http.get("/v1/breaks", params=params)).status_code == 422, params


async def moments(http: httpx.AsyncClient, patient_id: str, **params: Any) -> list[dict[str, Any]]:
    async def get(path: str, **asked: Any) -> Any:
        answer = await http.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return await pages(get, f"/v1/patients/{patient_id}/timeline", **params)


async def test_the_timeline_has_everything_of_a_patient_the_latest_first(care: Care) -> None:
    enrolment = await broken(care)
    patient = enrolment["patient_id"]
    await care.made(f"/v1/steps/{step(enrolment, 'letter')['id']}/done", {}, 200)
    await care.made(f"/v1/steps/{step(enrolment, 'phone-call')['id']}/skip", {"reason": "other"}, 200)
    await care.made(f"/v1/enrolments/{enrolment['id']}/pause", {"reason": "away", "until_on": "2026-12-20"}, 200)
    member = await care.made(f"/v1/patients/{patient}/team", {"account": "nurse-2", "role": "nurse"})
    await care.made(f"/v1/team-members/{member['id']}/end", {"reason": "left"}, 200)
    objection = {"against": "role:pharmacist", "made_on": "2026-11-25", "channel": "oral"}
    await care.made(f"/v1/patients/{patient}/objections", objection)
    found = await moments(care.http, patient)
    assert [it["at"] for it in found] == sorted((it["at"] for it in found), reverse=True)
    told = {it["kind"] for it in found}
    assert told >= {"enrolled", "consent_given", "member_joined", "member_left", "objection_made", "paused"}
    assert told >= {"step_opened", "step_done", "step_skipped"}
    done = next(it for it in found if it["kind"] == "step_done")
    assert (done["label"], done["enrolment_id"]) == ("letter", enrolment["id"])
    assert next(it for it in found if it["kind"] == "objection_made")["enrolment_id"] is None
    some = await moments(care.http, patient, kind=["enrolled", "paused"])
    assert [it["kind"] for it in some] == ["paused", "enrolled"]
    day = await moments(care.http, patient, since="2026-11-24T23:00:00Z", until="2026-11-25T23:00:00Z")
    assert "objection_made" in {it["kind"] for it in day} <= {"objection_made", "step_overdue", "step_opened"}
    assert await moments(care.http, patient, enrolment_id="00000000-0000-4000-8000-000000000000") == []


async def test_the_timeline_is_recorded_and_narrowed_to_what_one_may_see(care: Care) -> None:
    enrolment = await broken(care)
    patient = enrolment["patient_id"]
    lung = await care.enrolment(patient)
    narrowed = {"account": "nurse-3", "role": "nurse", "enrolment_id": lung["id"]}
    await care.made(f"/v1/patients/{patient}/team", narrowed)
    async with care.connect(READ, sub="nurse-3", role="care") as http:
        found = await moments(http, patient)
        assert {it["enrolment_id"] for it in found if it["kind"].startswith(("step", "enrolled"))} == {lung["id"]}
        assert await moments(http, patient, kind="glass_broken") == []
    seen = (await care.get(f"/v1/patients/{patient}/accesses"))["items"]
    assert ("nurse-3", "timeline", "pathway") in {(it["subject"], it["action"], it["kind"]) for it in seen}
    path = f"/v1/patients/{patient}/timeline"
    async with care.connect(READ, sub="somebody") as http:
        assert (await http.get(path)).json()["code"] == "access_refused"
    async with care.connect(READ, **COORDINATOR, territory=OTHER) as http:
        assert (await http.get(path)).json()["code"] == "patient_unknown"
    async with care.connect(TEAM, **COORDINATOR) as http:
        assert (await http.get(path)).status_code == 403


async def test_a_referent_whose_consent_was_withdrawn_sees_consents_and_no_pathway(care: Care) -> None:
    enrolment = await broken(care)
    patient = enrolment["patient_id"]
    for consent in (await care.get(f"/v1/patients/{patient}/consents"))["consents"]:
        await care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, 200)
    kinds = {it["kind"] for it in await moments(care.http, patient)}
    assert kinds == {"consent_given", "consent_withdrawn", "member_joined"}
