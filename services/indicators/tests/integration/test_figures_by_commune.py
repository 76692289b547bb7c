"""Imported figures by commune: kept with their whole, masked where the source masks, hidden where published."""

import csv
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from reporting import BOARD, moved
from telling import Stage

from kit.testing.harness import Issuer, client

HEADER = "indicateur;commune;numerateur;denominateur;valeur"
LINES = ("I-01;;110;1000;", "I-01;35236;60;500;12", "I-01;35064;s;;", "I-01;44007;4;90;", "I-01;44067;30;300;")
CPAM = "\n".join((HEADER, *LINES, ""))
SCOPES = (*BOARD, "figures:write", "indicators:export", "indicators:published")


@pytest_asyncio.fixture
async def http(service: FastAPI, issuer: Issuer) -> Any:
    async with client(service, issuer.token(*SCOPES)) as started:
        yield started


async def send(http: httpx.AsyncClient, content: str, **form: Any) -> dict[str, Any]:
    data, headers = {"source": "cpam", "period": "2026-Q3"} | form, {"Idempotency-Key": str(uuid4())}
    answer = await http.post("/v1/figure-imports", data=data, files={"file": ("f.csv", content)}, headers=headers)
    body: dict[str, Any] = answer.raise_for_status().json()
    return body


async def figure(http: httpx.AsyncClient, more: str = "") -> dict[str, Any]:
    body: dict[str, Any] = (await http.get(f"/v1/indicators/I-01?period=2026-Q3{more}")).raise_for_status().json()
    return body


async def test_the_whole_stands_with_its_communes_and_departments(http: httpx.AsyncClient) -> None:
    made = await send(http, CPAM)
    assert [(it["commune"], it["masked"]) for it in made["lines"]] == [
        (None, False),
        ("35236", False),
        ("35064", True),
        ("44007", False),
        ("44067", False),
    ]
    assert (made["added"], made["refused"]) == (5, 0)
    found = await figure(http)
    assert (found["numerator"], found["denominator"], found["value"], found["masked"]) == (110, 1000, 11.0, True)
    assert found["breakdown"] == {
        "commune": {"35064": None, "35236": 60, "44007": 4, "44067": 30},
        "department": {"35": None, "44": 34},
    }
    assert (await figure(http, "&breakdown=department"))["breakdown"] == {"department": {"35": None, "44": 34}}


async def test_bad_communes_are_named_and_the_rest_is_kept(http: httpx.AsyncClient) -> None:
    bad = ("I-01;75056;1;2;", "N-04;35236;3;;", "I-02;;50;100;", "I-02;35236;51;60;")
    made = await send(http, "\n".join((CPAM.rstrip(), *bad)))
    assert [(it["number"], it["cause"]) for it in made["refusals"]] == [
        (7, "commune_unknown"),
        (8, "total_missing"),
        (10, "parts_exceed_total"),
    ]
    assert (made["added"], made["refused"]) == (6, 3)


async def test_what_is_published_gives_no_hidden_commune_away(http: httpx.AsyncClient) -> None:
    """Avessac has four, which are few; what its neighbour has would tell it."""
    await send(http, CPAM)
    await moved(http, "submit", "approve")
    inside = await figure(http)
    assert inside["breakdown"]["commune"]["44007"] == 4
    shown = (await http.get("/v1/published/periods/2026-Q3/figures/I-01")).raise_for_status().json()
    assert (shown["value"], shown["masked"]) == (11.0, True)
    assert shown["breakdown"]["commune"] == {"35064": None, "35236": 60, "44007": None, "44067": None}
    assert shown["breakdown"]["department"]["35"] is None
    text = (await http.get("/v1/published/periods/2026-Q3/figures.csv")).content.decode("utf-8-sig")
    rows = [it for it in csv.DictReader(io.StringIO(text, newline=""), delimiter=";") if it["id"] == "I-01"]
    told = {(it["dimension"], it["code"]): it["numerator"] for it in rows}
    assert told["", ""] == "110"
    assert (told["commune", "35236"], told["commune", "44007"], told["commune", "35064"]) == ("60", "", "")


async def test_one_hidden_commune_alone_takes_another_with_it(http: httpx.AsyncClient) -> None:
    await send(
        http, f"{HEADER}\nI-01;;110;1000;\nI-01;35236;60;500;\nI-01;44067;s;;\nI-01;35064;20;;2\n", preview="true"
    )
    await send(http, f"{HEADER}\nI-01;;110;1000;\nI-01;35236;60;500;\nI-01;44067;s;;\nI-01;44007;20;90;\n")
    shown = await figure(http, "&published=true")
    assert shown["breakdown"]["commune"] == {"35236": 60, "44007": None, "44067": None}


