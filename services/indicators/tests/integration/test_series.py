"""One indicator over periods and in several territories; breakdowns, pictures, and what a cache may keep."""

import asyncio
import struct
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from reporting import BOARD, moved
from telling import NOW, OTHER_GP, SLOT_AT, Stage, Teller, event_of

from contracts.coordination import StayRecorded
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client, connected

RANGE = "from=2026-Q1&to=2026-Q4"


async def ask(http: httpx.AsyncClient, path: str, **headers: str) -> Any:
    answer = await http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def told(stage: Stage, tell: Teller) -> Stage:
    """Slots told from February on: two that start in Q1, three in Q2, none in Q3, one in Q4."""
    days = [-280, -275, -200, -190, -180, 0]
    early = NOW - timedelta(days=290)
    await stage.handle(*(tell.published(uuid4(), time=early, starts_at=SLOT_AT + timedelta(days=day)) for day in days))
    return stage


async def test_a_series_has_a_figure_for_each_period(http: httpx.AsyncClient, told: Stage) -> None:
    body = await ask(http, f"/v1/indicators/I-08/series?{RANGE}")
    assert [(it["period"]["id"], it["value"]) for it in body["items"]] == [
        ("2026-Q1", 2),
        ("2026-Q2", 3),
        ("2026-Q3", 0),
        ("2026-Q4", 1),
    ]
    assert (body["from"], body["to"], body["indicator"]["id"]) == ("2026-Q1", "2026-Q4", "I-08")


async def test_each_period_is_judged_against_the_one_before(http: httpx.AsyncClient, told: Stage) -> None:
    items = (await ask(http, f"/v1/indicators/I-08/series?{RANGE}"))["items"]
    trends = [it["trend"] for it in items]
    assert [it["judged"] for it in trends] == ["too_early", "reached", "not_reached", "too_early"]
    assert [it["compared_with"] and it["compared_with"]["period"] for it in trends] == [
        None,
        "2026-Q1",
        "2026-Q2",
        "2026-Q3",
    ]
    for item in items:
        alone = await ask(http, f"/v1/indicators/I-08?period={item['period']['id']}")
        judged = (alone["value"], alone["trend"]["judged"])
        assert judged == (item["value"], item["trend"]["judged"])


async def test_before_the_first_fact_there_is_nothing_to_compare_with(http: httpx.AsyncClient, told: Stage) -> None:
    figure = await ask(http, "/v1/indicators/I-08?period=2026-Q1")
    assert figure["trend"] == {"expected": "up", "judged": "too_early", "compared_with": None}
    untold = await ask(http, "/v1/indicators/I-09?period=2026-Q3")
    assert (untold["value"], untold["trend"]["judged"]) == (0, "too_early")


async def test_an_indicator_without_source_has_a_series_of_unknown_values(http: httpx.AsyncClient) -> None:
    items = (await ask(http, f"/v1/indicators/I-03/series?{RANGE}"))["items"]
    assert [(it["status"], it["value"], it["trend"]) for it in items] == [("no_source", None, None)] * 4


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-Q1&to=2026", "range_invalid"),
        ("from=2026-Q2&to=2026-Q1", "range_invalid"),
        ("from=2010-Q1&to=2026-Q1", "range_invalid"),
        ("from=x&to=2026-Q1", "period_invalid"),
        ("from=2026-Q1&to=2026-Q9", "period_invalid"),
        ("from=2026-Q1", "invalid_input"),
        (f"{RANGE}&breakdown=colour", "breakdown_unknown"),
    ],
)
async def test_a_bad_range_is_refused_by_name(http: httpx.AsyncClient, query: str, code: str) -> None:
    answer = await http.get(f"/v1/indicators/I-08/series?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"]


