"""The demo moves what it says by events alone, each time it is played; every indicator answers, with its evidence."""

from typing import Any

import httpx

from contracts.registry import STREAMS
from local_stack.clock import today_in_france
from local_stack.demo.__main__ import play_on
from local_stack.demo.story import ENOUGH, LATER
from local_stack.stack import Stack
from tests.e2e.calls import Client
from tests.e2e.outboxes import outbox

STATUSES = {"computed", "undefined", "imported", "manual", "masked", "no_source"}


async def test_the_demo_moves_the_indicators_and_each_answers_with_its_proof(stack: Stack, client: Client) -> None:
    catalogue = (await client("care").get("/v1/indicators", params={"limit": 200})).json()["items"]
    assert len(catalogue) == 68
    expected = {it["id"] for it in catalogue if it["source"] == "fed"} - LATER.keys()
    assert len(expected) >= ENOUGH
    for _ in range(2):
        outcome = await play_on(stack.gateway_url, stack.run_dir)
        assert expected - set(outcome.moved) == set()

    period = {"period": str(today_in_france().year)}
    figures = [await answered(client("care"), indicator, period) for indicator in catalogue]
    assert {it["status"] for it in figures} >= {"computed", "imported", "manual", "masked", "no_source"}
    proofs = [await proved(client("care"), figure, period) for figure in figures]
    assert set().union(*proofs) <= await told(stack)


async def answered(reader: httpx.AsyncClient, indicator: dict[str, Any], period: dict[str, str]) -> dict[str, Any]:
    """The figure: with a value, or why it has none; by the definition that the catalogue shows."""
    answer = await reader.get(f"/v1/indicators/{indicator['id']}", params=period)
    assert answer.status_code == httpx.codes.OK, answer.text
    figure: dict[str, Any] = answer.json()
    assert figure["definition_version"] == indicator["definition_version"] >= 1
    assert figure["status"] in STATUSES
    assert (figure["value"] is not None) == (figure["status"] in {"computed", "imported", "manual"}), figure
    assert figure["masked"] == (figure["status"] == "masked")
    return figure


async def proved(reader: httpx.AsyncClient, figure: dict[str, Any], period: dict[str, str]) -> set[str]:
    """The ids of the events behind it: as many things as it counts, each with at least one event."""
    parts = ["numerator"] + ["denominator"] * (figure["denominator"] is not None and figure["origin"] == "events")
    found: set[str] = set()
    for part in parts:
        asked = period | {"part": part, "limit": "20"}
        answer = await reader.get(f"/v1/indicators/{figure['id']}/evidence", params=asked)
        assert answer.status_code == httpx.codes.OK, (figure["id"], answer.text)
        evidence = answer.json()
        assert evidence["total"] == (figure[part] if figure["origin"] == "events" else 0)
        assert bool(evidence["items"]) == (evidence["total"] > 0), figure["id"]
        assert all(unit["facts_total"] >= 1 for unit in evidence["items"]), figure["id"]
        found |= {fact["event_id"] for unit in evidence["items"] for fact in unit["facts"]}
    return found


async def told(stack: Stack) -> set[str]:
    """The ids of all events that the services wrote with what they did."""
    return {str(row["id"]) for service in STREAMS for row in await outbox(stack, service, "SELECT id FROM outbox")}
