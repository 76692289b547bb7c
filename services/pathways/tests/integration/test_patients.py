"""Patients: registered once, found exactly, seen only on record."""

import asyncio
from typing import Any

import asyncpg
import pytest
from enrolling import CAMILLE, IDENTITY, NOW, OTHER, READ, WRITE, Care, anybody

from kit.testing.servers import Servers
from pathways.settings import PathwaysSettings

NAMED = {"family_name": "Exemplaire-Dupré", "given_name": "Camille", "birth_date": "1957-03-14"}


async def accesses(care: Care, patient_id: str) -> list[tuple[str, str, str]]:
    page = await care.get(f"/v1/patients/{patient_id}/accesses")
    return [(item["action"], item["purpose"], item["subject"]) for item in page["items"]]


async def test_the_answer_has_no_identity(care: Care) -> None:
    answer = await care.post("/v1/patients", CAMILLE)
    patient = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/patients/{patient['id']}"
    assert {key: patient[key] for key in ("age_band", "commune", "department", "sex", "identity_status")} == {
        "age_band": "60-69",
        "commune": "35236",
        "department": "35",
        "sex": "female",
        "identity_status": "qualified",
    }
    assert patient.keys().isdisjoint({"family_name", "given_name", "birth_date", "phone", "ins"})
    assert patient["ref"] != patient["id"]
    assert await care.get(f"/v1/patients/{patient['id']}") == patient


async def test_a_commune_of_before_becomes_that_of_today(care: Care) -> None:
    assert (await care.patient(commune="01003"))["commune"] == "01165"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"family_name": "EXEMPLAIRE DUPRE", "given_name": "camille", "ins": None, "identity_status": "provisional"},
        {"family_name": "Autre"},
    ],
    ids=["the same", "the name in other signs, without identifier", "another name, the same identifier"],
)
async def test_a_patient_is_registered_once(care: Care, changes: dict[str, Any]) -> None:
    known = await care.patient()
    again = await care.post("/v1/patients", {**CAMILLE, **changes})
    assert (again.status_code, again.json()["code"], again.json()["patient_id"]) == (409, "patient_exists", known["id"])
    assert await care.count("patient") == 1


@pytest.mark.parametrize("changes", [{"birth_date": "1957-03-15"}, {"ins": "257033523600289"}])
async def test_another_birth_date_or_identifier_is_another_person(care: Care, changes: dict[str, Any]) -> None:
    await care.patient()
    without = {"ins": None, "identity_status": "provisional"} if "birth_date" in changes else {}
    assert (await care.post("/v1/patients", {**CAMILLE, **without, **changes})).status_code == 201


async def test_the_same_person_of_another_territory_is_another_entry(care: Care) -> None:
    await care.patient()
    async with care.connect(WRITE, IDENTITY, territory=OTHER) as elsewhere:
        answer = await elsewhere.post("/v1/patients", json=CAMILLE, headers={"Idempotency-Key": "1"})
    assert answer.status_code == 201


