"""Structures as they were, and those that are gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.clock import FixedClock

DAY = datetime(2026, 9, 1, 8, tzinfo=UTC)
HERE = {"territory": "pays-de-redon", "limit": 200}
NEAR = {"near": "35236", "max_distance_km": 20, "limit": 200}


@pytest.fixture
def lines(deploy_dir: Path) -> list[bytes]:
    return (deploy_dir / "reference" / "finess_sample.csv").read_bytes().splitlines()


def number(line: bytes) -> str:
    return line.split(b";")[1].decode()


async def send(directory: Any, lines: list[bytes], key: str) -> dict[str, Any]:
    run: dict[str, Any] = await directory.imported(b"\n".join(lines), key=key, name="f", of="finess", scope="whole")
    assert run["state"] == "completed"
    return run


async def snapshot(directory: Any, **at: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """Every structure of the territory, those around its hospital, and its nursing homes."""
    here, near, homes = [
        (await directory.get("/v1/structures", **asked, **at))["items"]
        for asked in (HERE, NEAR, NEAR | {"category": "500", "name": "ehpad"})
    ]
    return {it["finess"]: it for it in here}, [it["finess"] for it in near], [it["finess"] for it in homes]


async def test_structures_as_of_a_day_are_what_a_snapshot_of_that_day_says(
    settings: Any, issuer: Any, start: Any, lines: list[bytes]
) -> None:
    clock = FixedClock(DAY)
    moved = [line.replace(b";236;35;", b";061;56;") if index % 3 == 0 else line for index, line in enumerate(lines)]
    versions = [lines, moved, [*moved[:1], *moved[3:]], lines]
    async with start(settings, issuer, clock) as directory:
        snapshots = []
        for day, content in enumerate(versions):
            await send(directory, content, str(day))
            snapshots.append(await snapshot(directory))
            clock.advance(timedelta(days=1))
        assert len({str(it) for it in snapshots}) >= 3
        for day, expected in enumerate(snapshots):
            at = (DAY + timedelta(days=day)).date().isoformat()
            assert await snapshot(directory, at=at) == expected
        assert await snapshot(directory, at="2026-08-31") == ({}, [], [])
        gone = f"/v1/structures/{number(lines[1])}"
        assert [(await directory.get(gone, at=f"2026-09-0{day}"))["listed"] for day in (2, 3, 4)] == [True, False, True]
        early = await directory.http.get(gone, params={"at": "2026-08-31"})
        assert (early.status_code, early.json()["code"]) == (404, "structure_unknown")


async def test_what_a_structure_was_state_by_state(directory: Any, lines: list[bytes]) -> None:
    await send(directory, lines, "1")
    gone, kept = number(lines[1]), number(lines[2])
    run = await send(directory, [lines[0], *lines[2:]], "2")
    again = await send(directory, lines, "3")
    states = (await directory.get(f"/v1/structures/{gone}/history"))["items"]
    assert [(it["version"], it["listed"]) for it in states] == [(3, True), (2, False), (1, True)]
    assert [it["import_id"] for it in states[:2]] == [again["id"], run["id"]]
    assert states[1]["changed"] == [{"field": "listed", "before": True, "after": False}]
    assert (states[2]["changed"], states[1]["valid_until"]) == ([], states[0]["valid_from"])
    first = await directory.get(f"/v1/structures/{gone}/history", limit=2)
    rest = await directory.get(f"/v1/structures/{gone}/history", limit=2, cursor=first["next"])
    assert first["items"] + rest["items"] == states
    assert len((await directory.get(f"/v1/structures/{kept}/history"))["items"]) == 1
    unknown = await directory.http.get("/v1/structures/990099999/history")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "structure_unknown")


async def test_those_that_are_gone_can_be_listed(directory: Any, lines: list[bytes]) -> None:
    await send(directory, lines, "1")
    await send(directory, [lines[0], *lines[2:]], "2")
    (gone,) = (await directory.get("/v1/structures", listed=False))["items"]
    assert (gone["finess"], gone["listed"], gone["gone_at"] is not None) == (number(lines[1]), False, True)
    here = (await directory.get("/v1/structures", **HERE))["items"]
    assert number(lines[1]) not in {it["finess"] for it in here}


async def test_a_search_of_the_past_needs_a_place(directory: Any) -> None:
    answer = await directory.http.get("/v1/structures", params={"at": "2026-09-01", "name": "hopital"})
    assert answer.status_code == 422
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [("at", "place_missing")]
    async with directory.anonymous() as anybody:
        assert (await anybody.get("/v1/structures/990010001/history")).status_code == 401