async def test_figures_are_asked_for_by_name_and_breakdown(http: httpx.AsyncClient, told: Stage) -> None:
    body = await ask(http, "/v1/figures?period=2026-Q4&ids=I-08,I-03,I-08")
    assert [(it["id"], it["status"]) for it in body["items"]] == [("I-08", "computed"), ("I-03", "no_source")]
    assert body["items"][0]["breakdown"].keys() == {"effector_kind", "profession", "commune", "department"}
    body = await ask(http, "/v1/figures?period=2026-Q4&ids=I-08,I-09&breakdown=profession")
    assert [it["breakdown"] for it in body["items"]] == [{"profession": {"10": 1}}, {}]
    one = await ask(http, "/v1/indicators/I-08?period=2026-Q4&breakdown=effector_kind")
    assert one["breakdown"] == {"effector_kind": {"professional": 1}}
    for query, code in (("ids=I-08,I-99", "indicator_unknown"), ("breakdown=colour", "breakdown_unknown")):
        answer = await http.get(f"/v1/figures?period=2026-Q4&{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/indicators/I-08?period=2026-Q4",
        "/v1/figures?period=2026-Q4",
        f"/v1/indicators/I-08/series?{RANGE}",
        f"/v1/indicators/I-08/series.svg?{RANGE}",
    ],
)
async def test_what_did_not_change_is_not_sent_again(
    *, http: httpx.AsyncClient, told: Stage, tell: Teller, clock: FixedClock, path: str
) -> None:
    first = await http.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "private, no-cache")
    clock.advance(timedelta(seconds=5))
    again = await http.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    await told.handle(tell.published(uuid4()))
    changed = await http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


async def test_a_series_is_drawn_as_svg_and_png(http: httpx.AsyncClient, told: Stage) -> None:
    svg = await http.get(f"/v1/indicators/I-08/series.svg?{RANGE}")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.headers["x-content-type-options"] == "nosniff"
    texts = {"".join(it.itertext()).strip() for it in ET.fromstring(svg.content).iter() if it.tag.endswith("}text")}
    assert {"I-08 – Nombre de créneaux SNP mis à disposition", "2026-Q1", "2026-Q4", "3", "nombre"} <= texts
    assert "période en cours" in texts
    assert (await http.get(f"/v1/indicators/I-08/series.svg?{RANGE}")).content == svg.content
    png = await http.get(f"/v1/indicators/I-08/series.png?{RANGE}&lang=en")
    assert png.headers["content-type"] == "image/png"
    assert struct.unpack(">II", png.content[16:24]) == (960, 540)
    assert (await http.get(f"/v1/indicators/I-08/series.gif?{RANGE}")).status_code == 422


async def test_pictures_of_anything_are_drawn_at_once(http: httpx.AsyncClient, told: Stage) -> None:
    """Rates, scores without answers, indicators without source, with a baseline; on several threads."""
    paths = [f"/v1/indicators/{it}/series.{kind}?{RANGE}" for it in ("I-01", "I-10", "I-12") for kind in ("svg", "png")]
    answers = await asyncio.gather(*(http.get(path) for path in paths))
    assert [it.status_code for it in answers] == [200] * len(paths)
    assert "situation de départ 11,1" in answers[0].text


async def test_approved_figures_of_territories_that_the_token_names_are_compared(
    service: FastAPI, issuer: Issuer, told: Stage, tell: Teller
) -> None:
    there = {"rpps": OTHER_GP, "territory": "haute-saintonge", "starts_at": SLOT_AT - timedelta(days=200)}
    await told.handle(*(tell.published(uuid4(), **there) for _ in range(2)))
    path = "/v1/comparisons?indicator=I-08&period=2026-Q2&territories=haute-saintonge,pays-de-redon"
    agency = issuer.token("indicators:compare", compare_territories=["haute-saintonge"])
    async with client(service, agency) as http:
        body = await ask(http, path)
        assert (body["items"], body["unpublished"]) == ([], ["haute-saintonge", "pays-de-redon"])
        async with connected(service, issuer.token(*BOARD)) as board:
            await moved(board, "submit", "approve", period="2026-Q2")
        body = await ask(http, path)
        assert [(it["territory"], it["value"]) for it in body["items"]] == [("pays-de-redon", 3)]
        assert body["unpublished"] == ["haute-saintonge"]
        async with connected(service, issuer.token(*BOARD, territory="haute-saintonge")) as board:
            await moved(board, "submit", "approve", period="2026-Q2")
        await told.handle(tell.published(uuid4(), **there))
        body = await ask(http, path)
        assert [(it["territory"], it["value"]) for it in body["items"]] == [
            ("haute-saintonge", 2),
            ("pays-de-redon", 3),
        ]
        assert body["unpublished"] == []


