"""Enrolments, their dated steps, and what happens to them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from enrolling import CONSENT, OTHER, READ, WRITE, Care, anybody, step

from contracts.pathways import EnrolmentStarted, StepDone


def asked(enrolment: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that are asked for."""
    return [item for item in enrolment["steps"] if item["state"] != "not_needed"]


def dates(enrolment: dict[str, Any], key: str) -> tuple[str, str]:
    found = step(enrolment, key)
    return found["from_on"], found["due_on"]


async def test_an_enrolment_has_dated_steps(care: Care) -> None:
    patient = await care.patient()
    body = {"patient_id": patient["id"], "template": "lung-cancer", "consent": CONSENT}
    answer = await care.post("/v1/enrolments", body)
    enrolment = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/enrolments/{enrolment['id']}"
    assert (enrolment["state"], enrolment["started_on"]) == ("active", "2026-11-23")
    assert (enrolment["patient_id"], enrolment["patient_ref"]) == (patient["id"], patient["ref"])
    assert len(enrolment["steps"]) == 22
    assert dates(enrolment, "care-team") == ("2026-11-23", "2026-11-26")
    assert step(enrolment, "care-team")["due_at"].replace("Z", "+00:00") == "2026-11-26T23:00:00+00:00"
    assert dates(enrolment, "first-course") == ("2026-11-23", "2026-12-14")
    assert dates(enrolment, "course-2") == ("2027-01-04", "2027-01-31")
    assert {item["key"] for item in enrolment["steps"] if item["state"] != "planned"} == {"home-nurse"}
    assert step(enrolment, "home-nurse")["state"] == "not_needed"
    assert enrolment["consent"]["text_version"] == "2026-11"
    assert enrolment["timeline"][0]["kind"] == "enrolled"
    assert await care.get(f"/v1/enrolments/{enrolment['id']}") == enrolment


async def test_a_sensitive_pathway_tells_the_department_only(care: Care) -> None:
    enrolment = await care.enrolment()
    (told,) = await care.told(EnrolmentStarted)
    assert told.pop("patient") not in (None, enrolment["patient_id"], enrolment["patient_ref"])
    assert [told] == [
        {
            "enrolment_id": enrolment["id"],
            "template": "lung-cancer",
            "template_version": enrolment["template_version"],
            "age_band": "60-69",
            "commune": None,
            "department": "35",
            "started_on": "2026-11-23",
        }
    ]


async def test_another_pathway_tells_the_commune(care: Care) -> None:
    templates = care.runtime.extras["catalogue"]["pays-de-redon"]
    templates["lung-cancer"] = templates["lung-cancer"].model_copy(update={"sensitive": False})
    await care.enrolment()
    told = (await care.told(EnrolmentStarted))[0]
    assert (told["commune"], told["department"]) == ("35236", None)


async def test_a_patient_is_on_a_pathway_once_at_a_time(care: Care) -> None:
    first = await care.enrolment()
    body = {"patient_id": first["patient_id"], "template": "lung-cancer", "consent": CONSENT}
    again = await care.post("/v1/enrolments", body)
    assert (again.status_code, again.json()["code"]) == (409, "already_enrolled")
    assert again.json()["enrolment_id"] == first["id"]
    await care.made(f"/v1/enrolments/{first['id']}/leave", {"reason": "patient_withdrew"}, status=200)
    assert (await care.post("/v1/enrolments", body)).status_code == 201


async def test_of_ten_enrolments_at_once_one_is_made(care: Care) -> None:
    patient = await care.patient()
    body = {"patient_id": patient["id"], "template": "lung-cancer", "consent": CONSENT}
    answers = await asyncio.gather(*(care.post("/v1/enrolments", body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert len(await care.told(EnrolmentStarted)) == 1


async def test_the_same_key_makes_one_enrolment(care: Care) -> None:
    patient = await care.patient()
    body = {"patient_id": patient["id"], "template": "lung-cancer", "consent": CONSENT}
    key = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(care.post("/v1/enrolments", body, **key) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"template": "time-travel"}, "template", "template_unknown"),
        ({"started_on": "2028-01-01"}, "started_on", "started_on_implausible"),
        ({"started_on": "2025-01-01"}, "started_on", "started_on_implausible"),
        ({"consent": {**CONSENT, "given_on": "2026-11-24"}}, "consent.given_on", "consent_in_future"),
        ({"consent": {**CONSENT, "text_version": "2019"}}, "consent.text_version", "consent_text_unknown"),
        ({"consent": {**CONSENT, "channel": "pigeon"}}, "consent.channel", "literal_error"),
        ({"consent": None}, "consent", "model_attributes_type"),
    ],
)
async def test_bad_input_names_its_field(care: Care, changes: dict[str, Any], field: str, code: str) -> None:
    patient = await care.patient()
    body = {"patient_id": patient["id"], "template": "lung-cancer", "consent": CONSENT, **changes}
    answer = await care.post("/v1/enrolments", body)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert await care.count("enrolment") == 0


