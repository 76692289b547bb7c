"""Figures that somebody enters with a proof: marked as such, corrected by one more entry, never changed."""

import asyncio
import csv
import hashlib
import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from telling import Stage

from indicators.settings import IndicatorsSettings
from kit.testing.harness import Issuer, client, connected

PDF = b"%PDF-1.7 counted by the emergency department"
SCOPES = ("indicators:read", "indicators:export", "figures:write", "figures:proofs")


@pytest.fixture
def token(issuer: Issuer) -> str:
    return issuer.token(*SCOPES)


async def enter(
    http: httpx.AsyncClient, *, proof: bytes | None = PDF, name: str = "preuve.pdf", key: str | None = None, **form: Any
) -> httpx.Response:
    data = {"indicator": "N-03", "period": "2025", "comment": "Counted by hand"} | form
    files = {"file": (name, proof)} if proof is not None else {"unsaid": ("", b"")}
    headers = {"Idempotency-Key": key or str(uuid4())}
    return await http.post("/v1/manual-figures", data=data, files=files, headers=headers)


async def test_an_entry_is_a_figure_marked_as_such(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        made = await enter(http, numerator=184, denominator=1000)
        assert made.status_code == 201
        found = (await http.get("/v1/indicators/N-03?period=2025")).json()
        assert (found["status"], found["origin"], found["value"]) == ("manual", "manual", 18.4)
        assert (found["numerator"], found["denominator"]) == (184, 1000)
        assert found["interval"] == {"low": 16.12, "high": 20.92}
        (source,) = found["provenance"]
        assert (source["source"], source["told_in"], source["told_by"]) == ("manual", made.json()["id"], "tester")
        assert source["digest"] == made.json()["proof_digest"] == hashlib.sha256(PDF).hexdigest()
        assert found["trend"]["judged"] == "not_reached"
        text = (await http.get("/v1/exports/indicators.csv?period=2025")).content.decode("utf-8-sig")
        rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")}
        assert (rows["N-03"]["origin"], rows["N-03"]["value"], rows["N-03"]["provenance"]) == (
            "manual",
            "18,4",
            "manual",
        )


async def test_a_count_is_entered_as_a_value(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        made = (await enter(http, indicator="N-04", value=7200)).json()
        assert (made["numerator"], made["value"]) == (7200, 7200)
        found = (await http.get("/v1/indicators/N-04?period=2025")).json()
        assert (found["value"], found["numerator"], found["unit"]) == (7200, 7200, "count")


async def test_a_correction_is_one_more_entry(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        first = (await enter(http, value=18.4)).json()
        again = await enter(http, value=18.2)
        assert (again.status_code, again.json()["code"], again.json()["id"]) == (409, "figure_entered", first["id"])
        second = (await enter(http, value=18.2, corrects=first["id"], proof=None, comment="A shift was missing")).json()
        assert (second["number"], second["proof_digest"]) == (2, first["proof_digest"])
        late = await enter(http, value=18.1, corrects=first["id"])
        assert (late.status_code, late.json()["code"], late.json()["id"]) == (409, "corrected_already", second["id"])
        assert (await http.get("/v1/indicators/N-03?period=2025")).json()["value"] == 18.2
        listed = (await http.get("/v1/manual-figures?indicator=N-03&period=2025")).json()["items"]
        assert [(it["number"], it["value"], it["comment"]) for it in listed] == [
            (2, 18.2, "A shift was missing"),
            (1, 18.4, "Counted by hand"),
        ]
        assert (await http.get(f"/v1/manual-figures/{first['id']}")).json() == first


async def test_of_two_corrections_at_once_one_is_taken(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        first = (await enter(http, value=18.4)).json()
        answers = await asyncio.gather(*(enter(http, value=17 + n / 10, corrects=first["id"]) for n in range(5)))
        assert sorted(it.status_code for it in answers) == [201, 409, 409, 409, 409]
        assert len((await http.get("/v1/manual-figures")).json()["items"]) == 2


async def test_of_two_first_entries_at_once_one_is_taken(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        answers = await asyncio.gather(*(enter(http, value=n) for n in range(5)))
        assert sorted(it.status_code for it in answers) == [201, 409, 409, 409, 409]


async def test_a_file_of_a_funder_comes_before_an_entry(service: FastAPI, token: str) -> None:
    async with client(service, token) as http:
        await enter(http, value=18.4)
        data = {"source": "hospital", "period": "2025"}
        file = b"indicateur;valeur\nN-03;s\n"
        headers = {"Idempotency-Key": "k"}
        await http.post("/v1/figure-imports", data=data, files={"file": ("f.csv", file)}, headers=headers)
        found = (await http.get("/v1/indicators/N-03?period=2025")).json()
        assert (found["status"], found["value"], found["masked"]) == ("masked", None, True)
        refused = await enter(http, indicator="N-03", value=18.4)
        assert (refused.status_code, refused.json()["code"]) == (409, "figure_imported")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"indicator": "I-08", "value": 3}, "indicator_fed"),
        ({"value": 101}, "value_out_of_range"),
        ({"numerator": 3, "denominator": 2}, "rate_impossible"),
        ({"numerator": 3}, "value_missing"),
        ({}, "value_missing"),
        ({"value": "nan"}, "invalid_input"),
        ({"value": -1}, "invalid_input"),
        ({"value": 3, "period": "2027"}, "period_not_begun"),
        ({"value": 3, "period": "2027-Q9"}, "invalid_input"),
        ({"value": 3, "comment": " "}, "invalid_input"),
        ({"value": 3, "proof": None}, "proof_missing"),
        ({"value": 3, "proof": b"MZ\x90"}, "file_type_refused"),
        ({"value": 3, "name": "proof.exe"}, "file_type_refused"),
        ({"value": 3, "corrects": str(uuid4())}, "manual_figure_unknown"),
    ],
)
async def test_what_cannot_be_entered(service: FastAPI, token: str, form: dict[str, Any], code: str) -> None:
    async with client(service, token) as http:
        answer = await enter(http, **form)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert (await http.get("/v1/manual-figures")).json()["items"] == []


async def test_a_proof_is_kept_sealed_and_read_with_its_scope(
    service: FastAPI, token: str, issuer: Issuer, settings: IndicatorsSettings, stage: Stage
) -> None:
    async with client(service, token) as http:
        entry = (await enter(http, value=18.4, name="releve anonyme.pdf")).json()
        path = f"/v1/manual-figures/{entry['id']}/proof"
        found = await http.get(path)
        assert (found.content, found.headers["content-type"]) == (PDF, "application/pdf")
        assert found.headers["content-disposition"] == 'attachment; filename="releve anonyme.pdf"'
        assert found.headers["etag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'
        (blob,) = [it for it in (settings.blob_dir / "indicators").iterdir() if it.is_file()]
        assert b"emergency" not in blob.read_bytes()
        async with stage.db.work("pays-de-redon") as work:
            assert b"anonyme" not in await work.fetchval("SELECT proof_name FROM manual_figure")
        async with connected(service, issuer.token("indicators:read")) as reader:
            assert (await reader.get(path)).json()["code"] == "scope_missing"
        async with connected(service, issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
            assert (await theirs.get(path)).json()["code"] == "manual_figure_unknown"
            assert (await theirs.get(f"/v1/manual-figures/{entry['id']}")).status_code == 404


async def test_a_refused_entry_leaves_no_file(service: FastAPI, token: str, settings: IndicatorsSettings) -> None:
    async with client(service, token) as http:
        await enter(http, value=18.4, key="once")
        assert (await enter(http, value=18.4, key="once")).headers["idempotency-replayed"] == "true"
        assert (await enter(http, value=18.3, key="once")).status_code == 422
        assert (await enter(http, value=18.4)).status_code == 409
        assert len([it for it in (settings.blob_dir / "indicators").iterdir() if it.is_file()]) == 1
