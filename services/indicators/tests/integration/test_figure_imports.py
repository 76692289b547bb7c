"""Figures of the funders: read from their files, kept with where they come from, masked where they hide a number."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from openpyxl import Workbook
from telling import Stage

from indicators.usecases import import_figures
from kit.testing.harness import Issuer, client, connected

HEADER = "indicateur;numerateur;denominateur;valeur"
CPAM = f"{HEADER}\nI-01;1 110;10 000;\nI-02;;;1,9\nI-03;<6;120;\nI-04;7;100;7,0\nN-04;;;1110\n"


async def send(http: httpx.AsyncClient, content: str | bytes, **form: Any) -> httpx.Response:
    data = {"source": "cpam", "period": "2026-Q3"} | form
    file = content.encode() if isinstance(content, str) else content
    headers = {"Idempotency-Key": str(uuid4())}
    return await http.post("/v1/figure-imports", data=data, files={"file": ("f.csv", file)}, headers=headers)


async def figure(http: httpx.AsyncClient, indicator: str, period: str = "2026-Q3") -> dict[str, Any]:
    body: dict[str, Any] = (await http.get(f"/v1/indicators/{indicator}", params={"period": period})).json()
    return body


async def test_an_imported_figure_says_where_it_comes_from(http: httpx.AsyncClient) -> None:
    made = await send(http, CPAM)
    assert made.status_code == 201
    found = await figure(http, "I-01")
    assert (found["status"], found["origin"], found["value"]) == ("imported", "imported", 11.1)
    assert (found["numerator"], found["denominator"]) == (1110, 10000)
    assert found["interval"] == {"low": 10.5, "high": 11.73}
    (source,) = found["provenance"]
    assert (source["source"], source["told_in"]) == ("cpam", made.json()["id"])
    assert (source["told_by"], source["told_at"]) == ("tester", "2026-11-22T09:00:00Z")
    assert source["digest"] == made.json()["digest"]
    assert (found["complete"], found["incomplete_because"]) == (True, [])


async def test_a_value_alone_is_a_figure_without_numbers(http: httpx.AsyncClient) -> None:
    await send(http, CPAM)
    found = await figure(http, "I-02")
    assert (found["status"], found["value"], found["numerator"], found["interval"]) == ("imported", 1.9, None, None)


async def test_a_masked_figure_is_no_zero(http: httpx.AsyncClient) -> None:
    made = (await send(http, CPAM)).json()
    assert [line["masked"] for line in made["lines"]] == [False, False, True, False, False]
    found = await figure(http, "I-03")
    assert (found["status"], found["reason"], found["masked"]) == ("masked", "masked", True)
    assert (found["value"], found["numerator"], found["denominator"], found["interval"]) == (None, None, None, None)
    assert found["trend"] is None


async def test_another_period_has_no_source(http: httpx.AsyncClient) -> None:
    await send(http, CPAM)
    for period in ("2026-Q2", "2026", "2026-H2"):
        found = await figure(http, "I-01", period)
        assert (found["status"], found["value"], found["origin"]) == ("no_source", None, None)


async def test_bad_lines_are_named_and_the_good_ones_are_kept(http: httpx.AsyncClient) -> None:
    made = (await send(http, f"{HEADER}\nI-01;1;0;\nI-08;3;;\nI-02;;;1,9\nI-02;;;2\nI-03;x;9;\n")).json()
    causes = [(it["number"], it["cause"]) for it in made["refusals"]]
    assert causes == [(2, "rate_impossible"), (3, "figure_unknown"), (5, "line_repeated"), (6, "number_malformed")]
    assert (made["added"], made["refused"]) == (1, 4)
    kept = (await http.get(f"/v1/figure-imports/{made['id']}")).json()
    assert (kept["lines"], kept["added"], kept["refused"]) == (5, 1, 4)
    assert [(it["number"], it["cause"]) for it in kept["refusals"]] == causes
    assert (await figure(http, "I-02"))["value"] == 1.9


async def test_a_preview_shows_the_same_and_writes_nothing(http: httpx.AsyncClient, stage: Stage) -> None:
    looked = await send(http, CPAM, preview="true")
    assert looked.status_code == 200
    assert (looked.json()["id"], looked.json()["preview"], looked.json()["added"]) == (None, True, 5)
    assert (await http.get("/v1/figure-imports")).json()["items"] == []
    async with stage.system.work("pays-de-redon") as work:
        for table in ("figure_import", "imported_figure"):
            assert await work.fetchval(f"SELECT count(*) FROM {table}") == 0
    made = (await send(http, CPAM)).json()
    assert made["lines"] == looked.json()["lines"]
    changed = (await send(http, CPAM.replace("1,9", "1,8"), preview="true")).json()
    assert [line["change"] for line in changed["lines"]] == ["unchanged", "changed", *["unchanged"] * 3]


async def test_a_later_file_replaces_what_its_source_told_and_keeps_it(http: httpx.AsyncClient) -> None:
    first = (await send(http, CPAM)).json()
    assert (await send(http, CPAM)).json()["unchanged"] == 5
    second = (await send(http, f"{HEADER}\nI-03;12;120;\nI-04;s;100;\n")).json()
    assert (second["added"], second["changed"]) == (0, 2)
    assert ((await figure(http, "I-03"))["value"], (await figure(http, "I-04"))["status"]) == (10.0, "masked")
    told = (await http.get("/v1/indicators/I-04/told?period=2026-Q3")).json()["items"]
    assert [(it["number"], it["value"], it["masked"], it["import_id"], it["line"]) for it in told] == [
        (2, None, True, second["id"], 3),
        (1, 7.0, False, first["id"], 5),
    ]
    listed = (await http.get("/v1/figure-imports?source=cpam&limit=2")).json()
    assert listed["items"][0]["id"] == second["id"]
    assert listed["next"] is not None


async def test_files_that_come_at_once_are_taken_one_after_the_other(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(send(http, f"{HEADER}\nI-01;{n};100;\n") for n in range(1, 6)))
    assert sorted((it.json()["added"], it.json()["changed"]) for it in answers) == [(0, 1)] * 4 + [(1, 0)]
    told = (await http.get("/v1/indicators/I-01/told?period=2026-Q3")).json()["items"]
    assert [it["number"] for it in told] == [5, 4, 3, 2, 1]
    assert (await figure(http, "I-01"))["value"] == told[0]["value"]


async def test_funds_are_added_and_the_first_in_rank_is_believed(http: httpx.AsyncClient) -> None:
    await send(http, CPAM)
    await send(http, f"{HEADER}\nI-01;90;1000;\n", source="msa")
    found = await figure(http, "I-01")
    assert (found["numerator"], found["denominator"], found["value"]) == (1200, 11000, 10.91)
    assert [it["source"] for it in found["provenance"]] == ["cpam", "msa"]
    await send(http, "indicateur;valeur\nI-01;10,8\n", source="rezone")
    found = await figure(http, "I-01")
    assert (found["value"], [it["source"] for it in found["provenance"]]) == (10.8, ["rezone"])


async def test_a_workbook_is_read_as_it_is_seen(http: httpx.AsyncClient) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[Any]] = [["indicateur", "valeur", "numerateur", "denominateur"], ["I-01", None, 1110, 10000.0]]
    for row in [*rows, ["I-02", 0.019, None, None], [None], ["I-03", None, "<6", 120]]:
        sheet.append(row)
    sheet["B3"].number_format = "0.0%"
    out = BytesIO()
    book.save(out)
    made = (await send(http, out.getvalue())).json()
    told = {line["figure"]: (line["value"], line["masked"]) for line in made["lines"]}
    assert told == {"I-01": (11.1, False), "I-02": (1.9, False), "I-03": (None, True)}
    assert made["refusals"] == []


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        (CPAM, {"source": "nobody"}, "figure_source_unknown"),
        (CPAM, {"period": "2026-Q7"}, "invalid_input"),
        (CPAM, {"period": "2027-Q1"}, "period_not_begun"),
        ("a;b\n1;2\n", {}, "column_missing"),
        ("", {}, "column_missing"),
        (b"\xff\xfe\x00", {}, "not_utf8"),
        (b"PK\x03\x04 no workbook", {}, "not_a_workbook"),
        (b"%PDF-1.7\0", {}, "not_a_csv"),
        (HEADER + "\nI-01;1;2;\n" * 5001, {}, "table_too_large"),
    ],
)
async def test_what_is_no_file_of_figures_is_refused(
    http: httpx.AsyncClient, content: str | bytes, form: dict[str, str], code: str
) -> None:
    answer = await send(http, content, **form)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"]


async def test_a_file_that_is_too_large_is_refused(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_figures, "LARGEST", 100)
    answer = await send(http, CPAM)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


async def test_the_same_key_with_another_file_is_refused(http: httpx.AsyncClient) -> None:
    data, headers = {"source": "cpam", "period": "2026-Q3"}, {"Idempotency-Key": "k"}
    first = await http.post("/v1/figure-imports", data=data, files={"file": ("f", CPAM.encode())}, headers=headers)
    again = await http.post("/v1/figure-imports", data=data, files={"file": ("f", CPAM.encode())}, headers=headers)
    other = await http.post(
        "/v1/figure-imports", data=data, files={"file": ("f", b"indicateur;valeur\n")}, headers=headers
    )
    assert again.json() == first.json()
    assert other.status_code == 422


async def test_an_empty_template_can_be_filled_in(http: httpx.AsyncClient) -> None:
    empty = (await http.get("/v1/figure-sources/cpam/template.csv")).content.decode("utf-8-sig")
    assert empty.splitlines()[0] == HEADER.replace(";", ";commune;", 1)
    filled = empty.replace("I-01;;;;", "I-01;;1;4;")
    made = (await send(http, filled)).json()
    assert [line["figure"] for line in made["lines"]] == ["I-01"]
    assert {it["cause"] for it in made["refusals"]} == {"value_missing"}
    sources = (await http.get("/v1/figure-sources")).json()["items"]
    assert [it["id"] for it in sources] == ["cpam", "hospital", "insee", "msa", "rezone"]
    assert (await http.get("/v1/figure-sources/nobody/template.csv")).json()["code"] == "figure_source_unknown"


async def test_context_figures_have_their_baseline_and_what_was_imported(http: httpx.AsyncClient) -> None:
    await send(http, "indicateur;valeur\npopulation municipale;82 100\n", source="insee", period="2026")
    items = {it["id"]: it for it in (await http.get("/v1/context-figures?period=2026")).json()["items"]}
    assert (items["C-01"]["baseline"]["value"], items["C-01"]["value"]) == (81246, 82100)
    assert (items["C-08"]["baseline"]["references"][0], items["C-08"]["value"]) == (
        {"area": "bretagne", "value": 23.7},
        None,
    )


async def test_the_baseline_of_the_territory_judges_its_figure(http: httpx.AsyncClient) -> None:
    await send(http, "indicateur;valeur\nI-01;10,8\nI-04;7,7\n", source="rezone")
    found = await figure(http, "I-01")
    assert found["trend"] == {
        "expected": "down",
        "judged": "reached",
        "compared_with": {"kind": "baseline", "value": 11.1, "period": None},
    }
    assert found["baseline"]["references"][2] == {"area": "france", "value": 10.4}
    assert (await figure(http, "I-04"))["trend"]["judged"] == "not_reached"


async def test_a_figure_of_a_territory_stays_there(service: FastAPI, issuer: Issuer) -> None:
    scopes = ("indicators:read", "figures:write")
    async with client(service, issuer.token(*scopes)) as ours:
        made = (await send(ours, CPAM)).json()
        async with connected(service, issuer.token(*scopes, territory="haute-saintonge")) as theirs:
            assert (await figure(theirs, "I-01"))["status"] == "no_source"
            assert (await theirs.get(f"/v1/figure-imports/{made['id']}")).status_code == 404
            assert (await theirs.get("/v1/figure-imports")).json()["items"] == []


async def test_the_database_keeps_no_number_of_a_masked_figure(stage: Stage) -> None:
    async with stage.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.CheckViolationError):
            await work.execute(
                "INSERT INTO imported_figure "
                "(territory, figure, period, source, number, numerator, masked, import_id, line) "
                "VALUES ('pays-de-redon', 'I-01', '2026', 'cpam', 1, 3, true, $1, 2)",
                work.new_id(),
            )


def test_every_source_has_a_file_of_its_own(deploy_dir: Path) -> None:
    for path in (deploy_dir / "indicators" / "imports").glob("*.yaml"):
        assert f"\nid: {path.stem}\n" in path.read_text(encoding="utf-8")
