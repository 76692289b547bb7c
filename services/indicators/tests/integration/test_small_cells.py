"""Small counts of patients: hidden where figures are published, and their evidence for those who may see patients."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from reporting import BOARD, IN_Q3, Q3, moved
from telling import Stage, event_of

from contracts.coordination import StayRecorded
from indicators.domain.small_cells import SmallCells
from indicators.usecases.load_small_cells import load_small_cells
from kit.territories import BadFileError
from kit.testing.harness import Issuer, client, connected


def stay(kind: str = "stay", entry: str | None = "direct") -> StayRecorded:
    return StayRecorded(
        stay_id=uuid4(), kind=kind, motive="heart-failure", entry=entry, readmission=False, arrived_on=IN_Q3.date()
    )


@pytest.fixture
async def told(stage: Stage) -> Stage:
    """Ten stays, eight of them direct, and three visits of the emergency department."""
    stays = (
        [stay() for _ in range(8)] + [stay(entry="ed") for _ in range(2)] + [stay("ed_visit", None) for _ in range(3)]
    )
    await stage.handle(*(event_of(it, 1, time=IN_Q3) for it in stays))
    return stage


@pytest_asyncio.fixture
async def coordinator(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*BOARD, "indicators:export")) as started:
        yield started


@pytest_asyncio.fixture
async def funder(coordinator: httpx.AsyncClient, service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with connected(service, issuer.token("indicators:published", role="funder")) as started:
        yield started


async def test_a_funder_sees_closed_periods_only(
    told: Stage, coordinator: httpx.AsyncClient, funder: httpx.AsyncClient
) -> None:
    paths = ("figures", "figures.csv", "figures/I-20")
    for verbs in ((), ("submit",)):
        await moved(coordinator, *verbs)
        for path in paths:
            answer = await funder.get(f"/v1/published/periods/{Q3}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "period_not_published")
        assert (await funder.get("/v1/published/periods")).json()["items"] == []
    for verb in ("approve", "lock"):
        await moved(coordinator, verb)
        assert {(await funder.get(f"/v1/published/periods/{Q3}/{path}")).status_code for path in paths} == {200}
    (period,) = (await funder.get("/v1/published/periods")).json()["items"]
    assert (period["period"]["id"], period["number"], period["late_data"]) == (Q3, 1, False)


async def test_a_funder_reaches_nothing_else(funder: httpx.AsyncClient) -> None:
    paths = ("/v1/figures", "/v1/indicators", "/v1/indicators/I-08", "/v1/indicators/I-08/evidence", "/v1/periods")
    for path in (*paths, "/v1/exports/indicators.csv", f"/v1/periods/{Q3}/changes"):
        assert (await funder.get(path)).json()["code"] == "scope_missing"


async def test_what_a_funder_sees_is_masked(
    told: Stage, coordinator: httpx.AsyncClient, funder: httpx.AsyncClient
) -> None:
    await moved(coordinator, "submit", "approve")
    visits = (await funder.get(f"/v1/published/periods/{Q3}/figures/I-20")).json()
    assert (visits["status"], visits["value"], visits["numerator"], visits["masked"]) == ("masked", None, None, True)
    stays = (await funder.get(f"/v1/published/periods/{Q3}/figures/I-21")).json()
    assert (stays["status"], stays["value"], stays["masked"], stays["approval"]["number"]) == ("computed", 10, True, 1)
    assert stays["breakdown"]["entry"] == {"direct": None, "ed": None}
    assert stays["breakdown"]["readmission"] == {"first": 10}
    whole = (await funder.get(f"/v1/published/periods/{Q3}/figures")).json()["items"]
    assert len(whole) == len(told.catalogue.indicators)
    assert next(item for item in whole if item["id"] == "I-20") == visits


async def test_the_file_of_a_funder_is_masked_as_well(
    told: Stage, coordinator: httpx.AsyncClient, funder: httpx.AsyncClient
) -> None:
    await moved(coordinator, "submit", "approve")
    text = (await funder.get(f"/v1/published/periods/{Q3}/figures.csv")).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    found = {
        (row["id"], row["dimension"], row["code"]): (row["numerator"], row["value"], row["masked"]) for row in rows
    }
    assert found["I-20", "", ""] == ("", "", "true")
    assert found["I-21", "", ""] == ("10", "10", "true")
    assert found["I-21", "entry", "ed"] == found["I-21", "entry", "direct"] == ("", "", "true")
    assert found["I-21", "readmission", "first"] == ("10", "", "false")


async def test_a_coordinator_sees_numbers_and_may_ask_for_the_published_ones(
    told: Stage, coordinator: httpx.AsyncClient
) -> None:
    path = f"/v1/indicators/I-20?period={Q3}"
    assert (await coordinator.get(path)).json()["value"] == 3
    assert (await coordinator.get(f"{path}&published=true")).json()["status"] == "masked"
    figures = (await coordinator.get(f"/v1/figures?period={Q3}&published=true")).json()["items"]
    assert next(item for item in figures if item["id"] == "I-20")["value"] is None
    text = (await coordinator.get(f"/v1/exports/indicators.csv?period={Q3}&published=true")).text
    assert ";I-20;" in text
    assert next(line for line in text.splitlines() if ";I-20;" in line).split(";")[12:15] == ["", "", ""]


async def test_the_evidence_of_few_patients_is_for_those_who_may_see_them(
    told: Stage, coordinator: httpx.AsyncClient, service: FastAPI, issuer: Issuer
) -> None:
    paths = [f"/v1/indicators/{name}/evidence{tail}?period={Q3}" for name in ("I-20", "I-21") for tail in ("", "/x")]
    for path in paths:
        refused = await coordinator.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "masked")
    async with connected(service, issuer.token("indicators:read", "indicators:patients")) as care:
        assert [(await care.get(path)).status_code for path in paths] == [200] * 4
        assert (await care.get(paths[0])).json()["total"] == 3


async def test_the_evidence_of_many_patients_and_of_slots_is_for_readers(
    stage: Stage, coordinator: httpx.AsyncClient
) -> None:
    await stage.handle(*(event_of(stay("ed_visit", None), 1, time=IN_Q3) for _ in range(6)))
    assert (await coordinator.get(f"/v1/indicators/I-20/evidence?period={Q3}")).json()["total"] == 6
    for name in ("I-08", "I-29"):
        assert (await coordinator.get(f"/v1/indicators/{name}/evidence?period={Q3}")).status_code == 200
    absent = await coordinator.get(f"/v1/indicators/I-20/evidence?period={Q3}&part=denominator")
    assert (absent.status_code, absent.json()["code"]) == (422, "part_absent")


def test_the_threshold_is_data_of_the_territory(deploy_dir: Path, tmp_path: Path) -> None:
    assert load_small_cells(deploy_dir / "territories") == {"pays-de-redon": SmallCells(version=1, threshold=6)}
    folder = tmp_path / "atlantis"
    folder.mkdir()
    (folder / "territory.yaml").write_text("id: atlantis")
    assert load_small_cells(tmp_path) == {}
    (folder / "small-cells.yaml").write_text("version: 1\nthreshold: 1\n")
    with pytest.raises(BadFileError, match=r"small-cells.yaml: threshold"):
        load_small_cells(tmp_path)
