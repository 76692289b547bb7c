"""The search of a médecin traitant: who comes first, who is asked, one doctor at a time, no place given twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from activities import Desk
from enrolling import NOW, OTHER, READ, TEAM, Care, anybody, event_of, step

from contracts.directory import AcceptanceDeclared, Activity, ProfessionalUpdated
from contracts.doctor_search import DoctorProposalAnswered, DoctorSearchClosed, DoctorSearchOpened
from contracts.envelope import NATIONAL
from contracts.pathways import StepDone
from pathways.consumers.on_doctor import on_acceptance, on_professional
from pathways.usecases.propose_doctor import lapse_proposals

SEEK, PLACE, ANSWER = "searches:write", "searches:manage", "searches:answer"
NEAR, FAR, FULL = "99000000016", "99000000024", "99000000032"
REDON, ALLAIRE, RENNES = "35236", "56001", "35238"


async def practises(care: Care, rpps: str, commune: str, version: int = 1, **about: Any) -> None:
    """The directory tells where a general practitioner practises."""
    person: dict[str, Any] = {
        "family_name": "Exemple",
        "given_name": "Dominique",
        "profession": "10",
        "skills": ("SM54",),
        "specialties": ("general-practice",),
        "activities": (Activity(commune=commune, mode="L"),),
        "listed": True,
    }
    event = event_of(ProfessionalUpdated(rpps=rpps, **person | about), version, territory=NATIONAL)
    async with care.runtime.system.work(NATIONAL) as work:
        await on_professional(event, work)


async def accepts(care: Care, rpps: str, version: int = 1, **said: Any) -> None:
    """The directory tells what a doctor said."""
    usual: dict[str, Any] = {"accepts": True, "capacity": 2, "patients": (), "valid_until": date(2027, 3, 1)}
    payload = AcceptanceDeclared(rpps=rpps, source="self", **usual | said)
    async with care.runtime.system.work("pays-de-redon") as work:
        await on_acceptance(event_of(payload, version), work)


async def doctors(care: Care) -> None:
    """Two who can be asked, one nearer than the other, and one who is full."""
    for rpps, commune in ((NEAR, REDON), (FAR, ALLAIRE), (FULL, REDON)):
        await practises(care, rpps, commune)
        await accepts(care, rpps, capacity=0 if rpps == FULL else 2)


@asynccontextmanager
async def desk(care: Care, **claims: Any) -> AsyncIterator[Desk]:
    about = {"role": "coordinator", "sub": "coordinator"} | claims
    async with care.connect(SEEK, PLACE, ANSWER, READ, TEAM, **about) as http:
        http.event_hooks["request"] = care.http.event_hooks["request"]
        yield Desk(http)


def doctor(care: Care, rpps: str = NEAR) -> Any:
    return desk(care, role="practitioner", sub=f"p-{rpps}", rpps=rpps)


async def searched(care: Care, coordinator: Desk, number: int = 1, criteria: tuple[str, ...] = (), **about: Any) -> Any:
    patient = await care.made("/v1/patients", anybody(number, **about))
    body = {"patient_id": patient["id"], "criteria": list(criteria)}
    return await coordinator.made("/v1/doctor-searches", body)


async def test_the_waiting_list_goes_by_priority_then_by_age(care: Care) -> None:
    async with desk(care) as coordinator:
        plain = await searched(care, coordinator, 1, birth_date="1990-03-14")
        care.clock.advance(timedelta(days=2))
        old = await searched(care, coordinator, 2, birth_date="1950-03-14")
        ill = await searched(care, coordinator, 3, ("ald",))
        first = await searched(care, coordinator, 4, ("precarity", "css"))
        assert [it["priority"] for it in (plain, old, ill, first)] == [3, 2, 1, 1]
        assert (old["criteria"], first["criteria"]) == (["age-70"], ["css", "precarity"])
        page = await coordinator.get("/v1/doctor-searches", limit=2)
        rest = await coordinator.get("/v1/doctor-searches", limit=2, cursor=page["next"])
        found = [*page["items"], *rest["items"]]
        assert [it["id"] for it in found] == [it["id"] for it in (ill, first, old, plain)]
        assert (found[3]["days"], rest["next"]) == (2, None)
        before = await coordinator.get("/v1/doctor-searches", at="2026-11-23T12:00:00Z")
        assert [it["id"] for it in before["items"]] == [plain["id"]]
        again = await coordinator.post("/v1/doctor-searches", {"patient_id": old["patient_id"]})
        assert (again.status_code, again.json()["code"]) == (409, "search_open")
        assert again.json()["search_id"] == old["id"]
    told = (await care.told(DoctorSearchOpened))[1]
    assert told == {"search_id": old["id"], "department": "35", "priority": 2, "age_band": "70-79"}


async def test_candidates_are_ordered_with_reasons(care: Care) -> None:
    await doctors(care)
    for number, (commune, said) in enumerate(
        [
            (REDON, {"accepts": False, "capacity": None}),
            (REDON, {"valid_until": date(2026, 11, 22)}),
            (REDON, {"patients": ("ald", "children")}),
            (RENNES, {}),
        ]
    ):
        await practises(care, f"9900000010{number}", commune)
        await accepts(care, f"9900000010{number}", **said)
    await practises(care, "99000000199", REDON, specialties=("cardiology",))
    await accepts(care, "99000000199")
    await accepts(care, FAR, 3, capacity=None)
    await accepts(care, FAR, 2, accepts=False, capacity=None)
    async with desk(care) as coordinator:
        search = await searched(care, coordinator)
        objection = {"against": f"rpps:{NEAR}", "made_on": "2026-11-23", "channel": "oral"}
        path = f"/v1/doctor-searches/{search['id']}/doctors"
        found = {it["rpps"]: it for it in (await coordinator.get(path))["items"]}
        order = [it["rpps"] for it in (await coordinator.get(path))["items"] if it["fits"]]
        assert order == [NEAR, FAR]
        assert (found[NEAR]["km"], found[NEAR]["reasons"]) == (0, ["near", "takes_such_patients", "place_left"])
        assert 0 < found[FAR]["km"] < 15
        why = {rpps: it["reasons"] for rpps, it in found.items() if not it["fits"]}
        assert why == {
            FULL: ["no_place_left"],
            "99000000100": ["does_not_accept"],
            "99000000101": ["statement_lapsed"],
            "99000000102": ["takes_other_patients"],
            "99000000103": ["too_far"],
        }
        await care.made(f"/v1/patients/{search['patient_id']}/objections", objection)
        found = {it["rpps"]: it["reasons"] for it in (await coordinator.get(path))["items"]}
        assert found[NEAR] == ["patient_objects"]


async def test_a_doctor_sees_the_least_until_they_accept(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, doctor(care) as gp, doctor(care, FAR) as other:
        search = await searched(care, coordinator, criteria=("ald",))
        proposal = await coordinator.made(f"/v1/doctor-searches/{search['id']}/proposals", {})
        assert proposal["rpps"] == NEAR
        (seen,) = (await gp.get("/v1/doctor-proposals"))["items"]
        assert (seen["age_band"], seen["commune"], seen["ald"], seen["patient_id"]) == ("60-69", REDON, True, None)
        assert not {"family_name", "criteria"} & seen.keys()
        assert (await other.get("/v1/doctor-proposals"))["items"] == []
        path = f"/v1/doctor-proposals/{proposal['id']}/accept"
        assert (await other.post(path)).json()["code"] == "not_your_proposal"
        assert (await gp.http.get(f"/v1/patients/{search['patient_id']}")).status_code == 403
        care.clock.advance(timedelta(days=1))
        accepted = await gp.made(path, status=200)
        assert accepted["patient_id"] == search["patient_id"]
        assert (await gp.http.get(f"/v1/patients/{search['patient_id']}")).status_code == 200
        assert (await gp.post(path)).json()["code"] == "proposal_over"
        closed = await coordinator.get(f"/v1/doctor-searches/{search['id']}")
        assert (closed["state"], closed["outcome"], closed["doctor"], closed["days"]) == ("closed", "placed", NEAR, 1)
        figures = await coordinator.get("/v1/doctor-searches/figures", first="2026-11-01", last="2026-11-30")
        (line,) = figures["items"]
        assert (line["placed"], line["waiting"], round(line["median_days"], 3)) == (1, 0, 1)
    (told,) = await care.told(DoctorSearchClosed)
    assert (told["outcome"], told["days"], told["proposals"], told["department"]) == ("placed", 1, 1, "35")
    assert search["patient_id"] not in str(await care.outbox())


async def test_after_a_refusal_or_a_silence_the_next_one_is_asked(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, doctor(care) as gp:
        search = await searched(care, coordinator)
        path = f"/v1/doctor-searches/{search['id']}"
        first = await coordinator.made(f"{path}/proposals", {})
        assert (await coordinator.post(f"{path}/proposals", {})).json()["code"] == "proposal_open"
        await gp.made(f"/v1/doctor-proposals/{first['id']}/refuse", {"reason": "no_place_left"}, 200)
        second = (await coordinator.get(path))["proposals"][1]
        assert (second["rpps"], second["state"]) == (FAR, "open")
        matching = care.runtime.extras["matching"]
        for hours, lapsed in ((71, 0), (2, 1), (100, 0)):
            care.clock.advance(timedelta(hours=hours))
            async with care.runtime.system.work(NATIONAL) as work:
                assert await lapse_proposals(work, matching, 10) == lapsed
        waiting = await coordinator.get(path)
        assert (waiting["state"], [it["state"] for it in waiting["proposals"]]) == ("waiting", ["refused", "lapsed"])
        assert (await coordinator.post(f"{path}/proposals", {})).json()["code"] == "no_doctor"
        named = await coordinator.post(f"{path}/proposals", {"rpps": NEAR})
        assert (named.json()["code"], named.json()["reasons"]) == ("doctor_not_fitting", ["asked_before"])
        await coordinator.made(f"{path}/close", {"outcome": "found_elsewhere"}, 200)
        for more in ("proposals", "close"):
            body = {"outcome": "other"} if more == "close" else {}
            assert (await coordinator.post(f"{path}/{more}", body)).json()["code"] == "search_closed"
    answers = [(it["answer"], it["reason"]) for it in await care.told(DoctorProposalAnswered)]
    assert answers == [("refused", "no_place_left"), ("lapsed", None)]


async def test_an_open_proposal_is_withdrawn_with_its_search_and_answered_too_late(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, doctor(care) as gp:
        search = await searched(care, coordinator)
        path = f"/v1/doctor-searches/{search['id']}"
        proposal = await coordinator.made(f"{path}/proposals", {})
        await coordinator.made(f"{path}/close", {"outcome": "patient_withdrew"}, 200)
        answer = await gp.post(f"/v1/doctor-proposals/{proposal['id']}/refuse", {"reason": "other"})
        assert (answer.status_code, answer.json()["state"]) == (409, "withdrawn")
        late = await searched(care, coordinator, 2)
        proposal = await coordinator.made(f"/v1/doctor-searches/{late['id']}/proposals", {})
        care.clock.advance(timedelta(hours=72))
        assert (await gp.post(f"/v1/doctor-proposals/{proposal['id']}/accept")).json()["code"] == "proposal_over"


async def test_the_last_place_is_proposed_once(care: Care) -> None:
    """One place left, six searches at once."""
    await practises(care, NEAR, REDON)
    await accepts(care, NEAR, capacity=1)
    async with desk(care) as coordinator:
        searches = [await searched(care, coordinator, number) for number in range(1, 7)]
        paths = [f"/v1/doctor-searches/{it['id']}/proposals" for it in searches]
        answers = await asyncio.gather(*(coordinator.post(path, {}) for path in paths))
        assert sorted(it.status_code for it in answers) == [201, 409, 409, 409, 409, 409]
        assert {it.json().get("code") for it in answers} == {None, "no_doctor"}
        again = await asyncio.gather(*(coordinator.post(path, {}) for path in paths))
        assert {it.json()["code"] for it in again} == {"no_doctor", "proposal_open"}
        await accepts(care, NEAR, 2, capacity=2)
        answers = await asyncio.gather(*(coordinator.post(path, {}) for path in paths))
        assert [it.status_code for it in answers].count(201) == 1


async def test_one_search_is_proposed_once_by_two_desks(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator:
        search = await searched(care, coordinator)
        path = f"/v1/doctor-searches/{search['id']}/proposals"
        answers = await asyncio.gather(*(coordinator.post(path, {}) for _ in range(4)))
        assert sorted(it.status_code for it in answers) == [201, 409, 409, 409]


async def test_whoever_is_not_concerned_is_refused(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, desk(care, role="care", sub="somebody") as outsider:
        search = await searched(care, coordinator)
        path = f"/v1/doctor-searches/{search['id']}"
        proposal = await coordinator.made(f"{path}/proposals", {})
        for more in ("", "/doctors"):
            assert (await outsider.http.get(path + more)).json()["code"] == "access_refused"
        for more, body in (("/proposals", {}), ("/close", {"outcome": "other"})):
            assert (await outsider.post(path + more, body)).json()["code"] == "access_refused"
        new = await outsider.post("/v1/doctor-searches", {"patient_id": search["patient_id"]})
        assert new.json()["code"] == "access_refused"
        assert (await outsider.get("/v1/doctor-proposals", rpps=NEAR))["items"] == []
        unknown = {"patient_id": search["patient_id"], "criteria": ["age-70"]}
        assert (await coordinator.post("/v1/doctor-searches", unknown)).json()["code"] == "criterion_unknown"
        period = {"first": "2026-11-30", "last": "2026-11-01"}
        assert (await coordinator.http.get("/v1/doctor-searches/figures", params=period)).status_code == 422
    async with desk(care, territory=OTHER) as elsewhere:
        assert (await elsewhere.http.get(path)).json()["code"] == "search_unknown"
        refused = await elsewhere.post(f"/v1/doctor-proposals/{proposal['id']}/accept")
        assert refused.json()["code"] == "proposal_unknown"
        assert (await elsewhere.get("/v1/doctor-searches"))["items"] == []


async def test_entries_that_are_put_aside_or_merged_are_searched_for_no_more(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, doctor(care) as gp:
        aside, kept, double = [await searched(care, coordinator, number) for number in (1, 2, 3)]
        proposal = await coordinator.made(f"/v1/doctor-searches/{aside['id']}/proposals", {})
        restriction = await care.post(f"/v1/patients/{aside['patient_id']}/restriction", {"reason": "contested"})
        assert restriction.is_success
        assert (await gp.get("/v1/doctor-proposals"))["items"] == []
        refused = await gp.post(f"/v1/doctor-proposals/{proposal['id']}/accept")
        assert refused.json()["code"] == "patient_restricted"
        merge = await care.post(f"/v1/patients/{kept['patient_id']}/merge", {"other_id": double["patient_id"]})
        assert merge.is_success, merge.text
        assert [it["id"] for it in (await coordinator.get("/v1/doctor-searches"))["items"]] == [kept["id"]]
        closed = await coordinator.get("/v1/doctor-searches", state="closed")
        assert [(it["id"], it["outcome"]) for it in closed["items"]] == [(double["id"], "merged")]


@pytest.mark.parametrize("late", [False, True])
async def test_what_the_directory_tells_late_changes_nothing(care: Care, late: bool) -> None:
    versions = (2, 1) if late else (1, 2)
    for version in versions:
        await practises(care, NEAR, REDON if version == 2 else RENNES, version)
        await accepts(care, NEAR, version, capacity=version)
    async with desk(care) as coordinator:
        search = await searched(care, coordinator)
        (found,) = (await coordinator.get(f"/v1/doctor-searches/{search['id']}/doctors"))["items"]
        assert (found["km"], found["places"], found["fits"]) == (0, 2, True)
        assert care.clock.now() > NOW


async def waits(care: Care, coordinator: Desk, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A patient on the pathway of the search, and the search."""
    search = await searched(care, coordinator, number)
    enrolment = await care.enrolment(search["patient_id"], template="regular-doctor")
    return search, enrolment


