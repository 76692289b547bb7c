"""Persons gone from a whole file, and the register as it was."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from kit.clock import FixedClock

DAY = datetime(2026, 9, 1, 8, tzinfo=UTC)
REDON = {"territory": "pays-de-redon", "limit": 200}


@pytest.fixture(scope="module")
def lines(sample: Path) -> list[str]:
    return sample.read_text(encoding="utf-8").splitlines()


def file_of(*lines: str) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def number(line: str) -> str:
    return line.split("|")[1]


def without(lines: list[str], *persons: str) -> bytes:
    return file_of(lines[0], *(line for line in lines[1:] if number(line) not in persons))


async def test_a_whole_file_flags_whom_it_does_not_name(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    before = len(await directory.outbox())
    gone = number(lines[1])
    run = await directory.imported(without(lines, gone), key="2", scope="whole")
    assert (run["scope"], run["state"], run["counts"]["persons_gone"]) == ("whole", "completed", 1)
    entry = await directory.get(f"/v1/professionals/{gone}")
    assert (entry["listed"], entry["gone_at"] is not None, len(entry["activities"]) > 0) == (False, True, True)
    assert await _named(directory, entry["family_name"], gone) is False
    assert [event["subject"] for event in (await directory.outbox())[before:]] == [gone, run["id"]]
    assert await _told_listed(directory, gone) == [True, False]


async def test_one_who_comes_back_is_a_change(directory: Any, lines: list[str]) -> None:
    gone = number(lines[1])
    await directory.imported(file_of(*lines))
    await directory.imported(without(lines, gone), key="2", scope="whole")
    again = await directory.imported(file_of(*lines), key="3", scope="whole")
    assert (again["counts"]["persons_changed"], again["counts"]["persons_gone"]) == (1, 0)
    entry = await directory.get(f"/v1/professionals/{gone}")
    assert (entry["listed"], entry["gone_at"]) == (True, None)
    assert await _named(directory, entry["family_name"], gone) is True
    assert await _told_listed(directory, gone) == [True, False, True]
    states = (await directory.get(f"/v1/professionals/{gone}/history"))["items"]
    assert [state["listed"] for state in states] == [True, False, True]
    assert states[0]["changed"] == [{"field": "listed", "before": False, "after": True}]
    assert states[0]["import_id"] == again["id"]
    assert states[1]["valid_until"] == states[0]["valid_from"]
    first = await directory.get(f"/v1/professionals/{gone}/history", limit=2)
    rest = await directory.get(f"/v1/professionals/{gone}/history", limit=2, cursor=first["next"])
    assert first["items"] + rest["items"] == states


async def test_one_whose_lines_are_broken_is_not_gone(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    broken = number(lines[1])
    content = without(lines, broken) + f"8|{broken}|8{broken}\n".encode()
    run = await directory.imported(content, key="2", scope="whole")
    assert (run["counts"]["lines_rejected"], run["counts"]["persons_gone"]) == (1, 0)
    assert (await directory.get(f"/v1/professionals/{broken}"))["listed"] is True


async def test_a_file_cut_short_changes_nothing_until_it_is_confirmed(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    before = len(await directory.outbox())
    cut = file_of(*lines[:400])
    run = await directory.imported(cut, key="2", scope="whole")
    assert (run["state"], run["failure"]["code"]) == ("failed", "too_many_gone")
    left = len({number(line) for line in lines[400:]} - {number(line) for line in lines[1:400]})
    assert run["failure"]["detail"].startswith(f"{left} of 436 ")
    assert len(await directory.outbox()) == before
    assert run["counts"]["persons_unchanged"] == 0
    confirmed = await directory.imported(cut, key="3", scope="whole", confirm_gone="true")
    assert (confirmed["state"], confirmed["counts"]["persons_gone"]) == ("completed", left)
    # The same key with another word on who is gone is another request.
    other = await directory.upload(cut, key="3", scope="whole")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_the_register_as_of_a_day_is_what_a_snapshot_of_that_day_says(
    settings: Any, issuer: Any, start: Any, lines: list[str]
) -> None:
    clock = FixedClock(DAY)
    moved = [line.replace("|35236|", "|56061|") if index % 3 == 0 else line for index, line in enumerate(lines)]
    versions = [file_of(*lines), file_of(*moved), without(moved, *map(number, lines[1:15])), file_of(*lines)]
    async with start(settings, issuer, clock) as directory:
        snapshots = []
        for day, content in enumerate(versions):
            run = await directory.imported(content, key=str(day), scope="whole")
            assert run["state"] == "completed"
            snapshots.append(await _snapshot(directory))
            clock.advance(timedelta(days=1))
        assert len({str(snapshot) for snapshot in snapshots}) >= 3
        for day, snapshot in enumerate(snapshots):
            at = (DAY + timedelta(days=day)).date().isoformat()
            assert await _snapshot(directory, at=at) == snapshot
        assert await _snapshot(directory, at="2026-08-31") == (Counter(), {}, 0)
        gone = f"/v1/professionals/{number(lines[1])}"
        assert (await directory.get(gone, at="2026-09-03"))["listed"] is False
        assert (await directory.get(gone, at="2026-09-02"))["listed"] is True
        unknown = await directory.http.get(gone, params={"at": "2026-08-31"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "professional_unknown")


async def test_a_search_of_the_past_needs_a_place(directory: Any) -> None:
    answer = await directory.http.get("/v1/professionals", params={"at": "2026-09-01", "profession": "10"})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("at", "place_missing")]
    bad = await directory.http.get(
        "/v1/professionals", params={"at": "2026-09-01", "commune": "35236", "profession": "x"}
    )
    assert bad.status_code == 422


async def test_an_adeli_number_is_a_person_of_its_own(directory: Any, lines: list[str]) -> None:
    cells = ["0", "350012345", "0350012345", *lines[1].split("|")[3:]]
    run = await directory.imported(file_of(*lines[:3], "|".join(cells)))
    assert run["counts"]["lines_rejected"] == 0
    entry = await directory.get("/v1/professionals/350012345")
    assert (entry["rpps"], entry["number_suspect"]) == ("350012345", False)
    assert "350012345" in {item["rpps"] for item in (await directory.get("/v1/professionals"))["items"]}
    refused = await directory.http.put("/v1/professionals/350012345/participation", json={"participates": True})
    assert refused.status_code == 422


async def _snapshot(directory: Any, **at: str) -> tuple[Counter[str], dict[str, Any], int]:
    """Counts per profession, and every entry of the territory; page by page."""
    found: dict[str, Any] = {}
    cursor: dict[str, str] = {}
    while True:
        page = await directory.get("/v1/professionals", **REDON, **at, **cursor)
        found |= {item["rpps"]: item for item in page["items"]}
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    near = await directory.get("/v1/professionals", near="35236", max_distance_km=10, profession="10", limit=200, **at)
    return Counter(item["profession"]["code"] for item in found.values()), found, len(near["items"])


async def _named(directory: Any, name: str, person: str) -> bool:
    page = await directory.get("/v1/professionals", name=name, limit=200)
    return person in {item["rpps"] for item in page["items"]}


async def _told_listed(directory: Any, person: str) -> list[bool]:
    async with directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch(
            "SELECT (body::jsonb #>> '{data,listed}')::boolean AS listed FROM outbox "
            "WHERE body::jsonb ->> 'subject' = $1 ORDER BY seq",
            person,
        )
    return [row["listed"] for row in rows]