async def test_an_unknown_patient_cannot_be_enrolled(care: Care) -> None:
    body = {"patient_id": "019ab000-0000-7000-8000-000000000001", "template": "lung-cancer", "consent": CONSENT}
    answer = await care.post("/v1/enrolments", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "patient_unknown")


async def test_each_territory_offers_its_own_pathways(care: Care) -> None:
    here = await care.get("/v1/pathway-templates")
    found = {item["id"]: item for item in here["items"]}
    assert found["lung-cancer"]["steps"][5]["repeat"] == {"times": 5, "every_days": 21, "tolerance_days": 3}
    assert list(found) == sorted(found)
    async with care.connect(READ, territory=OTHER) as elsewhere:
        there = (await elsewhere.get("/v1/pathway-templates")).json()
        assert [item["id"] for item in there["items"]] == ["diabetes", "loss-of-autonomy", "regular-doctor"]
        assert (await elsewhere.get("/v1/pathway-templates/lung-cancer")).json()["code"] == "template_unknown"


async def test_a_pathway_is_drawn_by_its_address(care: Care) -> None:
    assert (await care.get("/v1/pathway-templates/lung-cancer"))["id"] == "lung-cancer"
    drawn = await care.http.get("/v1/pathway-templates/lung-cancer/diagram.svg")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert "Cancer broncho-pulmonaire" in drawn.text


async def test_the_worklist_keeps_what_is_still_to_be_done(care: Care) -> None:
    enrolment = await care.enrolment()
    await care.made(f"/v1/steps/{step(enrolment, 'care-team')['id']}/done", {}, status=200)
    page = await care.get("/v1/steps", open=True, due_before="2026-12-15T00:00:00+01:00")
    assert [item["key"] for item in page["items"]] == ["pps-shared", "first-course"]
    assert (await care.get("/v1/steps", open=True, state="done"))["items"] == []


async def test_what_hangs_on_a_done_step_moves_with_it(care: Care) -> None:
    enrolment = await care.enrolment()
    care.clock.advance(timedelta(days=10))
    done = await care.made(
        f"/v1/steps/{step(enrolment, 'first-course')['id']}/done", {"done_at": "2026-12-01T23:30:00+00:00"}, status=200
    )
    assert (done["state"], done["version"], done["template"]) == ("done", 2, "lung-cancer")
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    # Half past midnight in Paris: it was done on the 2nd.
    assert dates(after, "between-courses") == ("2026-12-07", "2026-12-16")
    assert dates(after, "course-1") == ("2026-12-23", "2026-12-26")
    assert dates(after, "course-2") == ("2027-01-13", "2027-01-19")
    assert dates(after, "care-team") == dates(enrolment, "care-team")
    assert [step(after, key)["version"] for key in ("course-1", "care-team")] == [2, 1]
    told = await care.told(StepDone)
    assert [(item["step"], item["done_at"]) for item in told] == [("first-course", "2026-12-01T23:30:00Z")]


async def test_a_skipped_step_moves_nothing_and_tells_nothing(care: Care) -> None:
    enrolment = await care.enrolment()
    skipped = await care.made(
        f"/v1/steps/{step(enrolment, 'first-course')['id']}/skip", {"reason": "done_elsewhere"}, status=200
    )
    assert (skipped["state"], skipped["skip_reason"]) == ("skipped", "done_elsewhere")
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert dates(after, "course-1") == dates(enrolment, "course-1")
    assert await care.told(StepDone) == []


@pytest.mark.parametrize("first", ["done", "skip"])
@pytest.mark.parametrize("then", ["done", "skip"])
async def test_a_closed_step_stays_closed(care: Care, first: str, then: str) -> None:
    bodies: dict[str, dict[str, Any]] = {"done": {}, "skip": {"reason": "other"}}
    step_id = step(await care.enrolment(), "care-team")["id"]
    await care.made(f"/v1/steps/{step_id}/{first}", bodies[first], status=200)
    again = await care.post(f"/v1/steps/{step_id}/{then}", bodies[then])
    assert (again.status_code, again.json()["code"]) == (409, "step_closed")
    assert again.json()["state"] == {"done": "done", "skip": "skipped"}[first]


async def test_a_step_is_not_done_before_it_happens(care: Care) -> None:
    step_id = step(await care.enrolment(), "care-team")["id"]
    answer = await care.post(f"/v1/steps/{step_id}/done", {"done_at": "2026-11-23T10:00:01+01:00"})
    assert (answer.status_code, answer.json()["code"]) == (422, "done_in_future")
    naive = await care.post(f"/v1/steps/{step_id}/done", {"done_at": "2026-11-23T10:00:00"})
    assert naive.json()["errors"][0]["code"] == "timezone_aware"