def proposed(enrolment: dict[str, Any]) -> dict[str, Any]:
    return step(enrolment, "proposed")


async def test_a_doctor_who_accepts_does_the_step_of_the_pathway_and_dates_the_first_visit(care: Care) -> None:
    await doctors(care)
    async with desk(care) as coordinator, doctor(care) as asked:
        search, enrolment = await waits(care, coordinator, 1)
        path = f"/v1/doctor-searches/{search['id']}/proposals"
        proposal = await coordinator.made(path, {})
        assert proposed(await care.get(f"/v1/enrolments/{enrolment['id']}"))["state"] == "planned"
        care.clock.advance(timedelta(days=1))
        await asked.made(f"/v1/doctor-proposals/{proposal['id']}/accept", {}, 200)
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert (proposed(after)["state"], proposed(after)["proof_ref"]) == ("done", search["id"])
    visit = step(after, "first-visit")
    assert (visit["from_on"], visit["due_on"]) == ("2026-11-24", "2027-01-23")
    assert [told["code"] for told in await care.told(StepDone)] == ["proposed"]


@pytest.mark.parametrize(("outcome", "done"), [("found_elsewhere", True), ("patient_withdrew", False)])
async def test_a_search_that_ends_otherwise_does_it_only_when_a_doctor_was_found(
    care: Care, outcome: str, done: bool
) -> None:
    async with desk(care) as coordinator:
        search, enrolment = await waits(care, coordinator, 1)
        await coordinator.made(f"/v1/doctor-searches/{search['id']}/close", {"outcome": outcome}, 200)
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert (proposed(after)["state"] == "done", step(after, "first-visit")["from_on"] == "2026-11-23") == (done, done)


async def test_a_doctor_accepts_whose_patient_is_on_no_such_pathway_yet(care: Care) -> None:
    """Enrolled from tomorrow on: nothing is done before it begins, and the search is closed all the same."""
    async with desk(care) as coordinator:
        search = await searched(care, coordinator, 1)
        enrolment = await care.enrolment(search["patient_id"], template="regular-doctor", started_on="2026-11-25")
        await coordinator.made(f"/v1/doctor-searches/{search['id']}/close", {"outcome": "found_elsewhere"}, 200)
    assert proposed(await care.get(f"/v1/enrolments/{enrolment['id']}"))["state"] == "planned"
