"""What becomes of a period, who may do it, and what its approval keeps."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from reporting import BOARD, IN_Q3, Q3, move, moved
from telling import NOW, Stage, Teller

from kit.context import current_trace
from kit.testing.harness import Issuer, client, connected
from kit.testing.samples import check_sample


@pytest_asyncio.fixture
async def board(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*BOARD, sub="president")) as started:
        yield started


@pytest.fixture
async def told(stage: Stage, tell: Teller) -> Stage:
    """Three slots of the third quarter, one of them booked for the ED and kept."""
    slots, call, booking = [uuid4() for _ in range(3)], uuid4(), uuid4()
    when = {"starts_at": IN_Q3, "time": IN_Q3 - timedelta(days=3)}
    await stage.handle(*(tell.published(slot, **when) for slot in slots))
    await stage.handle(
        tell.received(call, at=IN_Q3, time=IN_Q3),
        tell.confirmed(booking, slots[0], call, starts_at=IN_Q3, call_received_at=IN_Q3, time=IN_Q3),
    )
    return stage


async def state_of(http: httpx.AsyncClient, period: str = Q3) -> dict[str, Any]:
    found: dict[str, Any] = (await http.get(f"/v1/periods/{period}")).raise_for_status().json()
    return found


async def figure(http: httpx.AsyncClient, indicator: str, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = (await http.get(f"/v1/indicators/{indicator}?period={Q3}{query}")).raise_for_status().json()
    return found


async def test_a_period_nobody_touched_is_open(board: httpx.AsyncClient) -> None:
    answer = await board.get(f"/v1/periods/{Q3}")
    period = answer.json()
    assert (period["state"], period["over"], period["version"], answer.headers["ETag"]) == ("open", True, 0, '"0"')
    assert [period[name] for name in ("submitted", "approved", "locked", "number", "late_data")] == [None] * 5
    assert (await state_of(board, "2026-Q4"))["over"] is False
    assert (await board.get("/v1/periods")).json() == {"items": [], "next": None}


async def test_submitted_approved_locked(board: httpx.AsyncClient) -> None:
    submitted = await moved(board, "submit")
    assert (submitted["state"], submitted["submitted"]) == (
        "submitted",
        {"at": "2026-11-22T09:00:00Z", "by": "president"},
    )
    approved = await moved(board, "approve")
    assert (approved["state"], approved["number"], approved["approved"]["by"]) == ("approved", 1, "president")
    locked = await moved(board, "lock")
    assert (locked["state"], locked["version"], locked["locked"]["by"]) == ("locked", 3, "president")
    assert await state_of(board) == locked


@pytest.mark.parametrize(
    ("before", "verb", "code"),
    [
        pytest.param((), "approve", "period_not_submitted", id="approve an open one"),
        pytest.param((), "lock", "period_not_approved", id="lock an open one"),
        pytest.param((), "reopen", "period_already_open", id="reopen an open one"),
        pytest.param(("submit",), "submit", "period_not_open", id="submit twice"),
        pytest.param(("submit",), "lock", "period_not_approved", id="lock a submitted one"),
        pytest.param(("submit", "approve"), "submit", "period_not_open", id="submit an approved one"),
        pytest.param(("submit", "approve"), "approve", "period_not_submitted", id="approve twice"),
        pytest.param(("submit", "approve", "lock"), "approve", "period_not_submitted", id="approve a locked one"),
        pytest.param(("submit", "reopen"), "approve", "period_not_submitted", id="approve one that was reopened"),
    ],
)
async def test_what_may_not_be_done_now_is_a_conflict(
    board: httpx.AsyncClient, before: tuple[str, ...], verb: str, code: str
) -> None:
    await moved(board, *before)
    was = await state_of(board)
    answer = await move(board, verb)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await state_of(board) == was


async def test_a_period_that_is_not_over_cannot_be_submitted(board: httpx.AsyncClient) -> None:
    for period in ("2026-Q4", "2026-H2", "2026", "2031-Q1"):
        answer = await move(board, "submit", period)
        assert (answer.status_code, answer.json()["code"]) == (409, "period_not_over")


async def test_a_bad_name_is_refused_by_field(board: httpx.AsyncClient) -> None:
    for answer in (await board.get("/v1/periods/2026-Q5"), await move(board, "submit", "autumn")):
        assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
        assert answer.json()["errors"][0]["field"] == "period_id"


async def test_whoever_read_an_older_version_is_told(board: httpx.AsyncClient) -> None:
    await moved(board, "submit")
    stale = await move(board, "approve", headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"], stale.headers["ETag"]) == (412, "version_mismatch", '"1"')
    assert (await move(board, "approve", headers={"If-Match": '"1"'})).status_code == 200


async def test_reopening_needs_a_reason_and_a_locked_one_a_scope(
    board: httpx.AsyncClient, service: FastAPI, issuer: Issuer
) -> None:
    await moved(board, "submit", "approve")
    for body in ({}, {"reason": "  "}, {"reason": "x", "by": "me"}):
        assert (await move(board, "reopen", json=body)).status_code == 422
    assert (await moved(board, "reopen", "submit", "approve", "lock"))["number"] == 2
    refused = await move(board, "reopen")
    assert (refused.status_code, refused.json()["scopes"]) == (403, ["periods:unlock"])
    async with connected(service, issuer.token(*BOARD, "periods:unlock")) as chair:
        assert (await moved(chair, "reopen"))["state"] == "open"


async def test_the_history_says_who_when_and_why(board: httpx.AsyncClient) -> None:
    await moved(board, "submit", "approve", "reopen")
    first = (await board.get(f"/v1/periods/{Q3}/history?limit=2")).json()
    assert [item["verb"] for item in first["items"]] == ["reopened", "approved"]
    assert first["items"][0] == {
        "version": 3,
        "verb": "reopened",
        "state": "open",
        "at": "2026-11-22T09:00:00Z",
        "by": "president",
        "reason": "Présences saisies après coup",
        "facts": None,
    }
    rest = (await board.get(f"/v1/periods/{Q3}/history", params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["verb"] for item in rest["items"]] == ["submitted"]
    assert rest["next"] is None


async def test_the_list_has_the_latest_first_and_is_filtered(board: httpx.AsyncClient) -> None:
    for period in ("2026-Q1", "2026-Q3", "2025", "2026-H1"):
        await moved(board, "submit", period=period)
    await moved(board, "approve", period="2025")
    first = (await board.get("/v1/periods?limit=3")).json()
    rest = (await board.get("/v1/periods", params={"limit": 3, "cursor": first["next"]})).json()
    assert [item["period"]["id"] for page in (first, rest) for item in page["items"]] == [
        *("2026-Q3", "2026-Q1", "2026-H1", "2025")
    ]
    only = (await board.get("/v1/periods?state=approved")).json()["items"]
    assert [item["period"]["id"] for item in only] == ["2025"]


async def test_an_approval_keeps_every_figure_with_its_evidence(board: httpx.AsyncClient, told: Stage) -> None:
    await moved(board, "submit", "approve")
    async with told.db.work("pays-de-redon") as work:
        rows = {row["indicator_id"]: row for row in await work.fetch("SELECT * FROM figure_version")}
        facts = await work.fetch("SELECT event_id FROM fact WHERE kind = 'slot.published' ORDER BY event_id")
    assert len(rows) == len(told.catalogue.indicators)
    slots = rows["I-08"]
    assert (slots["numerator"], slots["value"], slots["evidence_count"]) == (3, 3, 3)
    assert slots["evidence_digest"] == sha256(b"".join(row["event_id"].bytes for row in facts)).hexdigest()
    assert (slots["number"], slots["approved_by"], slots["approved_at"]) == (1, "president", NOW)
    rate = rows["I-10"]
    assert (rate["numerator"], rate["denominator"], float(rate["value"]), rate["evidence_count"]) == (1, 3, 33.33, 5)
    assert (rows["I-01"]["status"], rows["I-01"]["value"], rows["I-01"]["evidence_count"]) == ("no_source", None, 0)


async def test_a_closed_period_answers_as_it_was_approved(
    board: httpx.AsyncClient, told: Stage, tell: Teller, issuer: Issuer, service: FastAPI
) -> None:
    before = await figure(board, "I-08")
    assert (before["value"], before["approval"]) == (3, None)
    await moved(board, "submit", "approve")
    told.clock.advance(timedelta(days=1))
    await told.handle(tell.published(uuid4(), starts_at=IN_Q3))
    approved = await figure(board, "I-08")
    assert {**approved, "approval": None} == {**before, "approval": None}
    assert (approved["approval"]["number"], approved["approval"]["by"]) == (1, "president")
    assert (approved["approval"]["late_facts"], approved["approval"]["late_newest"]) == (1, "2026-11-23T09:00:00Z")
    live = await figure(board, "I-08", "&live=true")
    assert (live["value"], live["approval"]) == (4, None)
    for item in (await board.get(f"/v1/figures?period={Q3}")).json()["items"]:
        assert item["approval"]["number"] == 1
    async with connected(service, issuer.token("indicators:export")) as exporter:
        text = (await exporter.get(f"/v1/exports/indicators.csv?period={Q3}")).text
    line = next(line for line in text.splitlines() if ";I-08;" in line).split(";")
    header = text.splitlines()[0].split(";")
    assert (line[header.index("value")], line[header.index("approval")]) == ("3", "1")


async def test_all_kinds_of_figures_come_back_as_they_were(board: httpx.AsyncClient, told: Stage) -> None:
    path = f"/v1/figures?period={Q3}"
    before = (await board.get(path)).json()
    await moved(board, "submit", "approve")
    after = (await board.get(path)).json()
    for item in after["items"]:
        assert item.pop("approval")["number"] == 1
    for item in before["items"]:
        item.pop("approval")
    assert after == before


async def test_an_approval_after_another_is_a_version_of_its_own(
    board: httpx.AsyncClient, told: Stage, tell: Teller
) -> None:
    await moved(board, "submit", "approve", "reopen")
    assert (await figure(board, "I-08"))["approval"] is None
    await told.handle(tell.published(uuid4(), starts_at=IN_Q3))
    assert (await moved(board, "submit", "approve"))["number"] == 2
    assert ((await figure(board, "I-08"))["value"], (await figure(board, "I-08"))["approval"]["number"]) == (4, 2)
    async with told.db.work("pays-de-redon") as work:
        kept = await work.fetch("SELECT number, value FROM figure_version WHERE indicator_id = 'I-08' ORDER BY number")
    assert [(row["number"], row["value"]) for row in kept] == [(1, 3), (2, 4)]


async def test_what_changed_since_the_approval(board: httpx.AsyncClient, told: Stage, tell: Teller) -> None:
    refused = await board.get(f"/v1/periods/{Q3}/changes")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_not_approved")
    await moved(board, "submit", "approve")
    assert (await board.get(f"/v1/periods/{Q3}/changes")).json() == {"items": [], "next": None}
    late = [tell.published(uuid4(), starts_at=IN_Q3, time=NOW) for _ in range(2)]
    told.clock.advance(timedelta(days=1))
    await told.handle(*late)
    changes = {item["id"]: item for item in (await board.get(f"/v1/periods/{Q3}/changes")).json()["items"]}
    assert set(changes) == {"I-08", "I-10"}
    slots = changes["I-08"]
    assert (slots["approved"]["value"], slots["now"]["value"], slots["late_facts_total"]) == (3, 5, 2)
    assert {item["event_id"] for item in slots["late_facts"]} == {str(event.id) for event in late}
    assert {item["arrived_at"] for item in slots["late_facts"]} == {"2026-11-23T09:00:00Z"}
    first = (await board.get(f"/v1/periods/{Q3}/changes?limit=1")).json()
    rest = (await board.get(f"/v1/periods/{Q3}/changes", params={"limit": 1, "cursor": first["next"]})).json()
    assert [page["items"][0]["id"] for page in (first, rest)] == ["I-08", "I-10"]


@pytest.mark.parametrize("table", ["figure_version", "period_event", "late_fact"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET territory = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["db", "system"])
async def test_nobody_changes_what_was_approved(
    board: httpx.AsyncClient, stage: Stage, role: str, statement: str, table: str
) -> None:
    await moved(board, "submit", "approve")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(stage, role).work("pays-de-redon") as work:
            await work.execute(statement.format(table))


async def test_another_territory_sees_and_moves_its_own(
    board: httpx.AsyncClient, told: Stage, tell: Teller, service: FastAPI, issuer: Issuer
) -> None:
    await moved(board, "submit", "approve")
    await told.handle(tell.published(uuid4(), starts_at=IN_Q3))
    async with connected(service, issuer.token(*BOARD, territory="haute-saintonge")) as theirs:
        assert (await state_of(theirs))["version"] == 0
        assert (await figure(theirs, "I-08"))["value"] == 0
        assert (await theirs.get(f"/v1/periods/{Q3}/history")).json()["items"] == []
        assert (await moved(theirs, "submit"))["version"] == 1
    async with told.db.work("haute-saintonge") as work:
        for table in ("figure_version", "late_fact"):
            assert await work.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_of_many_who_approve_at_once_one_does(board: httpx.AsyncClient, told: Stage) -> None:
    await moved(board, "submit")
    answers = await asyncio.gather(*(move(board, "approve") for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
    assert (await state_of(board))["number"] == 1


async def test_the_golden_sample_of_period_approved(board: httpx.AsyncClient, told: Stage) -> None:
    current_trace.set(None)
    await moved(board, "submit", "approve")
    async with told.system.work("fr") as work:
        event = json.loads(await work.fetchval("SELECT body FROM outbox"))
    event["id"], event["correlationid"] = "01936b1e-0000-7000-8000-000000000004", "01936b1e-0000-7000-8000-000000000005"
    event["traceparent"] = None
    check_sample(event)
