"""What a patient may ask for: a correction, a copy, a restriction, an erasure; what the law asks for: a purge."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from enrolling import AUDIT, CAMILLE, READ, Care, anybody

from contracts.envelope import NATIONAL
from kit.testing.servers import Servers
from pathways.settings import PathwaysSettings
from pathways.store.held import HELD, KEPT
from pathways.usecases.erase_patient import erase_asked, erase_lapsed


async def run(care: Care, job: Any, limit: int = 100) -> int:
    rules = care.runtime.extras["retention_rules"]
    async with care.runtime.system.work(NATIONAL) as work:
        return int(await job(work, care.runtime.keyring, rules, limit))


async def erased(care: Care, patient_id: str, reason: str = "patient_request") -> None:
    asked = await care.made(f"/v1/patients/{patient_id}/erasure", {"reason": reason}, status=202)
    assert asked["outcome"] == "erasing"
    assert await run(care, erase_asked) == 1


async def proofs(care: Care, **params: Any) -> list[dict[str, Any]]:
    async with care.connect(AUDIT, role="coordinator") as http:
        found: list[dict[str, Any]] = (await http.get("/v1/erasure-proofs", params=params)).json()["items"]
    return found


async def code(care: Care, path: str) -> tuple[int, str]:
    answer = await care.http.get(path)
    return answer.status_code, answer.json().get("code", "")


async def test_every_table_with_rows_of_patients_is_known(settings: PathwaysSettings, servers: Servers) -> None:
    """A new table gets a line in store/held.py: otherwise an erasure would leave its rows, and an export miss them."""
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    found = await connection.fetch(
        "SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name IN ('patient_id', 'enrolment_id', 'step_id')"
    )
    await connection.close()
    assert {row["table_name"] for row in found} == {it.table for it in HELD} | KEPT.keys()


async def test_an_erased_patient_is_nowhere(care: Care, settings: PathwaysSettings, servers: Servers) -> None:
    enrolment = await care.enrolment()
    patient = enrolment["patient_id"]
    ref = enrolment["patient_ref"]
    other = await care.made("/v1/patients", anybody())
    told = await care.outbox()
    await erased(care, patient)
    assert await code(care, f"/v1/patients/{patient}") == (410, "patient_erased")
    assert await code(care, f"/v1/enrolments/{enrolment['id']}") == (404, "enrolment_unknown")
    named = {key: CAMILLE[key] for key in ("family_name", "given_name", "birth_date")}
    for wanted in (named, {"ins": CAMILLE["ins"]}):
        answer = await care.http.post("/v1/patients/search", json={**wanted, "purpose": "care"})
        assert answer.json() == {"items": [], "others": []}
    assert await care.outbox() == told
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    dump = {it: str(await connection.fetch(f"SELECT to_jsonb(t) FROM {it} t")) for it in tables}
    await connection.close()
    assert {it for it, text in dump.items() if patient in text} - _ANSWERED == {"patient", "access_record"}
    assert {it for it, text in dump.items() if enrolment["id"] in text} - _ANSWERED == {"outbox", "access_record"}
    assert {it for it, text in dump.items() if ref in text} <= _ANSWERED
    assert await care.get(f"/v1/patients/{other['id']}") == other
    assert (await care.patient())["id"] != patient


_ANSWERED = {"idempotency"}
"""Answers of requests are forgotten after a day."""


async def test_an_erasure_leaves_a_proof_without_a_name(care: Care) -> None:
    enrolment = await care.enrolment()
    await erased(care, enrolment["patient_id"])
    (proof,) = await proofs(care)
    assert (proof["class"], proof["reason"], proof["rules_version"]) == ("followed", "patient_request", "2026-11-1")
    counts = proof["row_counts"]
    assert (counts["enrolment"], counts["consent"], counts["step"]) == (1, 1, len(enrolment["steps"]))
    assert enrolment["patient_id"] not in str(proof)
    assert await proofs(care, patient_id=enrolment["patient_id"]) == [proof]
    assert await proofs(care, patient_id=enrolment["id"]) == []


async def test_between_request_and_erasure_nobody_sees_the_patient(care: Care) -> None:
    patient = await care.patient()
    await care.made(f"/v1/patients/{patient['id']}/erasure", {"reason": "mistake"}, status=202)
    assert await code(care, f"/v1/patients/{patient['id']}/identity?purpose=care") == (403, "access_refused")
    again = await care.post(f"/v1/patients/{patient['id']}/erasure", {"reason": "mistake"})
    assert again.status_code == 403
    lifted = await care.post(f"/v1/patients/{patient['id']}/restriction/lift", {})
    assert (lifted.status_code, lifted.json()["code"]) == (409, "restriction_unchanged")


async def test_a_territory_may_restrict_where_it_has_to_keep(care: Care) -> None:
    rules = care.runtime.extras["retention_rules"]
    strict = [it.model_copy(update={"on_request": "restrict"}) for it in rules["pays-de-redon"].classes]
    care.runtime.extras["retention_rules"] = {
        **rules,
        "pays-de-redon": rules["pays-de-redon"].model_copy(update={"classes": tuple(strict)}),
    }
    patient = (await care.patient())["id"]
    asked = await care.made(f"/v1/patients/{patient}/erasure", {"reason": "patient_request"}, status=202)
    assert asked["outcome"] == "restricted"
    assert await run(care, erase_asked) == 0
    assert await care.count("patient WHERE sealed IS NOT NULL") == 1


async def test_a_restricted_entry_is_kept_and_not_used(care: Care) -> None:
    enrolment = await care.enrolment()
    patient = enrolment["patient_id"]
    before = await care.get(f"/v1/patients/{patient}")
    answer = await care.post(f"/v1/patients/{patient}/restriction", {"reason": "legal_claim"})
    assert answer.status_code == 204
    assert await care.get(f"/v1/patients/{patient}") == before
    for path in (f"/v1/patients/{patient}/identity?purpose=care", f"/v1/enrolments/{enrolment['id']}"):
        assert await code(care, path) == (403, "access_refused")
    assert (await care.get("/v1/steps"))["items"] == []
    again = await care.post(f"/v1/patients/{patient}/restriction", {"reason": "contested"})
    assert (again.status_code, again.json()["code"]) == (409, "restriction_unchanged")
    assert (await care.post(f"/v1/patients/{patient}/restriction/lift", {})).status_code == 204
    assert (await care.get(f"/v1/enrolments/{enrolment['id']}"))["id"] == enrolment["id"]


async def test_what_is_kept_no_longer_is_purged(care: Care) -> None:
    never = await care.made("/v1/patients", anybody(1))
    claimed = await care.made("/v1/patients", anybody(2))
    await care.post(f"/v1/patients/{claimed['id']}/restriction", {"reason": "legal_claim"})
    enrolment = await care.enrolment()
    await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "other"}, status=200)
    running = await care.enrolment((await care.made("/v1/patients", anybody(3)))["id"])

    async def gone() -> set[str]:
        people = {it: it for it in (never["id"], claimed["id"], enrolment["patient_id"], running["patient_id"])}
        return {it for it in people if (await code(care, f"/v1/patients/{it}"))[0] == 410}

    assert (await run(care, erase_lapsed), await gone()) == (0, set())
    care.clock.advance(timedelta(days=366))
    assert (await run(care, erase_lapsed), await gone()) == (1, {never["id"]})
    care.clock.advance(timedelta(days=19 * 366))
    assert (await run(care, erase_lapsed), await gone()) == (1, {never["id"], enrolment["patient_id"]})
    assert [(it["class"], it["reason"]) for it in await proofs(care)] == [
        ("followed", "retention"),
        ("never-followed", "retention"),
    ]


async def test_a_patient_gets_all_that_is_known(care: Care) -> None:
    enrolment = await care.enrolment()
    answer = await care.http.get(f"/v1/patients/{enrolment['patient_id']}/export")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    found = answer.json()
    assert {key: found["identity"][key] for key in CAMILLE} == CAMILLE
    assert found["tables"].keys() == {it.table for it in HELD}
    assert len(found["tables"]["step"]) == len(enrolment["steps"])
    assert found["tables"]["consent"][0]["channel"] == "written"
    assert {"export", "create", "enrol"} <= {it["action"] for it in found["accesses"]}


async def test_a_coordinator_exports_and_erases_nobody(care: Care) -> None:
    patient = (await care.enrolment())["patient_id"]
    async with care.connect(READ, "patients:identity", "pathways:write", role="coordinator") as http:
        export = await http.get(f"/v1/patients/{patient}/export")
        erase = await http.post(
            f"/v1/patients/{patient}/erasure", json={"reason": "mistake"}, headers={"Idempotency-Key": "1"}
        )
    assert [it.json()["code"] for it in (export, erase)] == ["access_refused"] * 2


async def test_an_entry_is_mended(care: Care) -> None:
    patient = await care.patient()
    other = await care.made("/v1/patients", anybody())
    path = f"/v1/patients/{patient['id']}"
    mended = await care.http.patch(path, json={"given_name": "Camila", "birth_date": "1947-03-14", "phone": None})
    assert (mended.status_code, mended.json()["age_band"]) == (200, "70-79")
    identity = await care.get(f"{path}/identity", purpose="care")
    assert [identity[it] for it in ("family_name", "given_name", "birth_date", "phone", "ins")] == [
        "Exemplaire-Dupré",
        "Camila",
        "1947-03-14",
        None,
        CAMILLE["ins"],
    ]
    taken = await care.http.patch(
        f"/v1/patients/{other['id']}", json={"ins": CAMILLE["ins"], "identity_status": "qualified"}
    )
    assert (taken.status_code, taken.json()["patient_id"]) == (409, patient["id"])
    accesses = (await care.get(f"{path}/accesses"))["items"]
    assert "correct" in {it["action"] for it in accesses}


@pytest.mark.parametrize(
    "body",
    [{}, {"family_name": None}, {"ins": "257033523600191"}, {"commune": "99999"}, {"birth_date": "2030-01-01"}],
    ids=str,
)
async def test_a_bad_correction_changes_nothing(care: Care, body: dict[str, Any]) -> None:
    patient = await care.patient()
    before = await care.get(f"/v1/patients/{patient['id']}/identity", purpose="care")
    assert (await care.http.patch(f"/v1/patients/{patient['id']}", json=body)).status_code == 422
    assert await care.get(f"/v1/patients/{patient['id']}/identity", purpose="care") == before


PERSON = {"account": "doctor-7", "name": "Dr Camille Durand"}


async def exchanged(care: Care, **more: Any) -> str:
    """An exchange with a message, a reader and a file."""
    about = {"subject": "Plaie chronique", "me": {"name": "Claude Martin"}, "participants": [PERSON], **more}
    path = f"/v1/threads/{(await care.made('/v1/threads', about))['id']}"
    message = await care.made(f"{path}/messages", {"text": "Plaie stable"})
    files = {"file": ("plaie.pdf", b"%PDF-1.4 photographie", "application/pdf")}
    sent = await care.http.post(
        f"{path}/messages/{message['id']}/files", files=files, headers={"Idempotency-Key": path}
    )
    assert sent.status_code == 201, sent.text
    await care.made(f"{path}/messages/read", {"message_ids": [message["id"]]}, 200)
    return path


async def test_exchanges_without_a_patient_lapse_after_their_end_or_their_last_message(care: Care) -> None:
    closed, open_ = [await exchanged(care) for _ in range(2)]
    enrolment = await care.enrolment()
    about_somebody = await exchanged(care, enrolment_id=enrolment["id"])
    await care.made(f"{closed}/close", {}, 200)
    care.clock.advance(timedelta(days=400))
    await care.made(f"{open_}/messages", {"text": "Des nouvelles"})
    care.clock.advance(timedelta(days=340))
    await run(care, erase_lapsed)
    assert [(await code(care, it))[0] for it in (closed, open_, about_somebody)] == [404, 200, 200]
    (proof,) = [it for it in await proofs(care) if it["class"] == "exchange"]
    counts = {"thread": 1, "thread_message": 1, "thread_participant": 2, "thread_file": 1, "thread_read": 0}
    assert (proof["reason"], proof["row_counts"]) == ("retention", counts)
    assert await care.count("blob_to_remove") == 1
    assert await care.count(f"change WHERE key = '{closed.rpartition('/')[2]}'") == 0
    care.clock.advance(timedelta(days=400))
    await run(care, erase_lapsed)
    assert [(await code(care, it))[0] for it in (open_, about_somebody)] == [404, 200]


async def test_searches_of_a_doctor_lapse_after_their_end_and_keep_their_patient_while_they_go_on(care: Care) -> None:
    enrolment, waiting = await care.enrolment(), await care.made("/v1/patients", anybody(2))
    async with care.connect("searches:write", READ, "patients:team", role="coordinator", sub="desk") as desk:

        async def searched(patient: str) -> str:
            body, key = {"patient_id": patient, "criteria": []}, {"Idempotency-Key": patient}
            return str((await desk.post("/v1/doctor-searches", json=body, headers=key)).json()["id"])

        ended, going_on = await searched(enrolment["patient_id"]), await searched(waiting["id"])
        path, key = f"/v1/doctor-searches/{ended}/close", {"Idempotency-Key": "close"}
        assert (await desk.post(path, json={"outcome": "other"}, headers=key)).status_code == 200
        found = []
        for days in (700, 60):
            care.clock.advance(timedelta(days=days))
            await run(care, erase_lapsed)
            found.append([(await desk.get(f"/v1/doctor-searches/{it}")).status_code for it in (ended, going_on)])
    assert found == [[200, 200], [404, 200]]
    (proof,) = [it for it in await proofs(care) if it["class"] == "doctor-search"]
    assert proof["row_counts"] == {"doctor_search": 1, "doctor_proposal": 0}
    assert await care.count("patient WHERE erased_at IS NOT NULL") == 0