async def test_small_counts_of_patients_are_not_compared(service: FastAPI, issuer: Issuer, stage: Stage) -> None:
    visits = [
        StayRecorded(
            stay_id=uuid4(), kind="ed_visit", motive="heart-failure", entry=None, readmission=False, arrived_on=day
        )
        for day in (date(2026, 8, 12), date(2026, 8, 13))
    ]
    await stage.handle(*(event_of(it, 1) for it in visits))
    async with client(service, issuer.token(*BOARD)) as board:
        await moved(board, "submit", "approve", period="2026-Q3")
        async with connected(service, issuer.token("indicators:compare")) as agency:
            (figure,) = (await ask(agency, "/v1/comparisons?indicator=I-20&period=2026-Q3&territories=pays-de-redon"))[
                "items"
            ]
            assert (figure["status"], figure["value"], figure["numerator"]) == ("masked", None, None)
        series = "/v1/indicators/I-20/series?from=2026-Q2&to=2026-Q3"
        assert [it["value"] for it in (await ask(board, series))["items"]] == [0, 2]
        shown = (await ask(board, f"{series}&published=true"))["items"]
        assert [(it["status"], it["value"]) for it in shown] == [("computed", 0), ("masked", None)]
        picture = (await board.get("/v1/indicators/I-20/series.svg?from=2026-Q2&to=2026-Q3&published=true")).text
        assert "masqué" in picture


async def test_a_series_has_the_approved_figures_of_closed_periods(
    service: FastAPI, issuer: Issuer, told: Stage, tell: Teller
) -> None:
    async with client(service, issuer.token(*BOARD)) as board:
        await moved(board, "submit", "approve", period="2026-Q2")
        await told.handle(tell.published(uuid4(), starts_at=SLOT_AT - timedelta(days=200)))
        path = f"/v1/indicators/I-08/series?{RANGE}"
        items = (await ask(board, path))["items"]
        assert [(it["value"], it["approval"] and it["approval"]["number"]) for it in items] == [
            (2, None),
            (3, 1),
            (0, None),
            (1, None),
        ]
        assert [it["value"] for it in (await ask(board, f"{path}&live=true"))["items"]] == [2, 4, 0, 1]


async def test_only_territories_that_the_token_names_are_compared(service: FastAPI, issuer: Issuer) -> None:
    path = "/v1/comparisons?indicator=I-08&period=2026-Q3&territories="
    agency = issuer.token("indicators:compare", compare_territories=["haute-saintonge"])
    async with client(service, agency) as http:
        assert (await ask(http, f"{path}haute-saintonge,pays-de-redon"))["items"] == []
        for others in ("pays-de-redon,marches-de-bretagne", "atlantis", "haute-saintonge, marches-de-bretagne"):
            answer = await http.get(f"{path}{others}")
            assert (answer.status_code, answer.json()["code"]) == (403, "territory_forbidden")
        for bad in ("", ",", ",".join(["pays-de-redon"] * 21)):
            answer = await http.get(f"{path}{bad}")
            assert (answer.status_code, answer.json()["code"]) == (422, "territories_invalid")
        answer = await http.get("/v1/comparisons?indicator=I-99&territories=pays-de-redon")
        assert (answer.status_code, answer.json()["code"]) == (404, "indicator_unknown")
        assert (await http.get("/v1/indicators/I-08", headers={"X-Territory": "haute-saintonge"})).status_code == 403
        async with connected(service, issuer.token("indicators:read", "indicators:compare")) as coordinator:
            answer = await coordinator.get(f"{path}pays-de-redon,haute-saintonge")
            assert (answer.status_code, answer.json()["code"]) == (403, "territory_forbidden")
            assert (await ask(coordinator, f"{path}pays-de-redon"))["unpublished"] == ["pays-de-redon"]
        async with connected(service, issuer.token("indicators:compare", compare_territories="all")) as odd:
            assert (await odd.get(f"{path}pays-de-redon")).json()["code"] == "token_invalid"


async def test_a_right_to_compare_opens_nothing_else(
    service: FastAPI, issuer: Issuer, told: Stage, tell: Teller
) -> None:
    await told.handle(tell.published(uuid4(), territory="haute-saintonge"))
    token = issuer.token("indicators:read", territory="marches-de-bretagne", compare_territories=["haute-saintonge"])
    async with client(service, token) as http:
        assert (await ask(http, "/v1/indicators/I-08?period=2026-Q4"))["value"] == 0
        assert (await ask(http, "/v1/indicators/I-08/evidence?period=2026-Q4"))["total"] == 0
