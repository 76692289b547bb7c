"""Files of stays: good lines kept, bad ones named, taken in batches and sealed while they wait."""

import asyncio
from typing import Any

import httpx
import pytest
from enrolling import CONSENT, Care, anybody
from stays import CHIRC, ELSEWHERE, HOME, STAY, WHO, enrolled, hospital, stays_of, tell

from contracts.coordination import StayRecorded
from contracts.envelope import NATIONAL
from kit.work import Work
from pathways.usecases.take_stay_lines import Rules, take_stay_lines

FILE = """number;kind;motive;entry;arrived_on;left_on;destination;family_name;given_name;birth_date
S-1;stay;heart-failure;ed;2026-11-10;2026-11-23;home;Exemplaire-Dupre;CAMILLE;1957-03-14
S-2;ed_visit;heart-failure;;2026-11-10;;;Autre;Nom;1950-01-01
S-3;stay;heart-failure;;2026-11-10;;;Autre;Nom;1950-01-01
S-4;stay;heart-failure;ed;hier;;;Autre;;1950-01-01
S-1;ed_visit;other;;2026-11-10;;;Autre;Nom;1950-01-01
S-5;stay
"""


async def send(http: httpx.AsyncClient, key: str, content: str | bytes) -> httpx.Response:
    return await http.post("/v1/stay-imports", files={"file": ("stays.csv", content)}, headers={"Idempotency-Key": key})


async def take(care: Care, limit: int = 100) -> int:
    """Every batch, as the worker takes them. Answers how many there were."""
    batches = 0
    while True:
        async with care.runtime.system.work(NATIONAL) as work:
            if not await take_batch(care, work, limit):
                return batches
        batches += 1


async def take_batch(care: Care, work: Work, limit: int) -> int:
    rules = Rules(care.runtime.extras["hospital"], care.runtime.extras["access_rules"])
    return await take_stay_lines(work, care.runtime.keyring, rules, limit)


async def test_a_file_keeps_its_good_lines_and_names_the_bad_ones(care: Care) -> None:
    enrolment = await enrolled(care)
    async with hospital(care) as http, hospital(care, ELSEWHERE) as other:
        came = await send(http, "1", FILE)
        first = came.json()
        assert (came.status_code, counts(first)) == (202, [6, 0, 0, 0, 4, 2])
        assert first["refusals"] == [
            {"number": 4, "column": "entry", "cause": "entry_misplaced"},
            {"number": 5, "column": "arrived_on", "cause": "value_malformed"},
            {"number": 5, "column": "given_name", "cause": "value_missing"},
            {"number": 6, "column": "number", "cause": "line_repeated"},
            {"number": 7, "column": None, "cause": "column_count"},
        ]
        path = f"/v1/stay-imports/{first['id']}"
        assert await take(care) == 1
        first = {**first, "added": 2, "pending": 0}
        assert (await http.get(path)).json() == first
        told = len(await care.outbox())
        again = (await send(http, "2", FILE)).json()
        assert await take(care) == 1
        assert counts((await http.get(f"/v1/stay-imports/{again['id']}")).json()) == [6, 0, 0, 2, 4, 0]
        assert len(await care.outbox()) == told
        assert (await send(http, "2", FILE + "S-9;stay")).status_code == 422
        assert {it["id"] for it in (await http.get("/v1/stay-imports")).json()["items"]} == {again["id"], first["id"]}
        assert (await other.get(path)).status_code == 404
        # Another establishment's own number is another stay.
        theirs = (await send(other, "1", FILE)).json()["id"]
        await take(care)
        assert (await other.get(f"/v1/stay-imports/{theirs}")).json()["added"] == 2
    assert len(await stays_of(care, enrolment["patient_id"])) == 2
    seen = (await care.get(f"/v1/patients/{enrolment['patient_id']}/accesses"))["items"]
    tellers = {(it["subject"], it["role"], it["organisation"]) for it in seen if it["action"] == "record_stay"}
    assert tellers == {(f"hospital-{finess}", "hospital", finess) for finess in (CHIRC, ELSEWHERE)}


def counts(file: dict[str, Any]) -> list[int]:
    return [file[name] for name in ("lines", "added", "changed", "unchanged", "refused", "pending")]


HEADER = FILE.splitlines()[0]


def file_of(*stays: dict[str, Any]) -> str:
    """A file with these stays, of Camille unless they say whose."""
    columns = HEADER.split(";")
    lines = [";".join(str((STAY | WHO | stay).get(name) or "") for name in columns) for stay in stays]
    return "\n".join([HEADER, *lines])


def many(number: int) -> list[dict[str, Any]]:
    """Stays of strangers, each of another one."""
    names = [anybody(it)["family_name"] for it in range(number)]
    return [{"number": f"M-{it}", "family_name": name} for it, name in enumerate(names)]


