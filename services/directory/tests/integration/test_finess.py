"""FINESS in each of its formats gives the same structures."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from directory.usecases.advance_import import advance_import

FILES = ("finess_sample.csv", "finess_geoloc_sample.csv", "finess_equipements_sample.csv", "finess_plus_sample.json")


@pytest.fixture(scope="module")
def files(deploy_dir: Path) -> dict[str, bytes]:
    """Structures, the same with points, equipment, FINESS+."""
    names = ("structures", "points", "equipment", "plus")
    return {name: (deploy_dir / "reference" / file).read_bytes() for name, file in zip(names, FILES, strict=True)}


async def send(directory: Any, content: bytes, key: str = "1", **form: Any) -> dict[str, Any]:
    run: dict[str, Any] = await directory.imported(content, key=key, name="finess", of="finess", **form)
    return run


def structures(run: dict[str, Any]) -> tuple[int, int, int]:
    counts = run["counts"]
    return counts["structures_added"], counts["structures_changed"], counts["structures_unchanged"]


async def test_the_twelve_nursing_homes_have_their_places(directory: Any, files: dict[str, bytes]) -> None:
    first = await send(directory, files["points"])
    assert (first["source"], structures(first)) == ("finess-structures", (58, 0, 0))
    places = await send(directory, files["equipment"], key="2")
    assert (places["source"], places["state"], places["counts"]["lines_rejected"]) == (
        "finess-equipments",
        "completed",
        0,
    )
    homes = (await directory.get("/v1/structures", category="500", limit=200))["items"]
    assert (len(homes), sum(home["capacity"] for home in homes)) == (12, 1112)
    assert {home["category_group"]["code"] for home in homes} == {"4401"}
    here = (await directory.get("/v1/structures", category="500", near="35236", max_distance_km=5))["items"]
    assert here
    assert all(home["latitude"] and home["longitude"] for home in homes)
    assert homes[0]["places"][0]["discipline"] == {"code": "924", "label": "Accueil pour Personnes Âgées"}
    assert await _told(directory, homes[0]["finess"]) == [
        {"category": "500", "capacity": None, "listed": True},
        {"category": "500", "capacity": homes[0]["capacity"], "listed": True},
    ]


async def test_every_format_says_the_same(directory: Any, files: dict[str, bytes]) -> None:
    await send(directory, files["points"])
    before = {item["finess"]: item for item in await _all(directory)}
    plus = await send(directory, gzip.compress(files["plus"]), key="2")
    assert (plus["source"], plus["counts"]["lines_read"], plus["state"]) == ("finess-plus", 59, "completed")
    after = {item["finess"]: item for item in await _all(directory)}
    assert after.keys() == before.keys()
    for finess, item in after.items():
        same = ("name", "category", "place", "phone", "legal_entity", "opened_on")
        assert {key: item[key] for key in same} == {key: before[finess][key] for key in same}
        assert item["latitude"] == pytest.approx(before[finess]["latitude"], abs=2e-5)
    closed = await directory.get("/v1/structures/990099988")
    assert (closed["listed"], closed["closed_on"]) == (False, "2014-01-01")
    again = await send(directory, files["plus"], key="3")
    assert structures(again) == (0, 0, 59)
    assert Counter(item["category"]["code"] for item in after.values())["620"] == 20


async def test_batches_and_deaths_give_the_same(directory: Any, files: dict[str, bytes]) -> None:
    await directory.upload(gzip.compress(files["plus"]), of="finess")
    importer = directory.importer(batch=7)
    while await directory.advance(importer):
        pass
    [run] = (await directory.get("/v1/imports"))["items"]
    assert (run["state"], structures(run), run["counts"]["lines_read"]) == ("completed", (59, 0, 0), 59)
    assert run["counts"]["lines_merged"] == 59


@pytest.mark.parametrize("file", ["points", "plus"])
async def test_a_batch_that_dies_is_done_again_and_counted_once(
    directory: Any, files: dict[str, bytes], file: str
) -> None:
    await directory.upload(files[file], of="finess", scope="whole")
    importer = directory.importer(batch=7)
    dice, going_on = random.Random(5), True
    while going_on:
        if dice.random() < 0.5:
            with pytest.raises(ConnectionResetError):
                await _die_after(directory, importer)
        going_on = await directory.advance(importer) > 0
    [run] = (await directory.get("/v1/imports"))["items"]
    sites = 58 if file == "points" else 59
    assert (run["state"], structures(run)) == ("completed", (sites, 0, 0))
    assert run["counts"]["lines_merged"] == run["counts"]["lines_read"] - run["counts"]["lines_rejected"]
    told = [event["subject"] for event in await directory.outbox() if "structure" in event["type"]]
    assert len(told) == len(set(told)) == sites
    again = await send(directory, files[file], key="2", scope="whole")
    assert (structures(again), again["counts"]["structures_gone"]) == ((0, 0, sites), 0)


async def _die_after(directory: Any, importer: Any) -> None:
    """A whole batch that is never committed."""
    async with directory.runtime.system.work(NATIONAL) as work:
        await advance_import(work, importer)
        raise ConnectionResetError


async def test_the_rpps_does_not_overwrite_finess(directory: Any, files: dict[str, bytes], sample: Path) -> None:
    await send(directory, files["points"])
    before = {item["finess"]: item for item in await _all(directory)}
    await directory.imported(sample.read_bytes(), key="2")
    after = {item["finess"]: item for item in await _all(directory)}
    for finess, item in before.items():
        same = ("name", "category", "place", "phone", "latitude", "source")
        assert {key: after[finess][key] for key in same} == {key: item[key] for key in same}
    assert any(item["sector"] for item in after.values() if item["source"] == "finess")


async def test_a_whole_file_flags_the_structures_it_does_not_name(directory: Any, files: dict[str, bytes]) -> None:
    await send(directory, files["structures"])
    lines = files["structures"].splitlines()
    run = await send(directory, b"\n".join(lines[:-1]), key="2", scope="whole")
    assert (run["counts"]["structures_gone"], structures(run)) == (1, (0, 0, 57))
    finess = lines[-1].split(b";")[1].decode()
    gone = await directory.get(f"/v1/structures/{finess}")
    assert (gone["listed"], gone["gone_at"] is not None) == (False, True)
    cut = await send(directory, b"\n".join(lines[:30]), key="3", scope="whole")
    assert (cut["state"], cut["failure"]["code"]) == ("failed", "too_many_gone")
    back = await send(directory, files["structures"], key="4", scope="whole")
    assert (await directory.get(f"/v1/structures/{finess}"))["gone_at"] is None
    assert structures(back) == (0, 1, 57)
    unfit = await directory.upload(files["equipment"], of="finess", key="5", scope="whole")
    assert (unfit.status_code, unfit.json()["errors"][0]["code"]) == (422, "scope_unfit")


async def test_broken_records_cost_only_themselves(directory: Any, files: dict[str, bytes]) -> None:
    metadata, good, other, *_ = files["structures"].splitlines()
    odd = other.decode().replace(";236;35;", ";999;35;").replace("35600 REDON", "35999 NULLE PART").encode()
    bad = [
        b"structureet;990010050",
        b"transport;990010050",
        good.replace(b"990010001", b"x"),
        b'structureet;990010050;"',
    ]
    run = await send(directory, b"\r\n".join([metadata, good, *bad, odd]))
    refused = await directory.refused(run)
    assert refused == [(3, "column_count"), (4, "record_unknown"), (5, "finess_malformed"), (6, "quote_unbalanced")]
    assert structures(run) == (2, 0, 0)
    warned = (await directory.get(f"/v1/imports/{run['id']}/warnings"))["items"]
    assert [(item["line"], item["cause"]) for item in warned] == [(7, "commune_unknown")]
    alone = await send(directory, files["equipment"], key="2")
    assert alone["counts"]["warned_by_cause"]["structure_unknown"] > 0


async def test_json_that_breaks_off_fails_the_run(directory: Any, files: dict[str, bytes]) -> None:
    packed = gzip.compress(files["plus"])
    for key, content in enumerate((files["plus"][:-3000], packed[:-20], b'{"schemaVersion":"1.0.0","pmej":[1,{}]}')):
        run = await send(directory, content, key=str(key))
        ended = ("failed", "file_malformed") if key < 2 else ("completed", None)
        assert (run["state"], (run["failure"] or {}).get("code")) == ended


async def test_what_is_no_file_of_finess_is_refused_at_once(directory: Any, sample: Path) -> None:
    answer = await directory.upload(sample.read_bytes(), of="finess")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "header_missing")
    answer = await directory.upload(json.dumps({"schemaVersion": "v2.0"}).encode(), of="finess", key="2")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "schema_unknown")


async def _all(directory: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await directory.get("/v1/structures", limit=200))["items"]
    return items


async def _told(directory: Any, finess: str) -> list[dict[str, Any]]:
    async with directory.runtime.system.work("fr") as work:
        rows = await work.fetch("SELECT body FROM outbox WHERE body::jsonb ->> 'subject' = $1 ORDER BY seq", finess)
    told = [json.loads(row["body"])["data"] for row in rows]
    return [{key: data[key] for key in ("category", "capacity", "listed")} for data in told]
