"""What the routes answer."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from telling import GP, NOW, OTHER_GP, SLOT_AT, Stage, Teller


async def pages(http: httpx.AsyncClient, path: str, limit: int, **query: str) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {**query, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        body = (await http.get(path, params=params)).raise_for_status().json()
        assert len(body["items"]) <= limit
        items, cursor = items + body["items"], body["next"]
    return items


@pytest.fixture
async def told(stage: Stage, tell: Teller) -> Stage:
    """Seven slots of two GPs, one withdrawn; four calls; two visits, one fulfilled, one cancelled."""
    slots, calls = [uuid4() for _ in range(7)], [uuid4() for _ in range(4)]
    rpps = (GP, GP, GP, GP, OTHER_GP, OTHER_GP, OTHER_GP)
    await stage.handle(*(tell.published(slot, rpps=who) for slot, who in zip(slots, rpps, strict=True)))
    await stage.handle(tell.withdrawn(slots[6], time=NOW + timedelta(hours=1)))
    origins = ("ed", "ed", "single_number", "sas")
    await stage.handle(*(tell.received(call, origin) for call, origin in zip(calls, origins, strict=True)))
    kept, gone = (uuid4(), slots[0], calls[0]), (uuid4(), slots[1], calls[1])
    await stage.handle(tell.confirmed(*kept), tell.confirmed(*gone), tell.cancelled(*gone), tell.fulfilled(*kept))
    return stage


async def test_the_catalogue_is_paged_in_its_order(http: httpx.AsyncClient) -> None:
    items = await pages(http, "/v1/indicators", 25)
    assert len(items) == 68
    assert [items[0]["id"], items[63]["id"], items[67]["id"]] == ["I-01", "I-64", "N-04"]
    sources = {item["id"]: item["source"] for item in items}
    assert sources["I-08"] == "fed"
    assert sources["I-01"] == "no_source"


async def test_a_figure_says_all_it_takes_to_judge_it(http: httpx.AsyncClient, told: Stage) -> None:
    figure = (await http.get("/v1/indicators/I-10?period=2026-Q4")).json()
    assert (figure["numerator"], figure["denominator"], figure["value"], figure["unit"]) == (1, 6, 16.67, "percent")
    assert figure["label_fr"] == "Taux d'occupation des créneaux SNP"
    assert (figure["definition_version"], figure["territory"]) == (1, "pays-de-redon")
    assert figure["period"] == {
        "id": "2026-Q4",
        "kind": "quarter",
        "from": "2026-10-01T00:00:00+02:00",
        "to": "2027-01-01T00:00:00+01:00",
    }
    assert figure["freshness"] == {"as_of": "2026-11-22T10:00:00Z", "computed_at": "2026-11-22T09:00:00Z"}
    assert (figure["complete"], figure["incomplete_because"]) == (False, ["period_open"])


async def test_the_quarter_of_now_is_the_default(http: httpx.AsyncClient, told: Stage) -> None:
    figure = (await http.get("/v1/indicators/I-09")).json()
    assert figure["period"]["id"] == "2026-Q4"
    assert figure["value"] == 3
    assert figure["breakdown"]["origin"] == {"single_number": 1, "ed": 2, "professional": 0}
    assert figure["apart"][0]["value"] == 1


async def test_a_bad_period_is_refused_by_name(http: httpx.AsyncClient) -> None:
    for path in ("/v1/indicators/I-08", "/v1/figures", "/v1/exports/indicators.csv", "/v1/indicators/I-08/evidence"):
        for period in ("2026-Q5", "26", "2026-12", "x", "1999", "2026-q4", ""):
            answer = await http.get(path, params={"period": period})
            assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
            assert answer.json()["errors"][0]["field"] == "period"


async def test_an_unknown_indicator_is_404(http: httpx.AsyncClient) -> None:
    for tail in ("", "/evidence", "/evidence/x"):
        answer = await http.get(f"/v1/indicators/I-99{tail}")
        assert (answer.status_code, answer.json()["code"]) == (404, "indicator_unknown")


async def test_an_indicator_without_source_has_no_value(http: httpx.AsyncClient) -> None:
    figure = (await http.get("/v1/indicators/I-01?period=2026")).json()
    assert (figure["status"], figure["value"], figure["numerator"]) == ("no_source", None, None)
    assert figure["incomplete_because"] == ["no_source"]
    assert (await http.get("/v1/indicators/I-01/evidence")).json() == {"items": [], "next": None, "total": 0}


async def test_the_dashboard_has_all_computed_figures(http: httpx.AsyncClient, told: Stage) -> None:
    body = (await http.get("/v1/figures?period=2026-Q4")).json()
    found = {item["id"]: item["value"] for item in body["items"]}
    dispatch = {"I-06": 2, "I-07": 2, "I-08": 6, "I-09": 3, "I-10": 16.67, "N-01": 2, "N-02": 0}
    crises = {"I-58": None, "I-59": None, "I-60": None, "I-62": 0, "I-63": 0}
    known = dispatch | {"I-05": None, "I-19": 0} | crises
    untold = {item["id"]: None if item["unit"] == "score" else 0 for item in body["items"] if item["id"] not in known}
    assert len(untold) > 30
    assert found == known | untold
    assert body["period"]["id"] == "2026-Q4"


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_evidence_adds_up_to_the_figure(http: httpx.AsyncClient, told: Stage, limit: int) -> None:
    for figure in (await http.get("/v1/figures?period=2026-Q4")).json()["items"]:
        for part in ("numerator", "denominator"):
            if figure[part] is not None:
                await assert_evidence(http, figure, part, limit)


async def assert_evidence(http: httpx.AsyncClient, figure: dict[str, Any], part: str, limit: int) -> None:
    """As many units as the figure says, each with the facts that its own list has."""
    path, query = f"/v1/indicators/{figure['id']}/evidence", {"period": "2026-Q4", "part": part}
    items = await pages(http, path, limit, **query)
    assert len({item["unit"] for item in items}) == len(items) == figure[part]
    assert (await http.get(path, params=query)).json()["total"] == figure[part]
    for item in items:
        facts = await pages(http, f"{path}/{item['unit']}", limit, **query)
        assert len(facts) == item["facts_total"] > 0
        assert {fact["event_id"] for fact in item["facts"]} <= {fact["event_id"] for fact in facts}


async def test_evidence_goes_down_to_the_event(http: httpx.AsyncClient, told: Stage) -> None:
    (slot,) = (await http.get("/v1/indicators/I-10/evidence?period=2026-Q4")).json()["items"]
    kinds = sorted(fact["type"].split(".", 3)[3] for fact in slot["facts"])
    assert kinds == ["booking.confirmed.v1", "booking.fulfilled.v1", "slot.published.v1"]
    assert {fact["slot_id"] for fact in slot["facts"]} == {slot["unit"]}
    confirmed = next(fact for fact in slot["facts"] if "confirmed" in fact["type"])
    assert confirmed["booking_id"] == confirmed["subject"]
    assert confirmed["call_id"] is not None
    assert confirmed["time"] == confirmed["arrived_at"] == "2026-11-22T09:00:00Z"


async def test_a_professional_with_many_slots_shows_the_newest_and_lists_all(
    http: httpx.AsyncClient, stage: Stage, tell: Teller
) -> None:
    moments = [NOW + timedelta(minutes=minute) for minute in range(25)]
    await stage.handle(*(tell.published(uuid4(), time=moment) for moment in moments))
    (effector,) = (await http.get("/v1/indicators/I-06/evidence?period=2026-Q4")).json()["items"]
    assert (effector["unit"], effector["facts_total"], len(effector["facts"])) == (f"professional:{GP}", 25, 10)
    assert effector["facts"][0]["time"] == "2026-11-22T09:24:00Z"
    facts = await pages(http, f"/v1/indicators/I-06/evidence/professional:{GP}", 7, period="2026-Q4")
    times = [fact["time"] for fact in facts]
    assert len(times) == 25
    assert times == sorted(times)


async def test_a_count_has_no_denominator_to_prove(http: httpx.AsyncClient) -> None:
    for path in ("/v1/indicators/I-08/evidence", "/v1/indicators/I-08/evidence/x"):
        answer = await http.get(path, params={"part": "denominator"})
        assert (answer.status_code, answer.json()["code"]) == (422, "part_absent")


async def test_a_forged_cursor_is_refused(http: httpx.AsyncClient) -> None:
    for path in ("/v1/indicators/I-08/evidence", "/v1/indicators/I-08/evidence/x", "/v1/indicators"):
        for cursor in ("x", "WzFd", "WyJhIiwiYiIsImMiXQ"):
            answer = await http.get(path, params={"cursor": cursor})
            assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_the_export_is_a_file_for_spreadsheets(http: httpx.AsyncClient, told: Stage) -> None:
    answer = await http.get("/v1/exports/indicators.csv?period=2026-Q4")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="indicateurs_pays-de-redon_2026-Q4.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfterritory;")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    whole = {row["id"]: row for row in rows if not row["dimension"]}
    assert len(whole) == 68
    assert (whole["I-10"]["numerator"], whole["I-10"]["denominator"], whole["I-10"]["value"]) == ("1", "6", "16,67")
    assert (whole["I-01"]["value"], whole["I-01"]["status"]) == ("", "no_source")
    origins = {row["code"]: row["numerator"] for row in rows if (row["id"], row["dimension"]) == ("I-09", "origin")}
    assert origins == {"single_number": "1", "ed": "2", "professional": "0"}


async def test_a_slot_counts_in_the_quarter_of_its_start(http: httpx.AsyncClient, stage: Stage, tell: Teller) -> None:
    await stage.handle(tell.published(uuid4(), starts_at=SLOT_AT + timedelta(days=90)))
    assert (await http.get("/v1/indicators/I-08?period=2026-Q4")).json()["value"] == 0
    assert (await http.get("/v1/indicators/I-08?period=2027-Q1")).json()["value"] == 1


async def test_every_operation_is_described(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    operations = [item for path in document["paths"].values() for item in path.values()]
    assert len({item["operationId"] for item in operations}) == len(operations)
    assert all(item["summary"] and item["description"] for item in operations)
    assert all({"401", "403", "422", "429", "503"} <= set(item["responses"]) for item in operations)
