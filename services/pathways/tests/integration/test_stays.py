"""Hospitals tell of emergency visits and stays: matched without telling who is followed, steps follow a discharge."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from enrolling import CAMILLE, CONSENT, NOW, OTHER, TEAM, Care, anybody, step
from stays import CHIRC, ELSEWHERE, HOME, WHO, enrolled, hospital, stays_of, tell

from contracts.coordination import StayCancelled, StayEnded, StayRecorded
from contracts.envelope import NATIONAL
from contracts.pathways import EnrolmentResumed, StepReopened


async def test_a_discharge_gives_the_steps_that_wait_for_it_their_days(care: Care) -> None:
    enrolment = await enrolled(care)
    assert step(enrolment, "discharge-nurse")["state"] == "not_needed"
    async with hospital(care) as http:
        assert (await tell(http, "1")).json()["outcome"] == "added"
        before = await care.get(f"/v1/enrolments/{enrolment['id']}")
        assert step(before, "discharge-nurse")["state"] == "not_needed"
        left = (await tell(http, "2", **HOME)).json()
        again = (await tell(http, "3", **HOME)).json()
    assert (left["outcome"], again["outcome"], again["stay_id"]) == ("changed", "unchanged", left["stay_id"])
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    nurse, doctor = step(after, "discharge-nurse"), step(after, "discharge-doctor")
    assert (nurse["state"], nurse["from_on"], nurse["due_on"]) == ("planned", "2026-11-23", "2026-11-30")
    assert (doctor["due_on"], after["dates"]["discharge"]) == ("2026-12-07", "2026-11-23")
    (stay,) = await stays_of(care, enrolment["patient_id"])
    assert (stay["left_on"], stay["readmission"], stay["finess"]) == ("2026-11-23", False, CHIRC)
    recorded, ended = await care.told(StayRecorded), await care.told(StayEnded)
    assert (len(recorded), len(ended), ended[0]["days"]) == (2, 1, 13)
    assert recorded[0]["patient"] not in (None, enrolment["patient_id"])


async def test_a_second_discharge_asks_for_the_steps_anew(care: Care) -> None:
    enrolment = await enrolled(care)
    async with hospital(care) as http:
        await tell(http, "1", left_on="2026-11-12", destination="home")
        found = await care.get(f"/v1/enrolments/{enrolment['id']}")
        nurse = step(found, "discharge-nurse")["id"]
        await care.made(f"/v1/steps/{nurse}/done", {"done_at": "2026-11-14T09:00:00Z"}, 200)
        await tell(http, "2", number="S-2", arrived_on="2026-11-20", **HOME)
        after = step(await care.get(f"/v1/enrolments/{enrolment['id']}"), "discharge-nurse")
        assert (after["state"], after["due_on"]) == ("planned", "2026-11-30")
        # An older stay that is told late moves nothing.
        await tell(http, "3", number="S-0", arrived_on="2026-11-09", left_on="2026-11-09", destination="home")
        assert step(await care.get(f"/v1/enrolments/{enrolment['id']}"), "discharge-nurse") == after
        await tell(http, "4", number="S-2", arrived_on="2026-11-20", cancelled=True, **HOME)
    cancelled = step(await care.get(f"/v1/enrolments/{enrolment['id']}"), "discharge-nurse")
    assert cancelled["due_on"] == "2026-11-19"
    assert [it["step"] for it in await care.told(StepReopened)] == ["discharge-nurse"]
    assert len(await care.told(StayCancelled)) == 1


async def test_a_stay_soon_after_another_is_a_readmission_in_whatever_order_they_are_told(care: Care) -> None:
    enrolment = await enrolled(care, started_on="2026-09-01", consent=CONSENT | {"given_on": "2026-09-01"})
    async with hospital(care) as http, hospital(care, ELSEWHERE) as other:
        await tell(other, "1", number="late", arrived_on="2026-11-20")
        assert [it["readmission"] for it in await stays_of(care, enrolment["patient_id"])] == [False]
        await tell(http, "2", number="first", arrived_on="2026-10-20", left_on="2026-10-25", destination="home")
        await tell(http, "3", number="far", arrived_on="2026-09-01", left_on="2026-09-02", destination="home")
        await tell(http, "4", number="ed", kind="ed_visit", entry=None, arrived_on="2026-11-20")
        told = await stays_of(care, enrolment["patient_id"])
        known = {it["arrived_on"]: it["readmission"] for it in told if it["kind"] == "stay"}
        assert known == {"2026-09-01": False, "2026-10-20": False, "2026-11-20": True}
        moved = {"left_on": "2026-10-25", "destination": "transfer"}
        await tell(http, "5", number="first", arrived_on="2026-10-20", **moved)
    known = {it["arrived_on"]: it["readmission"] for it in await stays_of(care, enrolment["patient_id"])}
    assert known["2026-11-20"] is False


async def test_a_hospital_does_not_learn_who_is_followed(care: Care) -> None:
    enrolment = await enrolled(care)
    stranger = {name: anybody(7)[name] for name in WHO}
    async with hospital(care) as http:
        ours = (await tell(http, "1", **HOME)).json()
        theirs = (await tell(http, "2", number="S-9", **HOME, **stranger)).json()
        assert {**ours, "stay_id": ""} == {**theirs, "stay_id": ""}
        assert (ours["followed"], ours["town_contact"]["phone"]) == (False, "+33199000035")
        member = {"account": f"hospital-{CHIRC}", "role": "hospital-team", "basis": "care_team"}
        path = f"/v1/patients/{enrolment['patient_id']}/team"
        await care.made(path, member | {"informed_on": "2026-11-20"})
        await care.made(path, {"rpps": "99000000093", "role": "regular-doctor"})
        told = (await tell(http, "3", **HOME)).json()
    assert (told["followed"], told["town_contact"]["rpps"]) == (True, "99000000093")
    assert told["town_contact"]["role"] == "regular-doctor"


async def test_of_whom_nobody_follows_nothing_is_kept_that_leads_to_them(care: Care) -> None:
    patient = await care.patient()
    async with hospital(care) as http:
        await tell(http, "1", **HOME)
        async with care.runtime.system.work(NATIONAL) as work:
            (row,) = await work.fetch("SELECT * FROM stay")
            changes = await work.fetch("SELECT * FROM change WHERE entity = 'stay'")
            text = str([dict(it) for it in (row, *changes)])
        assert (row["patient_id"], row["readmission"]) == (None, None)
        assert not any(trait in text for trait in ("S-1", "Exemplaire", "Camille", "1957"))
        assert (await care.told(StayRecorded))[0]["patient"] is None
        enrolment = await enrolled(care, patient_id=patient["id"])
        # The same file again after the enrolment: whose it is is known now, and the hospital sees no change.
        assert (await tell(http, "2", **HOME)).json()["outcome"] == "unchanged"
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert (len(await stays_of(care, patient["id"])), after["dates"]["discharge"]) == (1, "2026-11-23")


async def restrict(care: Care, patient_id: str, enrolment_id: str) -> None:
    answer = await care.post(f"/v1/patients/{patient_id}/restriction", {"reason": "legal_claim"})
    assert answer.status_code == 204, answer.text


async def object_to_all(care: Care, patient_id: str, enrolment_id: str) -> None:
    body = {"against": "everybody", "made_on": "2026-11-23", "channel": "oral"}
    await care.made(f"/v1/patients/{patient_id}/objections", body)


async def leave(care: Care, patient_id: str, enrolment_id: str) -> None:
    await care.made(f"/v1/enrolments/{enrolment_id}/leave", {"reason": "patient_moved"}, 200)


@pytest.mark.parametrize("end", [restrict, object_to_all, leave])
async def test_who_is_not_to_be_followed_is_not_matched(care: Care, end: Any) -> None:
    enrolment = await enrolled(care)
    await end(care, enrolment["patient_id"], enrolment["id"])
    async with hospital(care) as http:
        assert (await tell(http, "1", **HOME)).status_code == 200
    async with care.runtime.system.work(NATIONAL) as work:
        assert await work.fetchval("SELECT patient_id FROM stay") is None


async def test_an_ins_that_was_checked_is_enough(care: Care) -> None:
    enrolment = await enrolled(care)
    told = {"ins": CAMILLE["ins"], "identity_status": "qualified", "family_name": "Dupré", "given_name": "Cam"}
    async with hospital(care) as http:
        await tell(http, "1", **told)
        # The same name with another identifier is somebody else.
        other = {"ins": "157033523600143", "identity_status": "qualified"}
        assert (await tell(http, "2", number="S-2", **other)).status_code == 200
    assert len(await stays_of(care, enrolment["patient_id"])) == 1


REFUSED: tuple[tuple[dict[str, Any], str, str | None], ...] = (
    ({"motive": "flu"}, "motive", "code_unknown"),
    ({"left_on": "2026-11-09", "destination": "home"}, "left_on", "dates_out_of_order"),
    ({"left_on": "2026-11-24", "destination": "home"}, "left_on", "day_in_future"),
    ({"arrived_on": "2026-11-24"}, "arrived_on", "day_implausible"),
    ({"entry": None}, "entry", "entry_misplaced"),
    ({"left_on": "2026-11-23"}, "destination", "destination_misplaced"),
    ({"left_on": "2026-11-23", "destination": "moon"}, "destination", "code_unknown"),
    ({"ins": "257033523600191", "identity_status": "qualified"}, "ins", "ins_malformed"),
    ({"ins": CAMILLE["ins"]}, "ins", "ins_malformed"),
    ({"number": "a b"}, "number", None),
    ({"family_name": "Nul\x00"}, "family_name", None),
)


async def test_dates_out_of_order_and_what_else_does_not_fit_are_refused(care: Care) -> None:
    async with hospital(care) as http:
        for key, (changes, field, code) in enumerate(REFUSED):
            answer = await tell(http, str(key), **changes)
            assert answer.status_code == 422, answer.text
            assert field in answer.json()["errors"][0]["field"], answer.text
            assert code in (None, answer.json()["code"])
    assert await care.count("stay") == 0


async def test_a_token_without_establishment_is_refused(care: Care) -> None:
    for organisation in (None, "CHIRC", "35000002"):
        async with hospital(care, organisation) as http:
            answers = [await tell(http, "1"), await http.get("/v1/stay-imports")]
        assert {(it.status_code, it.json()["code"]) for it in answers} == {(403, "establishment_unknown")}


async def test_the_same_stay_told_at_once_is_one(care: Care) -> None:
    await enrolled(care)
    async with hospital(care) as http:
        answers = await asyncio.gather(*(tell(http, str(key), **HOME) for key in range(8)))
    assert sorted(it.json()["outcome"] for it in answers) == ["added"] + ["unchanged"] * 7
    assert (await care.count("stay"), len(await care.told(StayEnded))) == (1, 1)


async def test_only_the_care_team_reads_stays_and_sees_who_told_them(care: Care) -> None:
    enrolment = await enrolled(care)
    patient = enrolment["patient_id"]
    async with hospital(care) as http:
        await tell(http, "1", **HOME)
        assert (await http.get(f"/v1/patients/{patient}/stays")).json()["code"] == "scope_missing"
    async with care.connect("pathways:read", TEAM, sub="coordinator", role="coordinator") as http:
        assert (await http.get(f"/v1/patients/{patient}/stays")).json()["code"] == "access_refused"
    async with care.connect("pathways:read", territory=OTHER) as http:
        assert (await http.get(f"/v1/patients/{patient}/stays")).status_code == 404
    assert len(await stays_of(care, patient)) == 1
    before = (await care.get(f"/v1/patients/{patient}/stays", at="2026-11-22"))["items"]
    assert (before, NOW.day) == ([], 23)
    accesses = (await care.get(f"/v1/patients/{patient}/accesses"))["items"]
    assert ("record_stay", f"hospital-{CHIRC}") in {(it["action"], it["subject"]) for it in accesses}


async def paused(care: Care, reason: str) -> str:
    """A pathway that rests from today on for a month."""
    enrolment = await enrolled(care)
    await care.made(f"/v1/enrolments/{enrolment['id']}/pause", {"reason": reason, "until_on": "2026-12-23"}, 200)
    return f"/v1/enrolments/{enrolment['id']}"


async def test_a_discharge_ends_the_pause_for_the_stay_and_dates_the_steps(care: Care) -> None:
    path = await paused(care, "hospital_stay")
    care.clock.advance(timedelta(days=5))
    async with hospital(care) as http:
        await tell(http, "1")
        assert (await care.get(path))["state"] == "paused"
        await tell(http, "2", left_on="2026-11-27", destination="home")
        after = await care.get(path)
        again = (await tell(http, "3", left_on="2026-11-27", destination="home")).json()
    nurse = step(after, "discharge-nurse")
    assert (after["state"], nurse["state"], nurse["from_on"]) == ("active", "planned", "2026-11-27")
    assert [told["resumed_on"] for told in await care.told(EnrolmentResumed)] == ["2026-11-27"]
    assert again["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("reason", "left", "back"),
    [
        ("away", HOME, False),
        ("hospital_stay", HOME | {"left_on": "2026-11-22"}, False),
        ("hospital_stay", HOME | {"destination": "rehabilitation"}, False),
        ("hospital_stay", HOME, True),
    ],
    ids=["another reason", "before the pause", "not home", "back at the hospital"],
)
async def test_a_pause_for_something_else_goes_on(care: Care, reason: str, left: dict[str, str], back: bool) -> None:
    path = await paused(care, reason)
    async with hospital(care) as http:
        if back:
            await tell(http, "1", number="S-2", arrived_on="2026-11-23")
        assert (await tell(http, "2", **left)).status_code == 200
    assert (await care.get(path))["state"] == "paused"
