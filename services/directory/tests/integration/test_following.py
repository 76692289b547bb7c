"""Of whom other services are told: the register holds France, the territories lie in some départements."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from directory.domain.following import Following
from directory.store import following
from directory.usecases.tell_followed import tell_new_department

FAR, NEAR = "13055", "35238"
"""Marseille; Rennes, which is in no territory and in a département of one."""


def at(sample: Path, *communes: str) -> bytes:
    """The first person of the sample, practising in these communes."""
    header, row, *_ = sample.read_text(encoding="utf-8").splitlines()
    lines = [header]
    for number, commune in enumerate(communes):
        cells = row.split("|")
        cells[header.split("|").index("Code commune (coord. structure)")] = commune
        cells[header.split("|").index("Identifiant technique de la structure")] = f"R{number}"
        lines.append("|".join(cells))
    return "\n".join(lines).encode()


def number(sample: Path) -> str:
    return sample.read_text(encoding="utf-8").splitlines()[1].split("|")[1]


async def told(directory: Any) -> list[tuple[int, list[str], bool]]:
    """Of each event on a person: version, communes, listed."""
    async with directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch("SELECT body FROM outbox WHERE type LIKE '%professional.updated%' ORDER BY seq")
    events = [json.loads(row["body"]) for row in rows]
    return [
        (event["aggregateversion"], [it["commune"] for it in event["data"]["activities"]], event["data"]["listed"])
        for event in events
    ]


async def test_who_practises_far_away_is_found_and_not_told(directory: Any, sample: Path) -> None:
    run = await directory.imported(at(sample, FAR))
    assert run["counts"]["persons_added"] == 1
    assert (await directory.get("/v1/professionals", commune=FAR))["items"]
    assert await told(directory) == []


async def test_moving_in_moving_out_and_going_are_told(directory: Any, sample: Path) -> None:
    await directory.imported(at(sample, FAR))
    await directory.imported(at(sample, FAR, NEAR), key="2")
    await directory.imported(at(sample, FAR), key="3")
    await directory.imported(at(sample, FAR, "75056"), key="4")
    await directory.imported(at(sample, NEAR), key="5")
    other = at(sample, FAR).replace(number(sample).encode(), b"99000000283")
    await directory.imported(other, key="6", scope="whole", confirm_gone="true")
    assert await told(directory) == [
        (2, [FAR, NEAR], True),
        (3, [FAR], True),
        (5, [NEAR], True),
        (6, [NEAR], False),
    ]


@pytest.mark.parametrize("said", ["participation", "acceptance", "statement"])
async def test_of_whom_a_territory_speaks_everybody_is_told(directory: Any, sample: Path, said: str) -> None:
    await directory.imported(at(sample, FAR))
    path = f"/v1/professionals/{number(sample)}"
    async with directory.connect("directory:write", "directory:read", role="coordinator") as http:
        for _ in range(2):
            answer = await _say(http, path, said)
            assert answer.status_code == 200, answer.text
    assert await told(directory) == [(1, [FAR], True)]
    await directory.imported(at(sample, "75056"), key="2")
    assert (await told(directory))[1:] == [(2, ["75056"], True)]


async def _say(http: Any, path: str, said: str) -> Any:
    bodies = {
        "participation": ("participation", {"participates": True}),
        "acceptance": ("acceptance", {"accepts": True}),
        "statement": ("statements/home_visits", {"value": True}),
    }
    kind, body = bodies[said]
    return await http.put(f"{path}/{kind}", json=body)


async def test_a_territory_that_is_new_is_told_of_those_who_are_there(directory: Any, sample: Path) -> None:
    await directory.imported(sample.read_bytes())
    async with directory.runtime.system.work(NATIONAL) as work:
        await following.register(work, Following(frozenset({"13"})))
        await work.execute("DELETE FROM outbox")
    await directory.imported(at(sample, NEAR), key="2")
    assert await told(directory) == []
    async with directory.runtime.system.work(NATIONAL) as work:
        await following.register(work, Following(frozenset({"13", "35", "44", "56"})))
    while await _tell(directory):
        pass
    places = await directory.get("/v1/professionals/facets")
    without_place = 4
    # Somebody who practises in two of them may be told of twice: the version is the same.
    told_of = {event["subject"] for event in await directory.outbox() if "professional" in event["type"]}
    assert len(told_of) == int(places["total"]) - without_place
    assert {event["type"] for event in await directory.outbox()} >= {"fr.cpts.directory.structure.updated.v1"}
    assert await _tell(directory) == 0


async def _tell(directory: Any) -> int:
    async with directory.runtime.system.work(NATIONAL) as work:
        return await tell_new_department(work)
