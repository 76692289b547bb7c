"""Nothing that leaves the service tells 3 patients from 4: every place where figures leave is here, or does not pass.

The same story is played twice, with three patients and with four. A reader of what is published must get the same
answers, to the byte: numbers, parts, pictures with their titles, files, forecasts, events.
"""

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from export_stage import QUARTERLY, replicas, write_rules
from fastapi import FastAPI
from openpyxl import load_workbook
from reporting import BOARD, IN_Q3, Q3, moved
from telling import NOW, Stage, event_of, open_stage

from contracts.coordination import StayRecorded
from contracts.pathways import EnrolmentStarted
from indicators.domain.catalogue import Catalogue
from indicators.main import build
from indicators.settings import MIGRATIONS, IndicatorsSettings
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers

PUBLISHED = f"period={Q3}&published=true"
LEAVING = {
    "/v1/figures": f"/v1/figures?{PUBLISHED}&ids=I-11,I-20,I-21",
    "/v1/indicators/{indicator_id}": f"/v1/indicators/I-20?{PUBLISHED}",
    "/v1/indicators/{indicator_id}/series": "/v1/indicators/I-20/series?from=2026-Q1&to=2026-Q3&published=true",
    "/v1/indicators/{indicator_id}/series.{kind}": (
        "/v1/indicators/I-20/series.svg?from=2026-Q1&to=2026-Q3&published=true"
    ),
    "/v1/exports/indicators.csv": f"/v1/exports/indicators.csv?{PUBLISHED}",
    "/v1/exports/action-plan.csv": f"/v1/exports/action-plan.csv?{PUBLISHED}",
    "/v1/action-plan/sheets/{number}": f"/v1/action-plan/sheets/2.2?{PUBLISHED}",
    "/v1/aci-contract/forecast": "/v1/aci-contract/forecast?period=2026&published=true",
    "/v1/comparisons": f"/v1/comparisons?indicator=I-20&period={Q3}&territories=pays-de-redon",
    "/v1/published/periods/{period_id}/figures": f"/v1/published/periods/{Q3}/figures",
    "/v1/published/periods/{period_id}/figures.csv": f"/v1/published/periods/{Q3}/figures.csv",
    "/v1/published/periods/{period_id}/figures/{indicator_id}": f"/v1/published/periods/{Q3}/figures/I-20",
}
"""Where figures leave, and how somebody outside would ask there."""
ELSEWHERE = {
    "/v1/export-runs/{run_id}/files/{name}": "the files, looked at below",
    "/v1/periods/{period_id}/changes": "for those who approve, of figures that they see whole",
    "/v1/manual-figures/{entry_id}/proof": "what somebody sent in, for those who may see proofs",
    "/v1/figure-sources/{source}/template.csv": "an empty table",
}
"""Answers with figures or files that nobody outside can ask for, and why."""
SCOPES = (
    *(*BOARD, "indicators:export", "indicators:published", "indicators:compare", "aci:read", "aci:write"),
    *("exports:read", "exports:write"),
)
FORMATS = ["csv", "json", "parquet", "pdf", "xlsx", "dhis2", "adx", "fhir"]
AMOUNTS = {"valid_from": "2026-01-01", "source": "Contrat", "missions": {"pathways": {"variable": "4000.00"}}}


def test_every_place_where_figures_leave_is_known(service: FastAPI) -> None:
    document = service.openapi()
    found = {
        path
        for path, item in document["paths"].items()
        if "get" in item and (_files(item["get"]) or "FigureOut" in _schemas(document, item["get"]))
    }
    assert found == set(LEAVING) | set(ELSEWHERE), "where figures leave, they are masked: see LEAVING"


def _files(route: dict[str, Any]) -> bool:
    """A route that streams does not say what."""
    kinds = route["responses"]["200"].get("content", {})
    return not kinds or any(kind != "application/json" for kind in kinds)


def _schemas(document: dict[str, Any], part: Any, seen: set[str] | None = None) -> set[str]:
    """The names of all models that an answer is made of."""
    seen = set() if seen is None else seen
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _schemas(document, value, seen)
    name = part.get("$ref", "").rpartition("/")[2] if isinstance(part, dict) else ""
    if name and name not in seen:
        seen.add(name)
        _schemas(document, document["components"]["schemas"][name], seen)
    return seen


def stay(kind: str, entry: str | None = None) -> StayRecorded:
    day = IN_Q3.date()
    return StayRecorded(
        stay_id=uuid4(), kind=kind, motive="heart-failure", entry=entry, readmission=False, arrived_on=day
    )


def enrolled() -> EnrolmentStarted:
    return EnrolmentStarted(
        enrolment_id=uuid4(),
        template="lung-cancer",
        template_version="1",
        age_band="60-69",
        commune=None,
        department="35",
        started_on=IN_Q3.date(),
        patient=uuid4(),
    )