@pytest.mark.parametrize("path", ["steps/{}/done", "steps/{}/skip", "enrolments/{}/leave"])
async def test_an_unknown_step_or_enrolment_is_a_404(care: Care, path: str) -> None:
    body = {} if path.endswith("done") else {"reason": "other"}
    answer = await care.post(f"/v1/{path.format('019ab000-0000-7000-8000-000000000001')}", body)
    assert answer.status_code == 404


async def test_the_last_steps_closed_at_once_complete_the_enrolment(care: Care) -> None:
    enrolment = await care.enrolment()
    closing = (care.post(f"/v1/steps/{item['id']}/skip", {"reason": "other"}) for item in asked(enrolment))
    assert {answer.status_code for answer in await asyncio.gather(*closing)} == {200}
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert (after["state"], after["timeline"][-1]["kind"]) == ("completed", "closed")
    leave = await care.post(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "other"})
    assert (leave.status_code, leave.json()["code"]) == (409, "enrolment_closed")


async def test_leaving_cancels_what_is_left(care: Care) -> None:
    enrolment = await care.enrolment()
    await care.made(f"/v1/steps/{step(enrolment, 'care-team')['id']}/done", {}, status=200)
    left = await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "patient_moved"}, status=200)
    assert (left["state"], left["leave_reason"]) == ("left", "patient_moved")
    assert step(left, "care-team")["state"] == "done"
    assert {item["state"] for item in asked(left) if item["key"] != "care-team"} == {"cancelled"}


async def test_enrolments_are_listed_newest_first_with_their_progress(care: Care) -> None:
    made = []
    for number in range(5):
        patient = await care.made("/v1/patients", anybody(number))
        made.append(await care.enrolment(patient["id"]))
    await care.made(f"/v1/steps/{made[0]['steps'][0]['id']}/done", {}, status=200)
    await care.made(f"/v1/enrolments/{made[1]['id']}/leave", {"reason": "other"}, status=200)
    seen, cursor = [], None
    while cursor or not seen:
        page = await care.get("/v1/enrolments", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        cursor = page["next"]
    assert [item["id"] for item in seen] == [item["id"] for item in reversed(made)]
    assert (seen[-1]["done"], seen[-1]["total"], seen[-1]["overdue"]) == (1, 21, 0)
    filtered = {
        "left": await care.get("/v1/enrolments", state="left"),
        "patient": await care.get("/v1/enrolments", patient_id=made[2]["patient_id"]),
        "template": await care.get("/v1/enrolments", template="heart-failure"),
        "late": await care.get("/v1/enrolments", overdue=True),
    }
    assert {name: [item["id"] for item in page["items"]] for name, page in filtered.items()} == {
        "left": [made[1]["id"]],
        "patient": [made[2]["id"]],
        "template": [],
        "late": [],
    }


async def test_the_worklist_comes_in_the_order_of_due_times(care: Care) -> None:
    for number in range(2):
        patient = await care.made("/v1/patients", anybody(number))
        await care.enrolment(patient["id"], started_on=f"2026-11-2{number}")
    seen, cursor = [], None
    while cursor or not seen:
        more = {"cursor": cursor} if cursor else {}
        page = await care.get("/v1/steps", limit=7, role="oncology", state="planned", **more)
        seen += page["items"]
        cursor = page["next"]
    assert len(seen) == len({item["id"] for item in seen}) == 8
    assert [item["due_at"] for item in seen] == sorted(item["due_at"] for item in seen)
    assert {item["role"] for item in seen} == {"oncology"}
    soon = await care.get("/v1/steps", due_before="2026-11-24T00:00:00+01:00", template="lung-cancer")
    assert [item["key"] for item in soon["items"]] == ["care-team"]


@pytest.mark.parametrize("path", ["/v1/enrolments", "/v1/steps", "/v1/patients/{}/accesses"])
@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W10", "WzEsMl0", "e30", "WyIyMDI2LTAxLTAxIiwieCJd"])
async def test_a_forged_cursor_is_refused(care: Care, path: str, cursor: str) -> None:
    patient = await care.patient()
    answer = await care.http.get(path.format(patient["id"]), params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_writing_needs_its_scope(care: Care) -> None:
    enrolment = await care.enrolment()
    async with care.connect(READ, role="coordinator") as coordinator:
        assert (await coordinator.get(f"/v1/enrolments/{enrolment['id']}")).status_code == 200
        refused = await coordinator.post(
            f"/v1/steps/{enrolment['steps'][0]['id']}/done", json={}, headers={"Idempotency-Key": "1"}
        )
    assert (refused.status_code, refused.json()["scopes"]) == (403, [WRITE])
