"""The contract (ACI) through its routes: what is known of it, its amounts, the forecast of its variable part."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from telling import Stage, Teller

from kit.clock import FixedClock
from kit.testing.harness import Issuer, client, connected

CONTRACT = "/v1/aci-contract"
SCOPES = ("aci:read", "aci:write")
# Invented: real amounts are not public.
AMOUNTS: dict[str, Any] = {
    "valid_from": "2026-01-01",
    "source": "Contrat, annexe 2 (exemple)",
    "functioning": "70000.00",
    "missions": {
        "access": {"fixed": "30000.00", "variable": "20000.00"},
        "pathways": {"fixed": "25000.00", "variable": "10000.00"},
        "prevention": {"variable": "9000.00"},
        "crisis": {"variable": "4000.00"},
        "quality": {"fixed": "5000.00"},
        "support": {"fixed": "5000.00"},
    },
}


@pytest_asyncio.fixture
async def http(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*SCOPES, sub="treasurer-1")) as started:
        yield started


async def enter(http: httpx.AsyncClient, if_match: str | None = None, **changes: Any) -> httpx.Response:
    headers = {"If-Match": if_match} if if_match else {}
    return await http.put(f"{CONTRACT}/amounts", json=AMOUNTS | changes, headers=headers)


async def test_the_contract_says_what_is_known_and_no_amount(http: httpx.AsyncClient) -> None:
    answer = await http.get(CONTRACT)
    contract = answer.json()
    assert (contract["signature"]["signed_on"], contract["term_ends_on"]) == ("2021-07-08", "2026-07-08")
    size = contract["size"]
    assert (size["by_population"], size["stated"], size["agrees"], size["population"]["count"]) == (3, 3, True, 81246)
    assert [(it["code"], it["starts_by"], it["full_by"], it["unknown_because"]) for it in contract["missions"]] == [
        ("access", "2022-01-08", "2023-01-08", None),
        ("pathways", "2022-07-08", "2023-07-08", None),
        ("prevention", "2022-07-08", "2023-07-08", None),
        ("crisis", None, None, "added_after_signature"),
        ("quality", None, None, "agreed_freely"),
        ("support", None, None, "agreed_freely"),
    ]
    assert {it["phase"] for it in contract["missions"]} == {None}
    assert {rule["basis"] for rule in contract["rules"]} == {"example"}
    assert (contract["amounts"], contract["amounts_entries"], answer.headers["etag"]) == (None, 0, '"0"')


async def test_a_territory_of_which_little_is_known_has_a_contract_too(service: FastAPI, issuer: Issuer) -> None:
    async with client(service, issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
        contract = (await theirs.get(CONTRACT)).json()
        assert (contract["signature"], contract["term_ends_on"]) == (None, None)
        assert contract["size"] == {"by_population": None, "stated": None, "agrees": None, "population": None}
        assert {it["unknown_because"] for it in contract["missions"]} == {"not_signed", "agreed_freely"}
        forecast = (await theirs.get(f"{CONTRACT}/forecast?period=2026")).json()
        assert (forecast["amount"], forecast["known_amount"]) == (None, None)
        assert {tuple(it["unknown_because"]) for it in forecast["missions"]} == {("rule_missing", "amount_missing")}


async def test_amounts_are_entered_with_who_and_when(http: httpx.AsyncClient) -> None:
    answer = await enter(http)
    entered = answer.json()
    assert (answer.status_code, answer.headers["etag"], entered["number"]) == (200, '"1"', 1)
    assert (entered["entered_by"], entered["entered_at"]) == ("treasurer-1", "2026-11-22T09:00:00Z")
    assert entered["missions"]["prevention"] == {"fixed": None, "variable": "9000.00"}
    contract = (await http.get(CONTRACT)).json()
    assert contract["amounts"] == entered
    shown = {it["code"]: it["amounts"] for it in contract["missions"]}
    assert shown["access"] == {"fixed": "30000.00", "variable": "20000.00"}


async def test_the_same_amounts_again_are_no_entry(http: httpx.AsyncClient) -> None:
    await enter(http)
    answer = await enter(http, functioning="70000.0")
    assert (answer.json()["number"], answer.headers["etag"]) == (1, '"1"')


async def test_a_correction_holds_and_what_it_corrects_stays_listed(http: httpx.AsyncClient) -> None:
    await enter(http)
    assert (await enter(http, '"1"', functioning="71000.00")).status_code == 200
    assert (await http.get(CONTRACT)).json()["amounts"]["functioning"] == "71000.00"
    items = (await http.get(f"{CONTRACT}/amounts")).json()["items"]
    assert [(it["number"], it["functioning"]) for it in items] == [(2, "71000.00"), (1, "70000.00")]
    first = (await http.get(f"{CONTRACT}/amounts?limit=1")).json()
    second = (await http.get(f"{CONTRACT}/amounts", params={"limit": 1, "cursor": first["next"]})).json()
    assert (first["items"] + second["items"], second["next"]) == (items, None)


async def test_who_did_not_read_the_present_amounts_is_refused(http: httpx.AsyncClient) -> None:
    await enter(http, '"0"')
    answer = await enter(http, '"0"', functioning="1.00")
    assert (answer.status_code, answer.json()["code"], answer.headers["etag"]) == (412, "version_mismatch", '"1"')
    assert (await http.get(CONTRACT)).json()["amounts"]["functioning"] == "70000.00"


async def test_of_two_who_correct_at_once_one_is_refused(http: httpx.AsyncClient) -> None:
    await enter(http)
    answers = await asyncio.gather(*(enter(http, '"1"', functioning=f"{euros}.00") for euros in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert (await http.get(CONTRACT)).json()["amounts_entries"] == 2


REFUSED = [
    ({"missions": {"shopping": {}}}, "mission_unknown", "missions.shopping"),
    ({"valid_from": "2019-06-19"}, "before_the_agreement", "valid_from"),
    ({"functioning": "-1.00"}, None, "functioning"),
    ({"functioning": "1.001"}, None, "functioning"),
    ({"functioning": "NaN"}, None, "functioning"),
    ({"functioning": "10000000.01"}, None, "functioning"),
    ({"missions": {"access": {"bonus": "1.00"}}}, None, "missions.access.bonus"),
    ({"source": ""}, None, "source"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
async def test_bad_amounts_are_refused_by_field(
    http: httpx.AsyncClient, changes: dict[str, Any], code: str | None, field: str
) -> None:
    answer = await enter(http, **changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert code in (None, answer.json()["code"])
    assert (await http.get(CONTRACT)).json()["amounts_entries"] == 0


IN_FORCE = [
    # as of -> the functioning part that holds on that day, by what was known then
    ("2026-11-21", None),
    ("2026-11-22", "70000.00"),
    ("2026-11-23", "71000.00"),
    ("2026-12-31", "71000.00"),
    ("2027-01-01", "80000.00"),
]


async def test_amounts_hold_from_their_day_on_and_are_shown_as_they_were(
    http: httpx.AsyncClient, clock: FixedClock
) -> None:
    await enter(http)
    clock.advance(timedelta(days=1))
    await enter(http, valid_from="2027-01-01", functioning="80000.00")
    await enter(http, functioning="71000.00")
    for at, functioning in IN_FORCE:
        amounts = (await http.get(CONTRACT, params={"at": at})).json()["amounts"]
        assert (at, amounts and amounts["functioning"]) == (at, functioning)


async def test_without_amounts_the_forecast_is_unknown_and_never_zero(http: httpx.AsyncClient) -> None:
    forecast = (await http.get(f"{CONTRACT}/forecast?period=2026")).json()
    assert (forecast["amounts"], forecast["amount"], forecast["known_amount"]) == (None, None, None)
    lines = [line for mission in forecast["missions"] for line in mission["lines"]]
    assert len(lines) == 5
    assert {(line["maximum"], line["amount"], tuple(line["unknown_because"])) for line in lines} == {
        (None, None, ("amount_missing",))
    }


@pytest_asyncio.fixture
async def told(stage: Stage, tell: Teller) -> Stage:
    """Ten doctors with a slot of the SAS, and 25 calls of the SAS that were booked."""
    doctors = [f"990000001{number:02}" for number in range(10)]
    slots, calls = [uuid4() for _ in range(25)], [uuid4() for _ in range(25)]
    for place, (slot, call) in enumerate(zip(slots, calls, strict=True)):
        await stage.handle(tell.published(slot, rpps=doctors[place % 10]), tell.received(call, "sas"))
        await stage.handle(tell.confirmed(uuid4(), slot, call, origin="sas"))
    return stage


DERIVED = [
    # rule, figure of 2026, what it earns, of how much, amount
    ("doctors-of-the-sas", 10, "1/2", "10000.00", "5000.00"),
    ("sas-appointments", 25, "1/20", "10000.00", "500.00"),
    ("patients-of-pathways", 0, "0", "10000.00", "0.00"),
    ("workshops", 0, "0", "9000.00", "0.00"),
    ("crisis-plans", 0, "0", "4000.00", "0.00"),
]


async def test_each_line_says_how_it_is_derived(http: httpx.AsyncClient, told: Stage) -> None:
    await enter(http)
    forecast = (await http.get(f"{CONTRACT}/forecast?period=2026")).json()
    lines = [line for mission in forecast["missions"] for line in mission["lines"]]
    found = [(it["rule"]["code"], it["figure"]["value"], it["earned"], it["maximum"], it["amount"]) for it in lines]
    assert found == DERIVED
    assert {(it["figure"]["period"]["id"], it["figure"]["complete"]) for it in lines} == {("2026", False)}
    assert lines[0]["rule"]["thresholds"][0] == {"at_least": "10", "at_most": None, "earns": "1/2"}
    assert {it["mission"]: it["amount"] for it in forecast["missions"]} == {
        "access": "5500.00",
        "pathways": "0.00",
        "prevention": "0.00",
        "crisis": "0.00",
        "quality": None,
        "support": None,
    }
    assert {tuple(it["unknown_because"]) for it in forecast["missions"][4:]} == {("rule_missing", "amount_missing")}
    assert (forecast["amount"], forecast["known_amount"]) == (None, "5500.00")


async def test_the_amounts_of_the_last_day_of_the_year_count(http: httpx.AsyncClient, told: Stage) -> None:
    await enter(http)
    await enter(http, valid_from="2026-12-31", missions={"access": {"variable": "40000.00"}})
    await enter(http, valid_from="2027-01-01", missions={"access": {"variable": "90000.00"}})
    forecast = (await http.get(f"{CONTRACT}/forecast?period=2026")).json()
    assert (forecast["amounts"]["valid_from"], forecast["missions"][0]["amount"]) == ("2026-12-31", "11000.00")
    assert (forecast["missions"][1]["amount"], forecast["missions"][1]["unknown_because"]) == (None, ["amount_missing"])


async def test_the_present_year_is_the_default_and_only_years_are_forecast(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{CONTRACT}/forecast")).json()["period"]["id"] == "2026"
    for period, code in (("2026-Q4", "period_not_a_year"), ("2026-H1", "period_not_a_year"), ("x", "period_invalid")):
        answer = await http.get(f"{CONTRACT}/forecast", params={"period": period})
        assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["field"]) == (422, code, "period")


async def test_a_reader_enters_nothing_and_neighbours_see_nothing(
    http: httpx.AsyncClient, service: FastAPI, issuer: Issuer, stage: Stage
) -> None:
    await enter(http)
    async with connected(service, issuer.token("aci:read")) as reader:
        assert (await enter(reader, functioning="1.00")).json()["code"] == "scope_missing"
    async with connected(service, issuer.token(*SCOPES, territory="marches-de-bretagne")) as theirs:
        assert (await theirs.get(CONTRACT)).json()["amounts"] is None
        assert (await theirs.get(f"{CONTRACT}/amounts")).json()["items"] == []
    async with stage.db.work("marches-de-bretagne") as work:
        assert await work.fetchval("SELECT count(*) FROM aci_amounts") == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE aci_amounts SET number = 9", "DELETE FROM aci_amounts", "TRUNCATE aci_amounts"]
)
@pytest.mark.parametrize("role", ["db", "system"])
async def test_nobody_changes_amounts_that_were_entered(stage: Stage, role: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with getattr(stage, role).work("pays-de-redon") as work:
            await work.execute(statement)