async def test_of_twenty_at_once_one_is_registered(care: Care) -> None:
    plain = anybody()
    bodies = [plain if n % 2 else {**plain, "ins": CAMILLE["ins"], "identity_status": "retrieved"} for n in range(20)]
    answers = await asyncio.gather(*(care.post("/v1/patients", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    registered = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert {answer.json()["patient_id"] for answer in answers if answer.status_code == 409} == {registered}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"commune": "99999"}, "commune", "commune_unknown"),
        ({"commune": "Redon"}, "commune", "string_pattern_mismatch"),
        ({"birth_date": "2026-11-24"}, "birth_date", "birth_date_implausible"),
        ({"birth_date": "1857-03-14"}, "birth_date", "birth_date_implausible"),
        ({"birth_date": "14/03/1957"}, "birth_date", "date_from_datetime_parsing"),
        ({"ins": "257033523600191"}, "ins", "ins_invalid"),
        ({"identity_status": "provisional"}, "ins", "ins_not_allowed"),
        ({"phone": "0639980012"}, "phone", "string_pattern_mismatch"),
        ({"family_name": "  "}, "family_name", "string_too_short"),
        ({"given_name": "--"}, "given_name", "string_pattern_mismatch"),
        ({"sex": "F"}, "sex", "literal_error"),
        ({"nickname": "Cam"}, "nickname", "extra_forbidden"),
    ],
)
async def test_bad_input_names_its_field_and_stores_nothing(
    care: Care, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = await care.post("/v1/patients", {**CAMILLE, **changes})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert "Exemplaire" not in answer.text
    assert await care.count("patient") == 0


@pytest.mark.parametrize(
    "wanted", [NAMED, {**NAMED, "family_name": "exemplaire dupre"}, {"ins": CAMILLE["ins"]}], ids=str
)
async def test_a_search_finds_exactly_and_is_recorded(care: Care, wanted: dict[str, Any]) -> None:
    patient = await care.patient()
    await care.patient(family_name="Autre", ins=None, identity_status="provisional")
    answer = await care.http.post("/v1/patients/search", json={**wanted, "purpose": "coordination"})
    assert answer.json() == {"items": [patient], "others": []}
    assert await accesses(care, patient["id"]) == [
        ("search", "coordination", "nurse-1"),
        ("create", "care", "nurse-1"),
    ]


async def test_a_search_that_finds_nobody_is_recorded_too(care: Care) -> None:
    answer = await care.http.post("/v1/patients/search", json={**NAMED, "purpose": "care"})
    assert answer.json() == {"items": [], "others": []}
    assert await care.count("access_record WHERE patient_id IS NULL AND action = 'search'") == 1


@pytest.mark.parametrize(
    "wanted",
    [{}, {"family_name": "A", "given_name": "B"}, {**NAMED, "ins": CAMILLE["ins"]}, {"ins": "2"}, {"purpose": "fun"}],
    ids=str,
)
async def test_a_search_that_names_nobody_is_refused(care: Care, wanted: dict[str, Any]) -> None:
    answer = await care.http.post("/v1/patients/search", json={"purpose": "care", **wanted})
    assert answer.status_code == 422
    assert await care.count("access_record") == 0


async def test_an_identity_is_read_on_record(care: Care) -> None:
    patient = await care.patient()
    answer = await care.http.get(
        f"/v1/patients/{patient['id']}/identity", params={"purpose": "contact"}, headers={"X-Correlation-Id": "visit-7"}
    )
    assert answer.headers["cache-control"] == "no-store"
    known = answer.json()
    assert {key: known[key] for key in CAMILLE.keys() & known.keys()} == {
        key: CAMILLE[key] for key in CAMILLE.keys() - {"commune", "sex"}
    }
    record = (await care.get(f"/v1/patients/{patient['id']}/accesses"))["items"][0]
    assert {key: value for key, value in record.items() if key not in ("id", "at")} == {
        "subject": "nurse-1",
        "role": "care",
        "organisation": "CHIRC",
        "rpps": None,
        "action": "read",
        "kind": "identity",
        "purpose": "contact",
        "enrolment_id": None,
        "situation": "team_unasked",
        "correlation_id": "visit-7",
    }
    assert record["at"].startswith(NOW.strftime("%Y-%m-%dT%H:%M"))


async def test_without_a_purpose_nothing_is_shown(care: Care) -> None:
    patient = await care.patient()
    answer = await care.http.get(f"/v1/patients/{patient['id']}/identity")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "purpose")
    assert await accesses(care, patient["id"]) == [("create", "care", "nurse-1")]


async def test_the_record_of_accesses_is_paged(care: Care) -> None:
    patient = await care.patient()
    for _ in range(4):
        await care.get(f"/v1/patients/{patient['id']}/identity", purpose="audit")
    seen, cursor = [], None
    while cursor or not seen:
        more = {"cursor": cursor} if cursor else {}
        page = await care.get(f"/v1/patients/{patient['id']}/accesses", limit=2, **more)
        seen += [item["action"] for item in page["items"]]
        cursor = page["next"]
    assert seen == ["read"] * 4 + ["create"]


@pytest.mark.parametrize("path", ["", "/identity?purpose=care", "/accesses"])
async def test_an_unknown_patient_is_a_404(care: Care, path: str) -> None:
    answer = await care.http.get(f"/v1/patients/019ab000-0000-7000-8000-000000000001{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "patient_unknown")


@pytest.mark.parametrize("database", ["db", "system"])
@pytest.mark.parametrize("statement", ["UPDATE access_record SET purpose = 'x'", "DELETE FROM access_record"])
async def test_nobody_changes_the_record(care: Care, database: str, statement: str) -> None:
    await care.patient()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(care.runtime, database).work("pays-de-redon") as work:
            await work.execute(statement)


async def test_no_table_holds_an_identity_in_the_clear(
    care: Care, settings: PathwaysSettings, servers: Servers
) -> None:
    enrolment = await care.enrolment()
    await care.get(f"/v1/patients/{enrolment['patient_id']}/identity", purpose="care")
    await care.http.post("/v1/patients/search", json={**NAMED, "purpose": "care"})
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [row for (table,) in tables for row in await connection.fetch(f"SELECT * FROM {table}")]
    dump = [value for row in rows for value in row.values()]
    await connection.close()
    text = "\n".join(value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in dump).lower()
    assert "lung-cancer" in text
    assert "35236" in text
    for secret in ("exemplaire", "dupr", "camille", "1957", "0639980012", "639980012", CAMILLE["ins"]):
        assert secret.lower() not in text


async def test_reading_without_identity_needs_no_identity_scope(care: Care) -> None:
    patient = await care.patient()
    async with care.connect(READ, role="coordinator") as coordinator:
        assert (await coordinator.get(f"/v1/patients/{patient['id']}")).json()["age_band"] == "60-69"
        refused = await coordinator.get(f"/v1/patients/{patient['id']}/identity?purpose=care")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert await accesses(care, patient["id"]) == [("create", "care", "nurse-1")]