async def test_an_approval_protects_what_the_source_hides(http: httpx.AsyncClient) -> None:
    """One commune is masked, the department of the others is whole: without it the masked one would follow."""
    lines = "I-01;;110;1000;\nI-01;35236;60;500;\nI-01;35064;s;;\nI-01;44007;20;90;\n"
    await send(http, f"{HEADER}\n{lines}")
    await moved(http, "submit", "approve")
    shown = (await http.get("/v1/published/periods/2026-Q3/figures/I-01")).raise_for_status().json()
    assert (shown["numerator"], shown["breakdown"]["commune"]["35064"]) == (110, None)
    known = [value for value in shown["breakdown"]["commune"].values() if value is not None]
    assert len(known) == 1, "with both, the masked one is what they leave of the whole"


async def test_a_file_replaces_the_figure_with_all_its_communes(http: httpx.AsyncClient) -> None:
    first = await send(http, CPAM)
    again = await send(http, CPAM)
    assert (again["unchanged"], again["added"], again["changed"]) == (5, 0, 0)
    one = await send(http, CPAM.replace("44007;4;90;", "44007;5;90;"))
    assert (one["unchanged"], one["changed"]) == (4, 1)
    assert (await figure(http))["breakdown"]["commune"] == {"35064": None, "35236": 60, "44007": 5, "44067": 30}
    await send(http, "\n".join((HEADER, *LINES[:2])))
    assert (await figure(http))["breakdown"] == {"commune": {"35236": 60}, "department": {"35": 60}}
    await send(http, f"{HEADER}\n{LINES[0]}\n")
    assert (await figure(http))["breakdown"] == {}
    told = (await http.get("/v1/indicators/I-01/told?period=2026-Q3")).json()["items"]
    assert [(it["number"], len(it["communes"])) for it in told] == [(4, 0), (3, 1), (2, 4), (1, 4)]
    masked = next(it for it in told[-1]["communes"] if it["commune"] == "35064")
    assert masked == {
        "commune": "35064",
        "numerator": None,
        "denominator": None,
        "value": None,
        "masked": True,
        "line": 4,
    }
    assert told[-1]["import_id"] == first["id"]


async def test_funds_are_added_commune_by_commune(http: httpx.AsyncClient) -> None:
    await send(http, CPAM)
    await send(http, f"{HEADER}\nI-01;;10;100;\nI-01;35236;6;50;\nI-01;44007;s;;\n", source="msa")
    found = await figure(http)
    assert (found["numerator"], found["denominator"]) == (120, 1100)
    assert found["breakdown"]["commune"] == {"35236": 66, "44007": None}


async def test_population_by_commune_stands_with_the_context(http: httpx.AsyncClient) -> None:
    content = "indicateur;commune;population\nC-01;;81 246\nC-01;35236;9 336\nC-01;44007;s\n"
    await send(http, content, source="insee", period="2026")
    items = (await http.get("/v1/context-figures?period=2026")).raise_for_status().json()["items"]
    population = next(it for it in items if it["id"] == "C-01")
    assert (population["value"], population["breakdown"]["commune"]) == (81246, {"35236": 9336, "44007": None})


async def test_the_template_has_a_column_for_the_commune(http: httpx.AsyncClient) -> None:
    text = (await http.get("/v1/figure-sources/cpam/template.csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "indicateur;commune;numerateur;denominateur;valeur"


async def test_communes_of_another_territory_are_not_seen(http: httpx.AsyncClient, stage: Stage) -> None:
    await send(http, CPAM)
    async with stage.db.work("haute-saintonge") as work:
        assert await work.fetchval("SELECT count(*) FROM imported_part") == 0
    async with stage.db.work("pays-de-redon") as work:
        assert await work.fetchval("SELECT count(*) FROM imported_part") == 4


@pytest.mark.parametrize("statement", ["UPDATE imported_part SET line = 1", "DELETE FROM imported_part"])
@pytest.mark.parametrize("role", ["db", "system"])
async def test_what_was_told_of_a_commune_is_not_changed(stage: Stage, role: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(stage, role).work("pays-de-redon") as work:
            await work.execute(statement)


async def test_the_database_keeps_no_number_of_a_hidden_commune(http: httpx.AsyncClient, stage: Stage) -> None:
    await send(http, CPAM)
    async with stage.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.CheckViolationError):
            await work.execute(
                "INSERT INTO imported_part "
                "SELECT territory, figure, period, source, number, '35013', 3, 9, 33.3, true, 9 FROM imported_figure"
            )


def test_the_sources_that_tell_communes(deploy_dir: Path) -> None:
    texts = {it.stem: it.read_text(encoding="utf-8") for it in (deploy_dir / "indicators" / "imports").glob("*.yaml")}
    assert {name for name, text in texts.items() if "\n  commune: [" in text} == {"cpam", "msa", "rezone", "insee"}
