"""The action plan through its routes: maturity and its history, progress with proofs, what is late, the file."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from telling import OTHER_GP, SLOT_AT, Stage, Teller

from indicators.domain.action_plan import ActionPlan
from indicators.main import build
from indicators.settings import IndicatorsSettings
from indicators.usecases.load_plans import load_action_plans, load_agreement
from indicators.usecases.note_maturity import note_maturity
from kit.auth import Caller
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.harness import Issuer, client, connected
from kit.testing.samples import check_sample

SCOPES = ("indicators:read", "indicators:export", "action-plan:write")
PLAN = "/v1/action-plan"
PROOF = {"reference": "PV du conseil d'administration du 12/10/2026"}


@pytest_asyncio.fixture
async def http(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*SCOPES, sub="coordinator-1")) as started:
        yield started


@pytest.fixture
def plan(settings: IndicatorsSettings, stage: Stage) -> ActionPlan:
    agreement = load_agreement(settings.reference_dir)
    plans = load_action_plans(settings.territories_dir, ["pays-de-redon"], stage.catalogue, agreement)
    return plans["pays-de-redon"]


async def post(http: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    return await http.post(f"{PLAN}/sheets/{path}", json=body, headers={"Idempotency-Key": str(uuid4())})


async def done(http: httpx.AsyncClient, step: str, on_day: str, state: str = "done") -> None:
    sheet = step.rpartition(".")[0]
    answer = await post(http, f"{sheet}/progress", text="Fait", step=step, state=state, on_day=on_day, proof=PROOF)
    assert answer.status_code == 201, answer.text


async def numbers(http: httpx.AsyncClient, **query: Any) -> list[str]:
    found = (await http.get(f"{PLAN}/sheets", params=query)).raise_for_status().json()["items"]
    return [it["number"] for it in found]


async def test_the_plan_has_its_axes_sheets_and_what_is_late(http: httpx.AsyncClient) -> None:
    plan = (await http.get(PLAN)).json()
    assert (plan["title_fr"], plan["adopted_on"], plan["as_of"]) == (
        "Plan d'actions 2021-2022",
        "2021-05-04",
        "2026-11-22",
    )
    assert [(axis["number"], len(axis["sheets"])) for axis in plan["axes"]] == [(number, 2) for number in range(1, 7)]
    assert (plan["sheets"], plan["late_sheets"]) == (12, 12)
    assert plan["steps_by_state"] == {"planned": 31, "begun": 0, "done": 0}
    cardiac = plan["axes"][1]["sheets"][1]
    assert (cardiac["number"], cardiac["maturity"]["label_fr"], cardiac["late_steps"]) == (
        "2.2",
        "Reproductible",
        ["2.2.1"],
    )


async def test_steps_move_and_stop_being_late(http: httpx.AsyncClient) -> None:
    await done(http, "1.1.1", "2021-06-20")
    await done(http, "1.1.2", "2021-08-10")
    await done(http, "1.2.1", "2026-11-20", state="begun")
    whole = (await http.get(f"{PLAN}/sheets/1.1")).json()
    told = [(it["number"], it["state"], it["since"], it["late"], it["days_late"]) for it in whole["steps"]]
    assert told == [("1.1.1", "done", "2021-06-20", False, 0), ("1.1.2", "done", "2021-08-10", False, 10)]
    assert (whole["state"], whole["late"], whole["late_steps"]) == ("done", False, [])
    other = (await http.get(f"{PLAN}/sheets/1.2")).json()
    assert (other["state"], other["late_steps"]) == ("begun", ["1.2.1", "1.2.2"])
    assert (await http.get(PLAN)).json()["steps_by_state"] == {"planned": 28, "begun": 1, "done": 2}
    assert await numbers(http, late=False) == ["1.1"]
    assert "1.1" not in await numbers(http, late=True)


FILTERS = [
    ({}, 12),
    ({"axis": 2}, ["2.1", "2.2"]),
    ({"axis": 9}, []),
    ({"maturity": 1}, ["5.1", "5.2"]),
    ({"maturity": 2}, ["2.1", "2.2", "3.2"]),
    ({"maturity": 5}, []),
    ({"axis": 5, "maturity": 1, "late": True}, ["5.1", "5.2"]),
    ({"late": False}, []),
]


@pytest.mark.parametrize(("query", "found"), FILTERS)
async def test_sheets_are_filtered(http: httpx.AsyncClient, query: dict[str, Any], found: int | list[str]) -> None:
    listed = await numbers(http, **query)
    assert (len(listed) if isinstance(found, int) else listed) == found


async def test_sheets_are_paged_in_the_order_of_the_plan(http: httpx.AsyncClient) -> None:
    listed: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        body = (await http.get(f"{PLAN}/sheets", params=query)).json()
        listed += [it["number"] for it in body["items"]]
        if (cursor := body["next"]) is None:
            break
    assert listed == await numbers(http, limit=200)
    for forged in ("x", "WzFd", "WyJ4Il0"):
        answer = await http.get(f"{PLAN}/sheets", params={"cursor": forged})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


REFUSED = [
    # what a note of progress says -> refused for, in the field
    ({"step": "1.1.9"}, "step_unknown", "step"),
    ({"step": "1.2.1"}, "step_unknown", "step"),
    ({"state": "begun"}, "step_missing", "step"),
    ({"step": "1.1.1", "state": "planned"}, "state_already", "state"),
    ({"step": "1.1.1", "state": "begun", "on_day": "2026-11-23"}, "day_to_come", "on_day"),
    ({"step": "1.1.1", "state": "done"}, "proof_missing", "proof"),
    ({"step": "1.1.1", "state": "done", "proof": {}}, "proof_missing", "proof"),
]


@pytest.mark.parametrize(("body", "code", "field"), REFUSED)
async def test_a_note_that_cannot_be_is_refused_by_name(
    http: httpx.AsyncClient, body: dict[str, Any], code: str, field: str
) -> None:
    answer = await post(http, "1.1/progress", text="Fait", **body)
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (422, code, field)
    assert (await http.get(f"{PLAN}/sheets/1.1/progress")).json()["items"] == []


MALFORMED = [
    ("progress", {"text": ""}, "text"),
    ("progress", {"text": " "}, "text"),
    ("progress", {"text": "Fait", "proof": {"link": "javascript:alert(1)"}}, "proof.link"),
    ("progress", {"text": "Fait", "state": "late"}, "state"),
    ("maturity", {"level": 0, "reason": "x"}, "level"),
    ("maturity", {"level": 6, "reason": "x"}, "level"),
    ("maturity", {"level": 3}, "reason"),
]


@pytest.mark.parametrize(("path", "body", "field"), MALFORMED)
async def test_a_malformed_note_names_its_field(
    http: httpx.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await post(http, f"1.1/{path}", **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("tail", ["", "/maturity", "/progress"])
async def test_an_unknown_sheet_is_404(http: httpx.AsyncClient, tail: str) -> None:
    answer = await http.get(f"{PLAN}/sheets/9.9{tail}")
    assert (answer.status_code, answer.json()["code"]) == (404, "sheet_unknown")


async def test_notes_keep_their_proofs_the_latest_first(http: httpx.AsyncClient) -> None:
    link = {"link": "https://example.org/pv/12", "reference": "PV n° 12"}
    assert (await post(http, "1.1/progress", text="Réunion de lancement")).status_code == 201
    assert (await post(http, "1.1/progress", text="Courrier envoyé", step="1.1.1", proof=link)).status_code == 201
    await done(http, "1.1.1", "2026-11-20")
    items = (await http.get(f"{PLAN}/sheets/1.1/progress")).json()["items"]
    assert [(it["number"], it["step"], it["state"], it["on_day"]) for it in items] == [
        (3, "1.1.1", "done", "2026-11-20"),
        (2, "1.1.1", None, "2026-11-22"),
        (1, None, None, "2026-11-22"),
    ]
    assert [it["proof"] for it in items] == [{"link": None, **PROOF}, link, None]
    assert {it["noted_by"] for it in items} == {"coordinator-1"}
    first = (await http.get(f"{PLAN}/sheets/1.1/progress?limit=2")).json()
    second = (await http.get(f"{PLAN}/sheets/1.1/progress", params={"limit": 2, "cursor": first["next"]})).json()
    assert (first["items"] + second["items"], second["next"]) == (items, None)
    assert (await http.get(f"{PLAN}/sheets/1.1")).json()["progress"] == items
    assert (await http.get(f"{PLAN}/sheets/1.2/progress")).json()["items"] == []


async def test_what_was_done_by_mistake_is_taken_back_by_another_note(http: httpx.AsyncClient) -> None:
    await done(http, "1.1.1", "2026-11-20")
    answer = await post(http, "1.1/progress", text="Erreur : un courrier manquait", step="1.1.1", state="begun")
    assert answer.status_code == 201
    sheet = (await http.get(f"{PLAN}/sheets/1.1")).json()
    assert (sheet["steps"][0]["state"], sheet["steps"][0]["late"]) == ("begun", True)
    assert len(sheet["progress"]) == 2


async def test_maturity_has_its_history(http: httpx.AsyncClient, clock: FixedClock) -> None:
    stated = (await http.get(f"{PLAN}/sheets/5.1")).json()["maturity"]
    assert (stated["level"], stated["label_fr"], stated["number"], stated["noted_by"]) == (1, "Initial", 0, None)
    told = [(2, "Une convention type"), (3, "Procédure écrite"), (3, "Confirmé en revue")]
    for level, reason in told:
        clock.advance(timedelta(days=1))
        answer = await post(http, "5.1/maturity", level=level, reason=reason)
        assert answer.status_code == 201
    items = (await http.get(f"{PLAN}/sheets/5.1/maturity")).json()["items"]
    assert [(it["number"], it["was"], it["level"]) for it in items] == [(3, 3, 3), (2, 2, 3), (1, 1, 2), (0, None, 1)]
    assert [it["reason"] for it in items[:3]] == ["Confirmé en revue", "Procédure écrite", "Une convention type"]
    assert (items[0]["noted_by"], items[0]["noted_at"]) == ("coordinator-1", "2026-11-25T09:00:00Z")
    assert items[3]["noted_at"] == "2021-05-04T00:00:00+02:00"
    sheet = (await http.get(f"{PLAN}/sheets/5.1")).json()
    assert (sheet["maturity"], sheet["maturity_history"]) == (items[0], items)
    assert await numbers(http, maturity=1) == ["5.2"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_the_history_is_whole_however_it_is_paged(http: httpx.AsyncClient, limit: int) -> None:
    for level in (4, 5):
        await post(http, "1.1/maturity", level=level, reason="Revue")
    found: list[int] = []
    cursor: str | None = None
    while True:
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        body = (await http.get(f"{PLAN}/sheets/1.1/maturity", params=query)).json()
        found += [it["level"] for it in body["items"]]
        if (cursor := body["next"]) is None:
            break
    assert found == [5, 4, 3]


AS_OF = [
    # as of -> level of sheet 5.1, late?, state of step 5.1.1
    ("2021-05-03", None, False, "planned"),
    ("2021-05-04", 1, False, "planned"),
    ("2022-02-01", 1, True, "planned"),
    ("2026-11-21", 1, True, "planned"),
    ("2026-11-22", 2, True, "begun"),
    ("2026-11-23", 2, True, "begun"),
    ("2026-11-24", 3, True, "done"),
    ("2026-11-24T08:00:00+01:00", 2, True, "begun"),
]


async def test_the_plan_is_shown_as_it_was(http: httpx.AsyncClient, clock: FixedClock) -> None:
    await post(http, "5.1/maturity", level=2, reason="Convention type")
    await done(http, "5.1.1", "2026-11-20", state="begun")
    clock.advance(timedelta(days=2))
    await post(http, "5.1/maturity", level=3, reason="Procédure écrite")
    await done(http, "5.1.1", "2026-11-24")
    for at, level, late, state in AS_OF:
        sheet = (await http.get(f"{PLAN}/sheets/5.1", params={"at": at})).json()
        found = sheet["maturity"] and sheet["maturity"]["level"]
        assert (at, found, sheet["late"], sheet["steps"][0]["state"]) == (at, level, late, state)
        axes = (await http.get(PLAN, params={"at": at})).json()["axes"]
        assert axes[4]["sheets"][0] == {name: sheet[name] for name in axes[4]["sheets"][0]}
        listed = (await http.get(f"{PLAN}/sheets/5.1/maturity", params={"at": at})).json()["items"]
        assert listed == sheet["maturity_history"]


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_a_day_that_cannot_be_counted_to_is_refused(http: httpx.AsyncClient, at: str) -> None:
    for path in (PLAN, f"{PLAN}/sheets", f"{PLAN}/sheets/1.1"):
        answer = await http.get(path, params={"at": at})
        assert (answer.status_code, answer.json()["code"]) == (422, "at_out_of_range")


async def test_a_sheet_shows_its_figures_beside_the_period_before(
    http: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    await stage.handle(tell.published(uuid4(), starts_at=SLOT_AT - timedelta(days=90)))
    await stage.handle(tell.published(uuid4()), tell.published(uuid4(), rpps=OTHER_GP))
    sheet = (await http.get(f"{PLAN}/sheets/1.2?period=2026-Q4")).json()
    found = {
        it["figure"]["id"]: (it["figure"]["value"], it["before"]["value"], it["movement"]) for it in sheet["figures"]
    }
    assert found == {
        "I-06": (2, 1, "up"),
        "I-07": (2, 1, "up"),
        "I-08": (2, 1, "up"),
        "I-09": (0, 0, "stable"),
        "I-10": (0.0, 0.0, "stable"),
    }
    before = {it["before"]["period"]["id"] for it in sheet["figures"]}
    assert before == {"2026-Q3"}
    access = (await http.get(f"{PLAN}/sheets/1.1?period=2026")).json()["figures"]
    assert [(it["figure"]["id"], it["movement"]) for it in access] == [(f"I-0{number}", None) for number in range(1, 6)]


async def test_the_first_campaign_of_its_name_stands_beside_nothing(
    settings: IndicatorsSettings, clock: FixedClock, issuer: Issuer, stage: Stage, tell: Teller
) -> None:
    days = {"begins": f"{SLOT_AT - timedelta(days=3):%F}", "ends": f"{SLOT_AT + timedelta(days=3):%F}"}
    once = {"name": "measles", "label_fr": "Rougeole", "dates": {SLOT_AT.year: days}}
    file = settings.territories_dir / "pays-de-redon" / "campaigns.yaml"
    file.write_text(json.dumps({"version": "test", "campaigns": [once]}))
    await stage.handle(tell.published(uuid4()))
    period = f"{SLOT_AT.year}-measles"
    async with client(build(settings, clock), issuer.token(*SCOPES)) as http:
        sheet = (await http.get(f"{PLAN}/sheets/1.2?period={period}")).raise_for_status().json()
        answer = await http.get(f"/v1/exports/action-plan.csv?period={period}")
    (slots,) = [it for it in sheet["figures"] if it["figure"]["id"] == "I-08"]
    assert (slots["figure"]["value"], slots["before"], slots["movement"]) == (1, None, None)
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";")
    (row,) = [it for it in rows if it["number"] == "I-08"]
    assert (row["value"], row["value_before"], row["movement"]) == ("1", "", "")


async def test_a_retry_of_a_note_is_one_note(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        answer = await http.post(
            f"{PLAN}/sheets/1.1/maturity", json={"level": 4, "reason": "Revue"}, headers={"Idempotency-Key": "k"}
        )
        assert answer.status_code == 201
    assert len((await http.get(f"{PLAN}/sheets/1.1/maturity")).json()["items"]) == 2


async def test_notes_at_once_are_numbered_one_after_the_other(http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(post(http, "1.1/maturity", level=level % 5 + 1, reason="Revue") for level in range(12))
    )
    assert {answer.status_code for answer in answers} == {201}
    items = (await http.get(f"{PLAN}/sheets/1.1/maturity?limit=50")).json()["items"]
    assert [it["number"] for it in items] == list(range(12, -1, -1))
    assert [it["was"] for it in items[:-1]] == [it["level"] for it in items[1:]]


async def test_of_two_who_say_at_once_that_a_step_is_done_one_is_told(http: httpx.AsyncClient) -> None:
    body = {"text": "Fait", "step": "1.1.1", "state": "done", "proof": PROOF}
    answers = await asyncio.gather(*(post(http, "1.1/progress", **body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert len((await http.get(f"{PLAN}/sheets/1.1/progress")).json()["items"]) == 1


async def test_another_territory_sees_and_moves_nothing_of_this_plan(
    http: httpx.AsyncClient, service: FastAPI, issuer: Issuer, stage: Stage
) -> None:
    await post(http, "1.1/maturity", level=5, reason="Revue")
    async with connected(service, issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
        for path in (PLAN, f"{PLAN}/sheets", f"{PLAN}/sheets/1.1", "/v1/exports/action-plan.csv"):
            answer = await theirs.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "action_plan_unknown")
        assert (await post(theirs, "1.1/maturity", level=1, reason="x")).status_code == 404
    async with stage.db.work("haute-saintonge") as work:
        assert await work.fetchval("SELECT count(*) FROM maturity_note") == 0
    assert (await http.get(f"{PLAN}/sheets/1.1")).json()["maturity"]["level"] == 5


@pytest.mark.parametrize("table", ["maturity_note", "progress_note"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET sheet = '9.9'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", ["db", "system"])
async def test_nobody_changes_what_was_noted(stage: Stage, role: str, statement: str, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(stage, role).work("pays-de-redon") as work:
            await work.execute(statement.format(table))


async def test_the_file_has_a_line_for_each_sheet_step_and_indicator(
    http: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    await stage.handle(tell.published(uuid4()))
    await post(http, "1.2/maturity", level=4, reason="=Suivi")
    await done(http, "1.2.1", "2026-11-20")
    answer = await http.get("/v1/exports/action-plan.csv?period=2026-Q4")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="plan-actions_pays-de-redon_2026-Q4.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfterritory;plan_version;")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    count = {kind: sum(row["line"] == kind for row in rows) for kind in ("sheet", "step", "indicator")}
    assert count == {"sheet": 12, "step": 31, "indicator": 64}
    found = {row["number"]: row for row in rows if row["sheet"] == "1.2"}
    assert (found["1.2"]["maturity"], found["1.2"]["maturity_label_fr"], found["1.2"]["note"]) == (
        "4",
        "Maîtrisé",
        "'=Suivi",
    )
    step = found["1.2.1"]
    assert (step["state"], step["since"], step["late"], step["days_late"]) == ("done", "2026-11-20", "false", "1938")
    assert (step["note"], step["proof"]) == ("Fait", PROOF["reference"])
    assert (found["1.2.2"]["state"], found["1.2.2"]["late"], found["1.2.2"]["note"]) == ("planned", "true", "")
    slots = found["I-08"]
    assert (slots["period"], slots["value"], slots["value_before"], slots["movement"]) == ("2026-Q4", "1", "0", "up")
    assert (slots["origin"], slots["masked"]) == ("events", "false")
    assert (found["I-10"]["value"], found["I-10"]["value_before"], found["I-10"]["movement"]) == ("0", "", "")
    assert next(row["value"] for row in rows if row["number"] == "I-01") == ""


async def test_the_golden_sample_of_maturity_noted(stage: Stage, plan: ActionPlan) -> None:
    """The event as the outbox has it; only the ids, which are drawn at random, are replaced."""
    current_trace.set(None)
    found = plan.find("5.1")
    assert found is not None
    caller = Caller("coordinator-1", "pays-de-redon", frozenset())
    async with stage.db.work("pays-de-redon") as work:
        await note_maturity(work, caller, plan, found[1], level=2, reason="Convention type")
    async with stage.system.work("fr") as work:
        told = json.loads(await work.fetchval("SELECT body FROM outbox"))
    assert (told["subject"], told["aggregateversion"], told["data"]["was"]) == ("5.1", 1, 1)
    assert "Convention" not in json.dumps(told)
    told["id"], told["correlationid"] = str(UUID(int=2)), str(UUID(int=3))
    check_sample(told)