async def test_while_a_file_is_taken_others_of_the_territory_go_on(care: Care) -> None:
    """The lock of stays is that of a batch: who came meanwhile has its turn before the file is at its end."""
    patient = (await enrolled(care))["patient_id"]
    async with hospital(care) as http, hospital(care, ELSEWHERE) as other:
        path = f"/v1/stay-imports/{(await send(http, '1', file_of(*many(6)))).json()['id']}"
        async with care.runtime.system.work(NATIONAL) as work:
            assert await take_batch(care, work, 2) == 2
            meanwhile = asyncio.create_task(tell(other, "2", number="S-7"))
            assert await asyncio.wait_for(stays_of(care, patient), 5) == []
            assert not meanwhile.done()
        assert (await asyncio.wait_for(meanwhile, 5)).json()["outcome"] == "added"
        assert counts((await http.get(path)).json()) == [6, 2, 0, 0, 0, 4]
        assert await take(care, 2) == 2
        assert counts((await http.get(path)).json()) == [6, 6, 0, 0, 0, 0]


class Killed(Exception):
    """The worker dies before it commits."""


async def take_and_die(care: Care) -> None:
    async with care.runtime.system.work(NATIONAL) as work:
        assert await take_batch(care, work, 2) == 2
        raise Killed


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_a_file_in_batches_with_a_worker_killed_between_gives_what_it_gives_at_once(
    care: Care, limit: int
) -> None:
    enrolment = await enrolled(care, started_on="2026-09-01", consent=CONSENT | {"given_on": "2026-09-01"})
    stays = [
        {"number": "first", "arrived_on": "2026-10-20", "left_on": "2026-10-25", "destination": "home"},
        {"number": "late", "arrived_on": "2026-11-20"},
        *many(3),
        {"number": "far", "arrived_on": "2026-09-01", "left_on": "2026-09-02", "destination": "home"},
    ]
    async with hospital(care) as http:
        path = f"/v1/stay-imports/{(await send(http, '1', file_of(*stays))).json()['id']}"
        with pytest.raises(Killed):
            await take_and_die(care)
        assert counts((await http.get(path)).json()) == [6, 0, 0, 0, 0, 6]
        await take(care, limit)
        assert counts((await http.get(path)).json()) == [6, 6, 0, 0, 0, 0]
    known = {it["arrived_on"]: it["readmission"] for it in await stays_of(care, enrolment["patient_id"])}
    assert known == {"2026-09-01": False, "2026-10-20": False, "2026-11-20": True}
    told = [(it["arrived_on"], it["readmission"]) for it in await care.told(StayRecorded)]
    ours = [it for it in told if it[1] is not None]
    assert ours == [("2026-10-20", False), ("2026-11-20", False), ("2026-11-20", True), ("2026-09-01", False)]
    assert await care.count("stay_import_line") == 0


async def test_what_is_told_after_a_file_came_stands(care: Care) -> None:
    """Though its lines wait still: they are taken first. The same of two files."""
    enrolment = await enrolled(care)
    async with hospital(care) as http:
        first = (await send(http, "1", file_of({"left_on": "2026-11-20", "destination": "home"}, *many(2)))).json()
        later = (await send(http, "2", file_of({"left_on": "2026-11-21", "destination": "home"}))).json()
        told = await tell(http, "3", **HOME)
        assert told.json()["outcome"] == "changed"
        files = [(await http.get(f"/v1/stay-imports/{it['id']}")).json() for it in (first, later)]
        assert [counts(it) for it in files] == [[3, 1, 0, 0, 0, 2], [1, 0, 1, 0, 0, 0]]
        await take(care)
    (stay,) = await stays_of(care, enrolment["patient_id"])
    assert stay["left_on"] == HOME["left_on"]


async def test_lines_that_wait_are_sealed(care: Care) -> None:
    async with hospital(care) as http:
        await send(http, "1", FILE)
    async with care.runtime.system.work(NATIONAL) as work:
        kept = await work.fetch(
            "SELECT l::text, f::text FROM stay_import_line l JOIN stay_import f ON f.id = import_id"
        )
        raw = b"".join(row["sealed"] for row in await work.fetch("SELECT sealed FROM stay_import_line"))
    text = str([tuple(row) for row in kept])
    assert len(kept) == 2
    assert not any(trait in text or trait.encode() in raw for trait in ("S-1", "Exemplaire", "CAMILLE", "1957"))


async def test_a_file_that_is_none_is_refused(care: Care) -> None:
    refused = (
        (b"\xff\xfe", 422, "not_utf8"),
        (b"a;b\x00", 422, "not_a_csv"),
        (b"", 422, "column_missing"),
        (FILE.replace("motive", "why").encode(), 422, "column_unknown"),
        (FILE.splitlines()[1].encode(), 422, "column_unknown"),
        (b"x" * 900_001, 413, "file_too_large"),
    )
    async with hospital(care) as http:
        for content, status, code in refused:
            answer = await send(http, code, content)
            assert (answer.status_code, answer.json()["code"]) == (status, code), content[:20]
            assert "Exemplaire" not in answer.text
