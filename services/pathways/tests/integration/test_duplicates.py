"""Entries of one person: suspected, merged with trace, or told apart."""

from typing import Any

import pytest
from enrolling import CAMILLE, READ, Care

PLAIN = {key: value for key, value in CAMILLE.items() if key not in ("ins", "identity_status")}


async def pairs(care: Care, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await care.get("/v1/patient-duplicates", **params))["items"]
    return found


async def two(care: Care, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    first = await care.made("/v1/patients", PLAIN)
    second = await care.made("/v1/patients", {**PLAIN, "phone": "+33199000001", **changes})
    return first, second


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"family_name": "Exemplaire-Dupree"}, "close_name"),
        ({"family_name": "Camille", "given_name": "Exemplaire Dupré"}, "swapped_names"),
        ({"family_name": "Zozime", "given_name": "Ursule", "phone": PLAIN["phone"]}, "same_phone"),
        ({"family_name": "Zozime", "given_name": "Ursule"}, None),
        ({"family_name": "Exemplaire-Dupree", "birth_date": "1957-03-15"}, None),
    ],
    ids=str,
)
async def test_who_is_alike_is_suspected(care: Care, changes: dict[str, Any], expected: str | None) -> None:
    first, second = await two(care, **changes)
    found = await pairs(care, state="suspected")
    assert [it["likeness"] for it in found] == ([expected] if expected else [])
    for pair in found:
        assert {pair["patient_id"], pair["other_id"]} == {first["id"], second["id"]}


async def test_a_merge_moves_everything_and_leaves_a_trace(care: Care) -> None:
    first, second = await two(care, family_name="Exemplaire-Dupree")
    enrolment = await care.enrolment(second["id"])
    answer = await care.post(f"/v1/patients/{first['id']}/merge", {"other_id": second["id"]})
    assert answer.status_code == 204
    gone = await care.http.get(f"/v1/patients/{second['id']}")
    assert (gone.status_code, gone.json()["code"], gone.json()["patient_id"]) == (410, "patient_merged", first["id"])
    found = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert (found["patient_id"], found["patient_ref"]) == (first["id"], first["ref"])
    named = {"family_name": "Exemplaire-Dupree", "given_name": "Camille", "birth_date": "1957-03-14"}
    searched = await care.http.post("/v1/patients/search", json={**named, "purpose": "care"})
    assert [it["id"] for it in searched.json()["items"]] == [first["id"]]
    again = await care.post("/v1/patients", {**PLAIN, "family_name": "Exemplaire-Dupree"})
    assert (again.status_code, again.json()["patient_id"]) == (409, first["id"])
    assert "merge" in {it["action"] for it in (await care.get(f"/v1/patients/{first['id']}/accesses"))["items"]}
    assert [it["state"] for it in await pairs(care)] == ["merged"]
    assert await care.count("patient WHERE sealed IS NOT NULL") == 1
    assert await care.count(f"patient_key WHERE patient_id = '{first['id']}'") == 2


async def test_two_on_one_pathway_are_not_merged(care: Care) -> None:
    first, second = await two(care, family_name="Exemplaire-Dupree")
    for one in (first, second):
        await care.enrolment(one["id"])
    answer = await care.post(f"/v1/patients/{first['id']}/merge", {"other_id": second["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "same_pathway")
    itself = await care.post(f"/v1/patients/{first['id']}/merge", {"other_id": first["id"]})
    assert (itself.status_code, itself.json()["code"]) == (422, "same_entry")


async def test_only_who_cares_for_both_merges(care: Care) -> None:
    first, second = await two(care, family_name="Exemplaire-Dupree")
    (pair,) = await pairs(care)
    async with care.connect(READ, "patients:identity", "pathways:write", sub="somebody") as http:
        assert (await http.get("/v1/patient-duplicates")).json()["items"] == []
        for path, body in (
            (f"/v1/patients/{first['id']}/merge", {"other_id": second["id"]}),
            (f"/v1/patient-duplicates/{pair['id']}/dismiss", {}),
        ):
            answer = await http.post(path, json=body, headers={"Idempotency-Key": path})
            assert (answer.status_code, answer.json()["code"]) == (403, "access_refused")
    async with care.connect(READ, role="coordinator") as http:
        assert (await http.get("/v1/patient-duplicates")).json()["items"] == [pair]


async def test_two_people_are_told_apart_once(care: Care) -> None:
    await two(care, family_name="Exemplaire-Dupree")
    (pair,) = await pairs(care)
    dismissed = await care.made(f"/v1/patient-duplicates/{pair['id']}/dismiss", {}, status=200)
    assert dismissed["state"] == "dismissed"
    again = await care.post(f"/v1/patient-duplicates/{pair['id']}/dismiss", {})
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_decided")
    await care.http.patch(f"/v1/patients/{pair['patient_id']}", json={"phone": None})
    assert await pairs(care, state="suspected") == []
