"""Personal care plans (PPS): made from what stands, for good, told apart from the version before, read, withdrawn."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from enrolling import CAMILLE, READ, WRITE, Care, step

from contracts.coordination import CarePlanAcknowledged, CarePlanPublished
from contracts.envelope import NATIONAL
from contracts.pathways import StepDone

DOCTOR = {"sub": "doctor", "rpps": "99000000093", "role": "practitioner"}
PHONE, MAILBOX = "+33 1 99 00 12 34", "camille.durand@medecin.mssante.example.org"
NOTE = "Préférer les rendez-vous du matin"


class Planned:
    """An enrolled patient with a second member of the team, and a published plan."""

    def __init__(self, care: Care, enrolment: dict[str, Any], member: dict[str, Any], plan: dict[str, Any]) -> None:
        self.care, self.enrolment, self.member, self.plan = care, enrolment, member, plan
        self.list = f"/v1/enrolments/{enrolment['id']}/care-plans"
        self.path = f"/v1/care-plans/{plan['id']}"


async def planned(care: Care) -> Planned:
    enrolment = await care.enrolment()
    doctor = {"rpps": DOCTOR["rpps"], "role": "regular-doctor"}
    member = await care.made(f"/v1/patients/{enrolment['patient_id']}/team", doctor)
    contact = {"member_id": member["id"], "name": "Dr Camille Durand", "phone": PHONE, "secure_mailbox": MAILBOX}
    body = {"goals": ["Reprendre la marche"], "note": NOTE, "contacts": [contact]}
    plan = await care.made(f"/v1/enrolments/{enrolment['id']}/care-plans", body)
    return Planned(care, enrolment, member, plan)


async def test_a_plan_is_made_of_what_stands(care: Care) -> None:
    it = await planned(care)
    found = await care.get(it.path)
    content = found["content"]
    assert (found["number"], content["pathway"], content["note"]) == (1, "Cancer broncho-pulmonaire", NOTE)
    assert content["goals"][-1] == "Reprendre la marche"
    assert len(content["goals"]) > 1
    assert {line["key"] for line in content["steps"]} <= {line["key"] for line in it.enrolment["steps"]}
    shared = next(line for line in content["steps"] if line["key"] == "pps-shared")
    assert shared["plain"].startswith("Vous recevez votre plan")
    doctor = next(line for line in content["team"] if line["person"] == f"rpps:{DOCTOR['rpps']}")
    assert (doctor["name"], doctor["phone"], doctor["role"]) == ("Dr Camille Durand", PHONE, "Médecin traitant")
    assert {line["person"] for line in found["recipients"]} == {"sub:nurse-1", f"rpps:{DOCTOR['rpps']}", "patient"}
    assert found["changed"] == []
    assert CAMILLE["family_name"] not in str(found)
    (told,) = await care.told(CarePlanPublished)
    assert (told["recipients"], told["number"]) == (3, 1)


async def test_the_next_version_says_what_changed_and_the_first_stays_as_it_was(care: Care) -> None:
    it = await planned(care)
    first = await care.get(it.path)
    await care.made(f"/v1/steps/{step(it.enrolment, 'care-team')['id']}/done", {}, 200)
    await care.made(f"/v1/steps/{step(it.enrolment, 'first-course')['id']}/replan", {"from_on": "2026-12-20"}, 200)
    await care.made(f"/v1/patients/{it.enrolment['patient_id']}/team", {"account": "n2", "role": "nurse"})
    plan = await care.made(it.list, {"goals": ["Reprendre la marche"], "note": NOTE})
    changed = {(line["kind"], line["what"]) for line in (await care.get(f"/v1/care-plans/{plan['id']}"))["changed"]}
    assert ("step_done", "Équipe de soins désignée, médecin traitant informé") in changed
    assert ("step_moved", "Première cure de chimiothérapie, à Rennes") in changed
    assert ("member_joined", "Infirmier") in changed
    assert {kind for kind, _ in changed} == {"step_done", "step_moved", "member_joined"}
    assert await care.get(it.path) == first
    assert [row["number"] for row in (await care.get(it.list))["items"]] == [2, 1]


async def test_on_the_screen_and_on_paper_it_says_whose_it_is_and_that_is_recorded(care: Care) -> None:
    it = await planned(care)
    page = await care.http.get(f"{it.path}/page")
    assert page.status_code == 200, page.text
    assert page.headers["content-type"].startswith("text/html")
    assert CAMILLE["family_name"] in page.text
    assert PHONE in page.text
    assert "entre le 23 novembre 2026 et le 26 novembre 2026" in page.text
    pdf = await care.http.get(f"{it.path}/plan.pdf")
    assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
    accesses = (await care.get(f"/v1/patients/{it.enrolment['patient_id']}/accesses"))["items"]
    assert [line["kind"] for line in accesses].count("identity") >= 2
    assert {"publish_care_plan", "read_care_plan", "print_care_plan"} <= {line["action"] for line in accesses}


async def test_recipients_acknowledge_once(care: Care) -> None:
    it = await planned(care)
    async with care.connect(READ, WRITE, **DOCTOR) as doctor:
        path = f"{it.path}/acknowledge"
        both = [await doctor.post(path, headers={"Idempotency-Key": key}) for key in "12"]
    assert [answer.status_code for answer in both] == [200, 200]
    assert both[0].json() == both[1].json()
    assert [told["by"] for told in await care.told(CarePlanAcknowledged)] == ["professional"]
    (row,) = (await care.get(it.list))["items"]
    assert (row["recipients"], row["acknowledged"]) == (3, 1)
    narrow = await care.made(it.list, {"recipients": [it.member["id"]], "to_patient": False})
    refused = await care.post(f"/v1/care-plans/{narrow['id']}/acknowledge", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_recipient")


async def test_a_withdrawn_version_is_gone(care: Care) -> None:
    it = await planned(care)
    await care.made(f"{it.path}/withdraw", {"reason": "mistake"}, 200)
    for path in (it.path, f"{it.path}/page", f"{it.path}/plan.pdf"):
        answer = await care.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (410, "plan_withdrawn")
    acknowledged = await care.post(f"{it.path}/acknowledge", {})
    again = await care.post(f"{it.path}/withdraw", {"reason": "mistake"})
    assert (acknowledged.status_code, again.status_code) == (410, 409)
    (row,) = (await care.get(it.list))["items"]
    assert row["withdraw_reason"] == "mistake"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"contacts": [{"member_id": "019ab000-0000-7000-8000-000000000001"}]}, "member_unknown"),
        ({"recipients": ["019ab000-0000-7000-8000-000000000001"]}, "member_unknown"),
        ({"note": " "}, "invalid_input"),
        ({"note": "a\u0000b"}, "invalid_input"),
        ({"goals": ["x" * 201]}, "invalid_input"),
    ],
    ids=str,
)
async def test_bad_input_is_refused(care: Care, body: dict[str, Any], code: str) -> None:
    enrolment = await care.enrolment()
    answer = await care.post(f"/v1/enrolments/{enrolment['id']}/care-plans", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_left_has_no_new_plan(care: Care) -> None:
    it = await planned(care)
    await care.made(f"/v1/enrolments/{it.enrolment['id']}/leave", {"reason": "patient_moved"}, 200)
    answer = await care.post(it.list, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment_left")


async def test_versions_published_at_once_have_numbers_of_their_own(care: Care) -> None:
    it = await planned(care)
    answers = await asyncio.gather(*(care.post(it.list, {}) for _ in range(4)))
    assert sorted(answer.json()["number"] for answer in answers) == [2, 3, 4, 5]


async def test_what_a_plan_says_is_sealed_exported_and_gone_with_the_key(care: Care) -> None:
    it = await planned(care)
    async with care.runtime.system.work(NATIONAL) as work:
        kept = [
            _read(row["kept"])
            for table, column in (("care_plan", "content"), ("idempotency", "body"), ("outbox", "body"))
            for row in await work.fetch(f"SELECT {column} AS kept FROM {table} WHERE {column} IS NOT NULL")
        ]
        kept += [row["kept"] for row in await work.fetch("SELECT to_jsonb(c)::text AS kept FROM change c")]
    assert len(kept) > 10
    assert not [text for text in kept if any(it in text for it in ("du matin", PHONE, "Reprendre la marche"))]
    export = await care.get(f"/v1/patients/{it.enrolment['patient_id']}/export")
    assert NOTE in export["tables"]["care_plan"][0]["content"]


def _read(kept: bytes | str) -> str:
    return kept.decode(errors="replace") if isinstance(kept, bytes) else kept


async def test_a_published_plan_does_its_step_and_a_later_version_changes_nothing(care: Care) -> None:
    it = await planned(care)
    path = f"/v1/enrolments/{it.enrolment['id']}"
    shared = step(await care.get(path), "pps-shared")
    assert (shared["state"], shared["proof"], shared["proof_ref"]) == ("done", "document", it.plan["id"])
    (said,) = [line for line in (await care.get(it.path))["content"]["steps"] if line["key"] == "pps-shared"]
    assert said["stands"] == "done"
    await care.made(it.list, {})
    again = await care.get(path)
    assert step(again, "pps-shared") == shared
    # It is made anew after an examination that has not taken place, and at the end there is another plan.
    assert {step(again, key)["state"] for key in ("pps-updated", "end-review")} == {"planned"}
    assert [told["step"] for told in await care.told(StepDone)] == ["pps-shared"]


async def test_a_version_after_the_examination_does_the_step_that_waited_for_it(care: Care) -> None:
    it = await planned(care)
    path = f"/v1/enrolments/{it.enrolment['id']}"
    care.clock.advance(timedelta(days=90))
    await care.made(it.list, {})
    assert step(await care.get(path), "pps-updated")["state"] == "planned"
    await care.made(f"/v1/steps/{step(it.enrolment, 'reassessment')['id']}/done", {}, 200)
    plan = await care.made(it.list, {})
    assert step(await care.get(path), "pps-updated")["proof_ref"] == plan["id"]


async def test_a_withdrawn_version_proves_nothing_unless_another_one_stands(care: Care) -> None:
    it = await planned(care)
    path = f"/v1/enrolments/{it.enrolment['id']}"
    second = await care.made(it.list, {})
    await care.made(f"{it.path}/withdraw", {"reason": "outdated"}, 200)
    shared = step(await care.get(path), "pps-shared")
    assert (shared["state"], shared["proof_ref"]) == ("done", second["id"])
    await care.made(f"/v1/care-plans/{second['id']}/withdraw", {"reason": "mistake"}, 200)
    shared = step(await care.get(path), "pps-shared")
    assert (shared["state"], shared["proof_ref"]) == ("planned", None)
    await care.made(f"{path}/leave", {"reason": "patient_moved"}, 200)


async def test_a_plan_of_who_left_is_withdrawn_all_the_same(care: Care) -> None:
    it = await planned(care)
    path = f"/v1/enrolments/{it.enrolment['id']}"
    await care.made(f"{path}/leave", {"reason": "patient_moved"}, 200)
    await care.made(f"{it.path}/withdraw", {"reason": "mistake"}, 200)
    assert step(await care.get(path), "pps-shared")["state"] == "done"