async def tell(stage: Stage, few: int) -> None:
    """So many visits and patients of a pathway, and ten stays, of which so many through the emergency department."""
    visits = [stay("ed_visit") for _ in range(few)]
    stays = [stay("stay", "ed" if number < few else "direct") for number in range(10)]
    everything = [*visits, *stays, *(enrolled() for _ in range(few))]
    await stage.handle(*(event_of(it, 1, time=IN_Q3) for it in everything))


@asynccontextmanager
async def played(settings: IndicatorsSettings, catalogue: Catalogue, few: int) -> AsyncIterator[FastAPI]:
    async with open_stage(settings, catalogue) as stage:
        await tell(stage, few)
    yield build(settings, FixedClock(NOW))


@pytest.fixture
async def twice(
    settings: IndicatorsSettings, servers: Servers, issuer: Issuer, tmp_path: Path, deploy_dir: Path
) -> tuple[IndicatorsSettings, IndicatorsSettings]:
    """Two databases. The territory owes a dashboard to somebody outside."""
    rules = tmp_path / "rules"
    write_rules(rules, QUARTERLY | {"inside": False, "starts": "2026-10-01", "formats": FORMATS})
    owed = (rules / "pays-de-redon" / "exports.yaml").read_text()
    (settings.territories_dir / "pays-de-redon" / "exports.yaml").write_text(owed)
    other = await fresh_settings(
        IndicatorsSettings, servers, issuer, tmp_path / "other", migrations=MIGRATIONS, deploy=deploy_dir
    )
    second = {"database_url": other.database_url, "blob_dir": other.blob_dir, "exports_dir": tmp_path / "second"}
    return settings, settings.model_copy(update=second)


async def answers(settings: IndicatorsSettings, catalogue: Catalogue, issuer: Issuer, few: int) -> dict[str, bytes]:
    """Everything that a reader outside gets, by address and by file."""
    async with (
        played(settings, catalogue, few) as service,
        client(service, issuer.token(*SCOPES)) as http,
        replicas(settings, FixedClock(NOW)) as (replica,),
    ):
        entered = await http.put("/v1/aci-contract/amounts", json=AMOUNTS)
        assert entered.status_code == 200
        before = {f"{name}, open": await content(http, LEAVING[name]) for name in LEAVING if "published/" not in name}
        await moved(http, "submit", "approve")
        found = {name: await content(http, path) for name, path in LEAVING.items()}
        await replica.plan()
        await replica.work_off()
        delivered = await replica.rows("SELECT body FROM outbox WHERE type LIKE '%export.delivered%'")
    assert len(delivered) == 1
    body = delivered[0]["body"]
    told = json.loads(body if isinstance(body, (str, bytes)) else json.dumps(body))["data"]
    told.pop("export_run_id"), told.pop("size")
    files = {it.name: readable(it) for it in (settings.exports_dir / "cpam").glob("*/*") if it.name != "manifest.json"}
    assert len(files) == len(FORMATS)
    return {**before, **found, **files, "event": json.dumps(told).encode()}


async def content(http: httpx.AsyncClient, path: str) -> bytes:
    answer = await http.get(path)
    if "/comparisons" in path and answer.json()["unpublished"]:
        return b"unpublished"
    assert answer.status_code == 200, (path, answer.text)
    return answer.headers.get("etag", "").encode() + answer.content


def readable(file: Path) -> bytes:
    """The file; of a workbook its cells, since it says when it was written."""
    if file.suffix != ".xlsx":
        return file.read_bytes()
    book = load_workbook(io.BytesIO(file.read_bytes()))
    return repr([(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]).encode()


async def test_three_patients_look_like_four(
    twice: tuple[IndicatorsSettings, IndicatorsSettings], catalogue: Catalogue, issuer: Issuer
) -> None:
    three = await answers(twice[0], catalogue, issuer, 3)
    four = await answers(twice[1], catalogue, issuer, 4)
    assert [name for name in three if three[name] != four[name]] == []


async def test_the_test_would_see_a_leak(
    twice: tuple[IndicatorsSettings, IndicatorsSettings], catalogue: Catalogue, issuer: Issuer
) -> None:
    """Whoever may see the numbers sees other ones."""
    seen = []
    for settings, few in zip(twice, (3, 4), strict=True):
        async with played(settings, catalogue, few) as service, client(service, issuer.token(*SCOPES)) as http:
            paths = [path.replace("&published=true", "") for path in LEAVING.values() if "published=true" in path]
            seen.append([await content(http, path) for path in paths])
    assert all(three != four for three, four in zip(*seen, strict=True))
