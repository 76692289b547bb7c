"""A step that needs a visit asks the dispatch for it, once, and takes that back when it is wanted no more."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from enrolling import NOW, Care
from visiting import enrolled, shown, tick, wanted, withdrawn

from contracts.envelope import NATIONAL
from contracts.pathways import StepVisitWanted
from pathways.usecases.erase_patient import erase_asked
from pathways.usecases.raise_due import raise_due

DOCTOR = "99000000016"


async def test_a_due_step_asks_with_its_deadline_and_nothing_but_opaque_ids(care: Care) -> None:
    enrolment = await enrolled(care)
    await tick(care)
    (told,) = await wanted(care)
    assert told == {
        "visit_id": told["visit_id"],
        "attempt": 1,
        "patient_ref": enrolment["patient_ref"],
        "profession": "60",
        "specialty": None,
        "act": None,
        "modes": ["HH"],
        "age_band": "60-69",
        "commune": "35236",
        "department": None,
        "deadline": (await shown(care, enrolment))["due_at"],
        "regular_doctor_rpps": None,
    }
    (event,) = [it for it in await care.outbox() if it["type"].endswith("visit_wanted.v1")]
    ours = [enrolment["id"], enrolment["patient_id"], *(it["id"] for it in enrolment["steps"]), "example"]
    assert not [it for it in ours if it in json.dumps(event)]
    await tick(care)
    assert len(await wanted(care)) == 1


async def test_a_sensitive_pathway_tells_the_department(care: Care) -> None:
    await enrolled(care, sensitive=True)
    await tick(care)
    (told,) = await wanted(care)
    assert (told["commune"], told["department"]) == (None, "35")


@pytest.mark.parametrize(
    ("profession", "objected", "told"), [("10", False, DOCTOR), ("10", True, None), ("60", False, None)]
)
async def test_a_visit_to_a_doctor_names_the_regular_doctor_of_the_care_team(
    care: Care, profession: str, objected: bool, told: str | None
) -> None:
    enrolment = await enrolled(care, profession=profession)
    path = f"/v1/patients/{enrolment['patient_id']}"
    for role, rpps in (("regular-doctor", DOCTOR), ("doctor", "99000000024")):
        await care.made(f"{path}/team", {"rpps": rpps, "role": role})
    if objected:
        objection = {"against": f"rpps:{DOCTOR}", "made_by": "patient", "made_on": "2026-11-23", "channel": "oral"}
        await care.made(f"{path}/objections", objection)
    await tick(care)
    assert [it["regular_doctor_rpps"] for it in await wanted(care)] == [told]


async def test_some_steps_ask_only_once_they_are_overdue_within_some_days(care: Care) -> None:
    await enrolled(care, asked="overdue", within_days=5)
    await tick(care)
    assert await wanted(care) == []
    care.clock.advance(timedelta(days=12))
    await tick(care)
    (told,) = await wanted(care)
    assert told["deadline"] == (care.clock.now() + timedelta(days=5)).isoformat().replace("+00:00", "Z")


async def test_several_workers_at_once_ask_once_for_each_step(care: Care) -> None:
    for number in range(10):
        await enrolled(care, number)
    await asyncio.gather(*(tick(care, limit=3) for _ in range(12)))
    await tick(care)
    told = await wanted(care)
    assert len(told) == len({it["visit_id"] for it in told}) == len({it["patient_ref"] for it in told}) == 10


ENDS: list[tuple[str, str, dict[str, Any], str]] = [
    ("step", "done", {}, "step_closed"),
    ("step", "skip", {"reason": "other"}, "step_closed"),
    ("step", "replan", {"from_on": "2026-12-20"}, "step_moved"),
    ("enrolment", "pause", {"reason": "away", "until_on": "2026-12-20"}, "pathway_paused"),
    ("enrolment", "leave", {"reason": "other"}, "pathway_ended"),
]


@pytest.mark.parametrize(("what", "verb", "body", "reason"), ENDS, ids=[it[1] for it in ENDS])
async def test_what_is_wanted_no_more_is_withdrawn_once(
    care: Care, what: str, verb: str, body: dict[str, Any], reason: str
) -> None:
    enrolment = await enrolled(care)
    await tick(care)
    target = (await shown(care, enrolment))["id"] if what == "step" else enrolment["id"]
    await care.made(f"/v1/{what}s/{target}/{verb}", body, 200)
    await tick(care)
    await tick(care)
    (told,) = await wanted(care)
    assert await withdrawn(care) == [(told["visit_id"], reason)]


async def test_what_ends_before_it_was_asked_for_is_told_to_nobody(care: Care) -> None:
    enrolment = await enrolled(care)
    async with care.runtime.system.work(NATIONAL) as work:
        await raise_due(work, 100)
    await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "other"}, 200)
    await tick(care)
    assert (await wanted(care), await withdrawn(care)) == ([], [])


async def test_a_step_that_moved_and_comes_due_asks_anew(care: Care) -> None:
    enrolment = await enrolled(care)
    await tick(care)
    target = (await shown(care, enrolment))["id"]
    await care.made(f"/v1/steps/{target}/replan", {"from_on": "2026-12-20"}, 200)
    await tick(care)
    care.clock.advance(timedelta(days=30))
    await tick(care)
    first, second = await wanted(care)
    assert first["visit_id"] != second["visit_id"]
    assert (second["attempt"], [it[1] for it in await withdrawn(care)]) == (1, ["step_moved"])


async def test_a_longer_window_asks_with_the_new_deadline(care: Care) -> None:
    """Postponed within what has begun already: no timer opens it again, the withdrawal does."""
    enrolment = await enrolled(care)
    await tick(care)
    target = (await shown(care, enrolment))["id"]
    body = {"from_on": NOW.date().isoformat(), "due_on": "2026-12-24"}
    await care.made(f"/v1/steps/{target}/replan", body, 200)
    await tick(care)
    first, second = await wanted(care)
    assert first["deadline"] < second["deadline"] == (await shown(care, enrolment))["due_at"]


async def test_withdrawn_for_who_takes_the_consent_back_and_for_who_is_erased(care: Care) -> None:
    first, second = [await enrolled(care, number) for number in (1, 2)]
    await tick(care)
    answer = await care.http.get(f"/v1/patients/{first['patient_id']}/consents")
    (consent,) = [it for it in answer.json()["consents"] if it["purpose"] == "pathway"]
    await care.made(f"/v1/patient-consents/{consent['id']}/withdraw", {"channel": "oral"}, 200)
    erasing = await care.made(f"/v1/patients/{second['patient_id']}/erasure", {"reason": "mistake"}, 202)
    assert erasing["outcome"] == "erasing"
    async with care.runtime.system.work(NATIONAL) as work:
        await erase_asked(work, care.runtime.keyring, care.runtime.extras["retention_rules"], 10)
    await tick(care)
    assert sorted(reason for _, reason in await withdrawn(care)) == ["pathway_ended", "patient_absent"]
    async with care.runtime.system.work(NATIONAL) as work:
        kept = await work.fetchval("SELECT count(*) FROM step_visit WHERE enrolment_id = $1", second["id"])
    assert kept == 0


async def test_nobody_is_asked_for_whose_entry_is_put_aside(care: Care) -> None:
    enrolment = await enrolled(care)
    answer = await care.post(f"/v1/patients/{enrolment['patient_id']}/restriction", {"reason": "contested"})
    assert answer.status_code == 204
    await tick(care)
    assert await care.told(StepVisitWanted) == []
