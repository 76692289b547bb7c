"""A campaign is a period like any other: figures, series, approval, late facts, what is published, its report."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from export_stage import QUARTERLY, replicas, write_rules
from reporting import BOARD, move, moved
from telling import GP, NURSE, OTHER_GP, TERRITORY, Stage, Teller, Town, event_of

from contracts.directory import AgeBandCount, ShiftTaken, VaccinationReported, WorkforceCounted
from indicators.main import build
from indicators.settings import IndicatorsSettings
from indicators.worker import worker
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client, until

CAMPAIGN = "2025-vaccination"
IN_IT = datetime(2026, 2, 20, 8, tzinfo=UTC)
LAST_HOUR = datetime(2026, 2, 28, 22, 30, tzinfo=UTC)
"""Half past eleven in the evening in Paris, on its last day."""
AFTER = datetime(2026, 3, 10, 9, tzinfo=UTC)
"""In the quarter in which the campaign ended."""
SCOPES = (*BOARD, "indicators:published", "exports:write", "exports:read")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AFTER)


@pytest_asyncio.fixture
async def board(settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer) -> Any:
    async with client(build(settings, clock), issuer.token(*SCOPES)) as started:
        yield started


def counted(*people: str) -> Any:
    at = datetime(2025, 10, 1, tzinfo=UTC)
    return event_of(WorkforceCounted(count_id=uuid4(), day=at.date(), self_employed=people), 1, time=at)


def taken(rpps: str, starts_at: datetime) -> Any:
    shift = {"sign_up_id": uuid4(), "shift_id": uuid4(), "roster_id": uuid4(), "roster_kind": "vaccination"}
    told = starts_at - timedelta(days=3)
    return event_of(ShiftTaken(**shift, rpps=rpps, profession="10", starts_at=starts_at), 1, time=told)


def reported(vaccinated: int, at: datetime, version: int) -> Any:
    band = AgeBandCount(age_band="65+", vaccinated=vaccinated, population=1000, masked_cells=0)
    return event_of(VaccinationReported(campaign="flu", import_id=uuid4(), age_bands=(band,)), version, time=at)


async def figure(http: httpx.AsyncClient, indicator: str, period: str = CAMPAIGN) -> dict[str, Any]:
    body: dict[str, Any] = (await http.get(f"/v1/indicators/{indicator}?period={period}")).raise_for_status().json()
    return body


async def test_its_figures_are_of_its_days(board: httpx.AsyncClient, stage: Stage) -> None:
    await stage.handle(
        counted(GP, OTHER_GP, NURSE),
        taken(GP, LAST_HOUR),
        taken(OTHER_GP, LAST_HOUR + timedelta(hours=1)),
        reported(400, datetime(2025, 12, 1, tzinfo=UTC), 1),
        reported(610, LAST_HOUR, 2),
        reported(700, AFTER, 3),
    )
    roster = await figure(board, "I-59")
    assert (roster["numerator"], roster["denominator"], roster["value"]) == (1, 3, 33.33)
    assert roster["period"] == {
        "id": CAMPAIGN,
        "kind": "campaign",
        "from": "2025-10-15T00:00:00+02:00",
        "to": "2026-03-01T00:00:00+01:00",
    }
    assert roster["complete"] is True
    assert (await figure(board, "I-60"))["value"] == 61


async def test_one_that_there_is_not_is_refused_with_those_that_there_are(board: httpx.AsyncClient) -> None:
    for path in ("indicators/I-60?period=2025-measles", "figures?period=2025-measles"):
        answer = await board.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
        assert "known: <year>-vaccination" in answer.json()["detail"] + str(answer.json().get("errors"))
    assert (await move(board, "submit", "2025-measles")).json()["code"] == "period_invalid"


async def test_a_territory_without_campaigns_has_none(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    async with client(build(settings, clock), issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
        answer = await theirs.get(f"/v1/indicators/I-60?period={CAMPAIGN}")
    assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
    assert "known: none" in str(answer.json())


async def test_a_series_of_campaigns_and_its_picture(board: httpx.AsyncClient, stage: Stage) -> None:
    last_winter = datetime(2025, 1, 10, tzinfo=UTC)
    await stage.handle(reported(300, last_winter, 1), reported(420, IN_IT, 2))
    span = "from=2023-vaccination&to=2025-vaccination"
    answer = (await board.get(f"/v1/indicators/I-60/series?{span}")).raise_for_status().json()
    told = [(it["period"]["id"], it["value"]) for it in answer["items"]]
    assert told == [("2023-vaccination", None), ("2024-vaccination", 30), ("2025-vaccination", 42)]
    trend = answer["items"][-1]["trend"]
    assert (trend["judged"], trend["compared_with"]["period"]) == ("reached", "2024-vaccination")
    picture = await board.get(f"/v1/indicators/I-60/series.svg?{span}")
    assert picture.status_code == 200
    assert "2024-vaccination" in picture.text
    mixed = await board.get("/v1/indicators/I-60/series?from=2025-vaccination&to=2026-Q1")
    assert (mixed.status_code, mixed.json()["code"]) == (422, "range_invalid")


async def test_it_is_approved_published_and_reopened(board: httpx.AsyncClient, stage: Stage) -> None:
    await stage.handle(reported(420, IN_IT, 1))
    early = await move(board, "submit", "2026-vaccination")
    assert (early.status_code, early.json()["code"]) == (409, "period_not_over")
    assert (await board.get(f"/v1/published/periods/{CAMPAIGN}/figures")).status_code == 404
    await moved(board, "submit", "approve", period=CAMPAIGN)
    assert (await figure(board, "I-60"))["approval"]["number"] == 1
    listed = (await board.get("/v1/periods")).json()["items"]
    assert [(it["period"]["id"], it["state"]) for it in listed] == [(CAMPAIGN, "approved")]
    published = (await board.get("/v1/published/periods")).json()["items"]
    assert [it["period"]["kind"] for it in published] == ["campaign"]
    shown = (await board.get(f"/v1/published/periods/{CAMPAIGN}/figures/I-60")).raise_for_status().json()
    assert shown["value"] == 42
    assert (await moved(board, "reopen", period=CAMPAIGN))["state"] == "open"


async def test_territories_are_compared_in_the_campaign_that_each_has(
    board: httpx.AsyncClient, stage: Stage, settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    """Haute-Saintonge has no campaign of that name: it has published nothing of it."""
    await stage.handle(reported(420, IN_IT, 1))
    await moved(board, "submit", "approve", period=CAMPAIGN)
    agency = issuer.token("indicators:compare", compare_territories=["haute-saintonge"])
    async with client(build(settings, clock), agency) as http:
        path = f"/v1/comparisons?indicator=I-60&period={CAMPAIGN}&territories=pays-de-redon,haute-saintonge"
        body = (await http.get(path)).raise_for_status().json()
    assert [(it["territory"], it["value"]) for it in body["items"]] == [(TERRITORY, 42)]
    assert body["unpublished"] == ["haute-saintonge"]


async def test_a_fact_that_comes_after_is_late_also_in_the_quarter_of_its_end(
    board: httpx.AsyncClient, settings: IndicatorsSettings, clock: FixedClock, town: Town, tell: Teller
) -> None:
    """Heard by the worker itself, which knows the campaigns of the territories."""
    await moved(board, "submit", "approve", period=CAMPAIGN)
    async with worker(settings, clock).started() as running:

        async def kept() -> int:
            async with running.system.work(TERRITORY) as work:
                return int(await work.fetchval("SELECT count(*) FROM fact WHERE kind = 'slot.published'"))

        await town.publish(
            tell.published(uuid4(), starts_at=LAST_HOUR, time=AFTER),
            tell.published(uuid4(), starts_at=LAST_HOUR + timedelta(hours=1), time=AFTER),
            tell.published(uuid4(), starts_at=LAST_HOUR, time=AFTER, territory="haute-saintonge"),
        )

        async def all_kept() -> bool:
            return await kept() == 3

        await until(all_kept)
    state = (await board.get(f"/v1/periods/{CAMPAIGN}")).json()
    assert (state["state"], state["late_data"]["facts"]) == ("approved", 1)
    (change,) = [
        it for it in (await board.get(f"/v1/periods/{CAMPAIGN}/changes")).json()["items"] if it["id"] == "I-08"
    ]
    assert (change["approved"]["value"], change["now"]["value"], change["late_facts_total"]) == (0, 1, 1)


async def test_its_report_is_made_when_it_is_over_with_its_own_indicators_and_the_campaign_before(
    settings: IndicatorsSettings, tmp_path: Path, stage: Stage
) -> None:
    clock = FixedClock(datetime(2026, 3, 15, 5, 59, tzinfo=UTC))
    await stage.handle(reported(300, datetime(2025, 1, 10, tzinfo=UTC), 1), reported(420, IN_IT, 2))
    folder = tmp_path / "territories"
    days = {"name": "vaccination", "label_fr": "Campagne de vaccination", "begins": "10-15", "ends": "02-28"}
    owed = QUARTERLY | {
        "what": "campaign_report",
        "when": "0 7 15 3 *",
        "campaign": "vaccination",
        "starts": "2026-01-01",
    }
    write_rules(folder, owed | {"formats": ["csv", "pdf"]}, campaigns=[days])
    async with replicas(settings.model_copy(update={"territories_dir": folder}), clock) as (one,):
        assert await one.plan() == 0
        clock.advance(timedelta(minutes=1))
        assert (await one.plan(), await one.plan(), await one.work_off()) == (1, 0, 1)
        (run,) = await one.rows()
    assert (run["period"], run["state"]) == (CAMPAIGN, "delivered")
    (sent,) = (settings.exports_dir / "cpam").glob("*")
    text = (sent / f"pays-de-redon_campaign_report_{CAMPAIGN}.csv").read_text("utf-8-sig")
    rows = {it["id"]: it for it in csv.DictReader(io.StringIO(text, newline=""), delimiter=";") if not it["dimension"]}
    assert set(rows) == {"I-58", "I-59", "I-60"}
    assert (rows["I-60"]["value"], rows["I-60"]["value_before"]) == ("42", "30")
    assert (sent / f"pays-de-redon_campaign_report_{CAMPAIGN}.pdf").read_bytes().startswith(b"%PDF")
