"""Imports of the real format, with all that files do wrong."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contracts.envelope import NATIONAL
from directory.domain.nomenclature import Nomenclature
from directory.store import imports

SAMPLE_PERSONS, SAMPLE_STRUCTURES = 436, 27
SAMPLE_TOLD = 432
"""Four have no place at all: nobody follows them."""


@pytest.fixture(scope="module")
def lines(sample: Path) -> list[str]:
    """Header and rows of the sample."""
    return sample.read_text(encoding="utf-8").splitlines()


def file_of(*lines: str) -> bytes:
    return "\n".join(lines).encode() + b"\n"


def with_cell(lines: list[str], row: str, column: str, value: str) -> str:
    cells = row.split("|")
    cells[lines[0].split("|").index(column)] = value
    return "|".join(cells)


def persons(run: dict[str, Any]) -> tuple[int, int, int]:
    counts = run["counts"]
    return counts["persons_added"], counts["persons_changed"], counts["persons_unchanged"]


async def test_a_file_is_taken_in_and_worked_off_later(directory: Any, sample: Path) -> None:
    answer = await directory.upload(sample.read_bytes(), "PS_LibreAcces_Personne_activite_202611220700.txt")
    run = answer.json()
    assert (answer.status_code, run["state"]) == (202, "queued")
    assert answer.headers["location"] == f"/v1/imports/{run['id']}"
    assert (run["progress"]["phase"], run["progress"]["percent"]) == ("reading", 0)
    assert run["extracted_at"] == "2026-11-22T07:00:00+01:00"
    await directory.work_off()
    done = await directory.get(f"/v1/imports/{run['id']}")
    progress = done["progress"]
    assert (done["state"], progress["phase"], progress["percent"]) == ("completed", "done", 100)
    assert (progress["read_bytes"], progress["estimated_end"]) == (done["file_size"], None)
    assert persons(done) == (SAMPLE_PERSONS, 0, 0)
    assert done["counts"]["structures_added"] == SAMPLE_STRUCTURES
    assert [item["id"] for item in (await directory.get("/v1/imports"))["items"]] == [run["id"]]


async def test_the_events_of_an_import(directory: Any, sample: Path) -> None:
    run = await directory.imported(sample.read_bytes())
    told = await directory.outbox()
    assert {event["territory"] for event in told} == {NATIONAL}
    by_type = [event["type"].removeprefix("fr.cpts.directory.") for event in told]
    assert by_type.count("professional.updated.v1") == SAMPLE_TOLD
    assert by_type.count("structure.updated.v1") == SAMPLE_STRUCTURES
    assert (by_type[-1], told[-1]["subject"]) == ("import.completed.v1", run["id"])


async def test_the_same_file_again_changes_nothing_and_tells_nothing(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    before = len(await directory.outbox())
    shuffled = lines[1:]
    random.Random(7).shuffle(shuffled)
    again = await directory.imported(file_of(lines[0], *shuffled), key="2")
    assert persons(again) == (0, 0, SAMPLE_PERSONS)
    assert again["counts"]["structures_unchanged"] == SAMPLE_STRUCTURES
    assert [event["type"] for event in (await directory.outbox())[before:]] == ["fr.cpts.directory.import.completed.v1"]


async def test_one_change_is_one_event_of_the_next_version(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    before = len(await directory.outbox())
    moved = with_cell(lines, lines[1], "Code commune (coord. structure)", "56061")
    again = await directory.imported(file_of(lines[0], moved, *lines[2:]), key="2")
    assert persons(again) == (0, 1, SAMPLE_PERSONS - 1)
    [told, _] = (await directory.outbox())[before:]
    assert told["subject"] == moved.split("|")[1]
    found = await directory.get(f"/v1/professionals/{told['subject']}")
    assert [activity["place"]["name"] for activity in found["activities"]] == ["La Gacilly"]
    async with directory.runtime.system.work(NATIONAL) as work:
        assert await work.fetchval("SELECT version FROM professional WHERE rpps = $1", told["subject"]) == 2


async def test_labels_may_drift(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    drifted = [lines[0], *(line.replace("Médecin", "MEDECIN").replace("|Redon|", "|REDON|") for line in lines[1:])]
    assert drifted != lines
    assert persons(await directory.imported(file_of(*drifted), key="2")) == (0, 0, SAMPLE_PERSONS)


async def test_a_smaller_file_leaves_the_others_as_they_are(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    await directory.imported(file_of(*lines[:10]), key="2")
    last = await directory.get(f"/v1/professionals/{lines[-1].split('|')[1]}")
    assert last["listed"] is True


async def test_bad_lines_are_reported_by_number_and_good_ones_kept(directory: Any, lines: list[str]) -> None:
    number = "Identifiant PP"
    broken = [
        lines[0],
        with_cell(lines, lines[1], "Code profession", "12"),
        lines[2],
        with_cell(lines, lines[4], number, "99000000094"),
        lines[5] + "x|",
        with_cell(lines, lines[6], number, ""),
        "",
        with_cell(lines, lines[7], number, "350012345"),
        with_cell(lines, lines[8], "Type d'identifiant PP", "0"),  # with an RPPS number
        with_cell(lines, lines[9], "Raison sociale site", "A\x00B"),
    ]
    latin = "é" + with_cell(lines, lines[10], "Prénom d'exercice", "Maëlys")
    content = file_of(*broken) + latin.encode("latin-1") + b"\n" + b"x" * 70_000 + b"\n" + file_of(lines[11])
    run = await directory.imported(content)
    assert await directory.refused(run) == [
        (2, "profession_unknown"),
        (5, "column_count"),
        (6, "identifier_missing"),
        (8, "identifier_malformed"),
        (9, "identifier_malformed"),
        (10, "control_character"),
        (11, "not_utf8"),
        (12, "line_too_long"),
    ]
    counts = run["counts"]
    assert (counts["lines_read"], counts["lines_rejected"]) == (11, 8)
    assert counts["rejected_by_cause"]["identifier_malformed"] == 2
    assert sum(counts["rejected_by_cause"].values()) == 8
    assert persons(run) == (3, 0, 0)
    assert (counts["lines_warned"], counts["warned_by_cause"]) == (1, {"identifier_luhn": 1})
    [warned] = (await directory.get(f"/v1/imports/{run['id']}/warnings"))["items"]
    assert (warned["line"], warned["cause"]) == (4, "identifier_luhn")
    assert (await directory.get("/v1/professionals/99000000094"))["number_suspect"] is True


async def test_refused_lines_come_page_by_page(directory: Any, lines: list[str]) -> None:
    run = await directory.imported(file_of(lines[0], *("8|x" for _ in range(5))))
    first = await directory.get(f"/v1/imports/{run['id']}/errors", limit=3)
    second = await directory.get(f"/v1/imports/{run['id']}/errors", limit=3, cursor=first["next"])
    assert [item["line"] for item in first["items"] + second["items"]] == [2, 3, 4, 5, 6]
    assert second["next"] is None
    assert first["items"][0]["detail"] == "2 columns where the header has 56"


@pytest.mark.parametrize("shape", ["bom", "no_end", "windows", "52_columns", "no_line_feed"])
async def test_every_shape_of_the_file_gives_the_same_persons(directory: Any, lines: list[str], shape: str) -> None:
    content = {
        "bom": b"\xef\xbb\xbf" + file_of(*lines),
        "no_end": file_of(*(line.removesuffix("|") for line in lines)),
        "windows": file_of(*lines).replace(b"\n", b"\r\n"),
        "52_columns": file_of(*("|".join(line.split("|")[:52]) + "|" for line in lines)),
        "no_line_feed": file_of(*lines).removesuffix(b"\n"),
    }[shape]
    run = await directory.imported(content)
    assert (run["state"], persons(run), run["counts"]["lines_read"]) == ("completed", (SAMPLE_PERSONS, 0, 0), 483)
    assert run["counts"]["lines_rejected"] == 0


async def test_old_commune_codes_lead_to_the_commune_of_today(directory: Any, lines: list[str]) -> None:
    codes = {"35036": "35064", "56064": "56061", "75112": "75056", "69383": "69123", "13208": "13055"}
    column = "Code commune (coord. structure)"
    rows = [with_cell(lines, row, column, old) for row, old in zip(_distinct(lines), codes, strict=False)]
    await directory.imported(file_of(lines[0], *rows))
    found = [await directory.get(f"/v1/professionals/{row.split('|')[1]}") for row in rows]
    assert [item["activities"][0]["place"]["commune"] for item in found] == list(codes.values())


def _distinct(lines: list[str]) -> list[str]:
    """Rows of five persons who have only one each."""
    numbers = [line.split("|")[1] for line in lines]
    return [line for line in lines[1:] if numbers.count(line.split("|")[1]) == 1][:5]


async def test_an_ambiguous_place_is_left_open_and_counted(directory: Any, lines: list[str]) -> None:
    row = with_cell(lines, lines[1], "Code commune (coord. structure)", "")
    row = with_cell(lines, row, "Bureau cedex (coord. structure)", "35600 ZONE ARTISANALE")
    row = with_cell(lines, row, "Libellé commune (coord. structure)", "")
    run = await directory.imported(file_of(lines[0], row))
    assert run["counts"]["places_unresolved"] == 1
    [activity] = (await directory.get(f"/v1/professionals/{row.split('|')[1]}"))["activities"]
    assert activity["place"]["commune"] is None
    assert activity["place"]["name"] == "ZONE ARTISANALE"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "header_missing"),
        (b"8|99000000093|899000000093|DR\n", "header_missing"),
        (b"Identifiant PP|Nom d'exercice\n", "columns_missing"),
        ("Identifiant PP|Prénom d'exercice|\n".encode("latin-1"), "file_not_utf8"),
        (b"PK\x03\x04" + bytes(range(128, 256)) * 300, "file_not_utf8"),
    ],
)
async def test_what_is_no_extract_is_refused_at_once(directory: Any, content: bytes, code: str) -> None:
    answer = await directory.upload(content)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("file", code)]
    assert (await directory.get("/v1/imports"))["items"] == []
    assert _files(directory) == 0


async def test_a_latin_1_file_is_refused_whole_by_its_header(directory: Any, sample: Path) -> None:
    answer = await directory.upload(sample.read_text(encoding="utf-8").encode("latin-1", errors="replace"))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_not_utf8")


async def test_a_file_must_come_with_a_key_and_below_the_limit(directory: Any, sample: Path) -> None:
    unkeyed = await directory.http.post("/v1/imports/rpps", files={"file": ("x.txt", sample.read_bytes())})
    assert (unkeyed.status_code, unkeyed.json()["code"]) == (400, "idempotency_key_required")
    empty = await directory.http.post("/v1/imports/rpps", headers={"Idempotency-Key": "1"})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "file")
    directory.runtime.settings.max_upload_bytes = 100_000
    large = await directory.upload(sample.read_bytes())
    assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
    assert _files(directory) == 0


async def test_the_same_key_takes_the_same_file_once(directory: Any, lines: list[str]) -> None:
    first = await directory.upload(file_of(*lines[:5]))
    again = await directory.upload(file_of(*lines[:5]))
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert _files(directory) == 1
    other = await directory.upload(file_of(*lines[:6]))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert _files(directory) == 1
    assert len((await directory.get("/v1/imports"))["items"]) == 1


async def test_the_file_is_deleted_once_it_is_in(directory: Any, lines: list[str]) -> None:
    run = (await directory.upload(file_of(*lines[:5]))).json()
    assert _files(directory) == 1
    await directory.work_off()
    assert _files(directory) == 0
    assert (await directory.get(f"/v1/imports/{run['id']}"))["file_sha256"] == run["file_sha256"]


def _files(directory: Any) -> int:
    folder = directory.runtime.settings.blob_dir / "directory"
    return len(list(folder.iterdir()))


async def test_a_lost_file_fails_the_run_and_the_next_one_goes_on(directory: Any, lines: list[str]) -> None:
    lost = (await directory.upload(file_of(*lines[:5]))).json()
    for file in (directory.runtime.settings.blob_dir / "directory").iterdir():
        file.unlink()
    run = await directory.imported(file_of(*lines[:6]), key="2")
    failed = await directory.get(f"/v1/imports/{lost['id']}")
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "file_lost")
    assert run["state"] == "completed"


@pytest.mark.parametrize("batch", [1, 100, 483])
async def test_small_batches_count_the_same(directory: Any, lines: list[str], batch: int) -> None:
    # The rows of a person stand far apart.
    rows = sorted(lines[1:], key=lambda line: line[::-1])
    await directory.upload(file_of(lines[0], *rows))
    await directory.work_off(batch)
    [run] = (await directory.get("/v1/imports"))["items"]
    assert (persons(run), run["counts"]["lines_read"]) == ((SAMPLE_PERSONS, 0, 0), 483)
    assert run["counts"]["lines_merged"] == 483
    assert len(await directory.outbox()) == SAMPLE_TOLD + SAMPLE_STRUCTURES + 1


async def test_a_batch_that_dies_is_done_again_and_counted_once(directory: Any, lines: list[str]) -> None:
    await directory.upload(file_of(*lines))
    importer = directory.importer(batch=50)
    dice = random.Random(3)
    going_on = True
    while going_on:
        if dice.random() < 0.5:
            with pytest.raises(ConnectionResetError):
                await _die_after(directory, importer)
        going_on = await directory.advance(importer) > 0
    [run] = (await directory.get("/v1/imports"))["items"]
    assert (run["state"], persons(run), run["counts"]["lines_read"]) == ("completed", (SAMPLE_PERSONS, 0, 0), 483)
    assert len(await directory.outbox()) == SAMPLE_TOLD + SAMPLE_STRUCTURES + 1


async def _die_after(directory: Any, importer: Any) -> None:
    """A whole batch that is never committed."""
    from directory.usecases.advance_import import advance_import  # noqa: PLC0415

    async with directory.runtime.system.work(NATIONAL) as work:
        await advance_import(work, importer)
        raise ConnectionResetError


async def test_lines_that_a_crash_of_the_database_lost_are_read_again(directory: Any, lines: list[str]) -> None:
    broken = with_cell(lines, lines[3], "Code profession", "12")
    await directory.upload(file_of(lines[0], broken, *lines[1:]), scope="whole")
    importer, merged = directory.importer(batch=100), 0
    while not merged:
        await directory.advance(importer)
        [run] = (await directory.get("/v1/imports"))["items"]
        merged = run["counts"]["lines_merged"]
    assert run["progress"]["phase"] == "persons"
    async with directory.runtime.system.work(NATIONAL) as work:
        # What a server does to a table that it does not log.
        await work.execute("TRUNCATE rpps_staging")
    await directory.work_off()
    [run] = (await directory.get("/v1/imports"))["items"]
    assert (run["state"], run["counts"]["lines_read"], run["counts"]["lines_rejected"]) == ("completed", 484, 1)
    assert sum(persons(run)) == SAMPLE_PERSONS
    assert run["counts"]["persons_gone"] == 0
    assert await directory.refused(run) == [(2, "profession_unknown")]
    told = [event["subject"] for event in await directory.outbox() if "professional" in event["type"]]
    assert len(told) == len(set(told)) == SAMPLE_TOLD


async def test_an_unchanged_file_writes_no_row(directory: Any, lines: list[str]) -> None:
    nowhere = with_cell(lines, lines[1], "Code commune (coord. structure)", "")
    nowhere = with_cell(lines, nowhere, "Bureau cedex (coord. structure)", "35600 ZONE ARTISANALE")
    nowhere = with_cell(lines, nowhere, "Libellé commune (coord. structure)", "")
    content = file_of(lines[0], nowhere, *lines[2:])
    first = await directory.imported(content)
    before = await _row_versions(directory)
    again = await directory.imported(content, key="2", scope="whole")
    assert persons(again) == (0, 0, SAMPLE_PERSONS)
    assert (first["counts"]["places_unresolved"], again["counts"]["places_unresolved"]) == (1, 1)
    assert await _row_versions(directory) == before


async def _row_versions(directory: Any) -> list[Any]:
    """Which transaction wrote each row."""
    tables = ("professional", "activity", "search_entry", "person_source", "structure", "name_word")
    async with directory.runtime.system.work(NATIONAL) as work:
        return [await work.fetchval(f"SELECT array_agg(xmin::text ORDER BY ctid) FROM {table}") for table in tables]


async def test_other_rules_merge_everybody_again(directory: Any, lines: list[str]) -> None:
    await directory.imported(file_of(*lines))
    importer = directory.importer()
    known = importer.nomenclature.model_dump()
    known["specialties"]["hearts"] = known["specialties"]["cardiology"]
    importer = replace(importer, nomenclature=Nomenclature.model_validate(known))
    run = (await directory.upload(file_of(*lines), key="2")).json()
    while await directory.advance(importer):
        pass
    counts = (await directory.get(f"/v1/imports/{run['id']}"))["counts"]
    async with directory.runtime.system.work(NATIONAL) as work:
        hearts = await work.fetchval("SELECT count(*) FROM professional WHERE 'hearts' = ANY(specialties)")
    assert counts["persons_changed"] == hearts > 0


async def test_runs_go_one_at_a_time_the_oldest_first(directory: Any, lines: list[str]) -> None:
    first = (await directory.upload(file_of(*lines[:5]), key="1")).json()
    second = (await directory.upload(file_of(*lines[:6]), key="2")).json()
    async with directory.runtime.system.work(NATIONAL) as one, directory.runtime.system.work(NATIONAL) as other:
        held = await imports.claim_oldest(one)
        assert str(held.id) == first["id"]
        # While one replica has the oldest, another takes nothing: the newer file must be merged last.
        assert await imports.claim_oldest(other) is None
    await directory.work_off()
    listed = (await directory.get("/v1/imports", limit=1))["items"]
    assert [(item["id"], item["state"]) for item in listed] == [(second["id"], "completed")]


async def test_requests_may_not_write_the_reference_rows(directory: Any) -> None:
    for statement in ("DELETE FROM professional", "UPDATE import_run SET state = 'failed'", "TRUNCATE rpps_staging"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with directory.runtime.db.work("pays-de-redon") as work:
                await work.execute(statement)
