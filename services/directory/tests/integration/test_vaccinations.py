"""Vaccinated people by age band: imported line by line, masked ones never zero, read as coverage, told."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest_asyncio

from contracts.envelope import NATIONAL
from kit.clock import FixedClock

COUNTS = """week;place;age_band;vaccinated
2026-W47;35236;75+;100
2026-W48;35236;75+;50
2026-W48;44067;75+;NS
2026-W48;35236;18-24;0
2026-W48;nowhere;18-24;5
"""
POPULATION = "place;age_band;population\n35236;75+;800\n44067;75+;200\n35236;18-24;ns\n"


class Campaign:
    """A vaccination campaign of its own for each test."""

    def __init__(self, directory: Any, http: Any, clock: FixedClock) -> None:
        self.directory, self.http, self.clock = directory, http, clock
        self.name = f"flu-{uuid4().hex[:8]}"

    async def send(self, content: str | bytes, kind: str = "vaccinated", key: str = "", **form: Any) -> Any:
        data = {"kind": kind, "source": "Assurance maladie"} | ({"campaign": self.name} if kind == "vaccinated" else {})
        raw = content.encode() if isinstance(content, str) else content
        headers = {"Idempotency-Key": key or uuid4().hex}
        files = {"file": ("counts.csv", raw)}
        return await self.http.post("/v1/vaccination-imports", data=data | form, files=files, headers=headers)

    async def imported(self, content: str, kind: str = "vaccinated") -> dict[str, Any]:
        answer = await self.send(content, kind)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def coverage(self, **params: Any) -> dict[str, tuple[Any, ...]]:
        answer = await self.http.get(f"/v1/vaccination-campaigns/{self.name}/coverage", params=params)
        assert answer.status_code == 200, answer.text
        names = ("vaccinated", "masked_cells", "population", "rate")
        return {row["code"]: tuple(row[name] for name in names) for row in answer.json()["rows"]}

    async def told(self) -> list[dict[str, Any]]:
        async with self.directory.runtime.system.work(NATIONAL) as work:
            rows = await work.fetch("SELECT body FROM outbox ORDER BY seq")
        bodies = [json.loads(row["body"]) for row in rows]
        return [it for it in bodies if it["subject"] == self.name]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[tuple[Any, Any, Any]]:
    clock = FixedClock(datetime(2026, 11, 30, 8, tzinfo=UTC))
    async with (
        start(await new_settings(templates.empty), issuer, clock) as directory,
        directory.connect("crisis:read", "crisis:write", role="coordinator", sub="coordinator") as http,
    ):
        yield directory, http, clock


@pytest_asyncio.fixture(loop_scope="session")
async def campaign(running: tuple[Any, Any, Any]) -> Campaign:
    return Campaign(*running)


async def test_good_lines_are_kept_bad_ones_named_and_masked_ones_stay_masked(campaign: Campaign) -> None:
    await campaign.imported(POPULATION, "population")
    done = await campaign.imported(COUNTS)
    counts = {name: done[name] for name in ("lines", "added", "changed", "unchanged", "masked", "refused")}
    assert counts == {"lines": 5, "added": 4, "changed": 0, "unchanged": 0, "masked": 1, "refused": 1}
    assert [(it["number"], it["cause"]) for it in done["refusals"]] == [(6, "commune_unknown")]
    assert (await campaign.http.get(f"/v1/vaccination-imports/{done['id']}")).json() == done
    assert await campaign.coverage() == {"18-24": (0, 0, None, None), "75+": (150, 1, 1000, 15.0)}
    assert await campaign.coverage(by="place") == {"35236": (150, 0, None, None), "44067": (0, 1, 200, 0.0)}
    by_week = await campaign.coverage(by="week")
    assert by_week == {"2026-11-16": (100, 0, None, None), "2026-11-23": (50, 1, None, None)}
    assert (await campaign.coverage(to="2026-11-16"))["75+"] == (100, 0, 1000, 10.0)


async def test_the_same_file_again_changes_and_tells_nothing(campaign: Campaign) -> None:
    first = await campaign.imported(COUNTS)
    before = await campaign.coverage()
    again = await campaign.imported(COUNTS)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 4)
    assert (await campaign.coverage(), first["digest"]) == (before, again["digest"])
    assert len(await campaign.told()) == 1


async def test_a_correction_replaces_and_the_past_stays_known(campaign: Campaign) -> None:
    await campaign.imported(COUNTS)
    day = campaign.clock.now().date().isoformat()
    campaign.clock.advance(timedelta(days=1))
    corrected = await campaign.imported(COUNTS.replace("75+;NS", "75+;12"))
    assert (corrected["changed"], corrected["unchanged"]) == (1, 3)
    assert (await campaign.coverage())["75+"][:2] == (162, 0)
    assert (await campaign.coverage(at=day))["75+"][:2] == (150, 1)
    first, second = await campaign.told()
    bands = {it["age_band"]: it for it in second["data"]["age_bands"]}
    assert (bands["75+"]["vaccinated"], bands["75+"]["masked_cells"]) == (162, 0)
    assert second["aggregateversion"] > first["aggregateversion"]


async def test_population_that_changes_is_told_of_every_campaign(campaign: Campaign) -> None:
    await campaign.imported("week;age_band;vaccinated\n2026-W48;65-74;10\n")
    await campaign.imported("age_band;population\n65-74;400\n", "population")
    (_, told) = await campaign.told()
    assert told["data"]["age_bands"] == [{"age_band": "65-74", "vaccinated": 10, "masked_cells": 0, "population": 400}]


async def test_communes_and_the_whole_territory_do_not_mix(campaign: Campaign) -> None:
    await campaign.imported(COUNTS)
    answer = await campaign.send("week;age_band;vaccinated\n2026-W48;75+;10\n")
    assert (answer.status_code, answer.json()["code"]) == (409, "level_differs")


async def test_what_is_no_such_file_is_refused(campaign: Campaign) -> None:
    large = COUNTS + "2026-W48;35236;75+;1\n" * 50_000
    for content, form, status, code in (
        ("a;b\n1;2\n", {}, 422, "column_missing"),
        (b"\xff\xfe", {}, 422, "not_utf8"),
        (large, {}, 413, "file_too_large"),
        (POPULATION, {"kind": "population", "campaign": campaign.name}, 422, "campaign_missing"),
    ):
        answer = await campaign.send(content, **form)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await campaign.send(COUNTS, key="one-key")).status_code == 201
    assert (await campaign.send(COUNTS.replace("100", "101"), key="one-key")).status_code == 422
    unknown = await campaign.http.get("/v1/vaccination-campaigns/none/coverage")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "campaign_unknown")


async def test_another_territory_has_its_own(campaign: Campaign) -> None:
    done = await campaign.imported(COUNTS)
    for territory in ("haute-saintonge", "marches-de-bretagne", "atlantique-nord-loire"):
        async with campaign.directory.connect("crisis:read", territory=territory) as http:
            assert (await http.get("/v1/vaccination-campaigns")).json()["items"] == []
            assert (await http.get(f"/v1/vaccination-imports/{done['id']}")).status_code == 404
            assert (await http.get(f"/v1/vaccination-campaigns/{campaign.name}/coverage")).status_code == 404
