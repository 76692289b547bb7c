"""Communications about crises: to lists and to those who want alerts, each once, recorded, told without the text."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from directory_post import post, sink
from freshness_stage import SCOPES, Calendar, Quarter

from contracts.envelope import NATIONAL

CRISIS = (*SCOPES, "crisis:read", "crisis:write")
DOCTOR, NURSE = "99000000093", "99000002388"
NOBODY = "019ab000-0000-7000-8000-000000000001"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(start: Any, new_settings: Any, templates: Any, issuer: Any) -> AsyncIterator[Quarter]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        calendar = Calendar()
        calendar.at = datetime(2026, 11, 30, 8, tzinfo=UTC)
        async with (
            start(await new_settings(templates.sampled, **mail), issuer, calendar) as directory,
            directory.connect(*CRISIS, role="coordinator", sub="coordinator") as http,
        ):
            yield Quarter(directory, calendar, server, http)


async def a_list(desk: Quarter, name: str, *owners: tuple[str, str, str]) -> str:
    made = await desk.post("/diffusion-lists", {"name": name}, status=201)
    for kind, owner_kind, owner in owners:
        body = {"kind": kind, "name": "Quelqu'un", "owner_kind": owner_kind, "owner": owner}
        await desk.post(f"/diffusion-lists/{made['id']}/recipients", body, status=201)
    return str(made["id"])


async def told(desk: Quarter, subject: str) -> dict[str, Any]:
    async with desk.directory.runtime.system.work(NATIONAL) as work:
        bodies = [json.loads(row["body"]) for row in await work.fetch("SELECT body FROM outbox")]
    (found,) = [it for it in bodies if it["subject"] == subject]
    data: dict[str, Any] = found["data"]
    return data


async def test_it_reaches_lists_and_who_wants_alerts_once_each(desk: Quarter) -> None:
    address = await desk.channel(DOCTOR, "alerts")
    one = await a_list(desk, "Professionnels", ("professional", "rpps", DOCTOR), ("professional", "rpps", NURSE))
    two = await a_list(desk, "Caisses", ("cpam", "email", "caisse@example.org"), ("professional", "rpps", DOCTOR))
    body = {"subject": "Canicule", "text": "Consignes **aux cabinets**", "lists": [one, two], "alerted": True}
    sent = await desk.post("/crisis-communications", body, status=201)
    assert (sent["recipients"], sent["professionals"], sent["delivered"]) == (3, 2, 0)
    while await post(desk.directory):
        pass
    assert sorted(mail["To"] for mail in desk.box.mails) == sorted([address, "caisse@example.org"])
    found = await desk.get(f"/crisis-communications/{sent['id']}")
    assert found["delivered"] == 2
    messages = (await desk.get("/messages", batch=sent["id"]))["items"]
    assert sorted(it["state"] for it in messages) == ["delivered", "delivered", "unreachable"]
    event = await told(desk, sent["id"])
    assert (event["recipient_count"], event["professional_count"], event["to_professionals"]) == (3, 2, True)
    assert "Canicule" not in json.dumps(event)
    assert sent["id"] in [it["id"] for it in (await desk.get("/crisis-communications"))["items"]]


async def test_one_to_the_funds_alone_is_not_to_professionals(desk: Quarter) -> None:
    funds = await a_list(desk, "CPAM", ("cpam", "email", "cpam@example.org"))
    sent = await desk.post("/crisis-communications", {"subject": "x", "text": "y", "lists": [funds]}, status=201)
    assert (await told(desk, sent["id"]))["to_professionals"] is False


async def test_it_is_of_the_plan_that_it_names(desk: Quarter) -> None:
    step = {"action": "Prévenir", "role": "Coordinatrice"}
    plan = {"type": "epi-clim", "title": "Canicule", "responsible": "Référent", "steps": [step]}
    made = await desk.post("/crisis-plans", plan, status=201)
    await desk.post(f"/crisis-plans/{made['id']}/adopt", {})
    crisis = await desk.post(f"/crisis-plans/{made['id']}/activations", {"reason": "Vigilance rouge"}, status=201)
    funds = await a_list(desk, "MSA", ("msa", "email", "msa@example.org"))
    body = {"subject": "x", "text": "y", "lists": [funds], "activation_id": crisis["id"]}
    sent = await desk.post("/crisis-communications", body, status=201)
    event = await told(desk, sent["id"])
    assert (event["plan_type"], event["activation_id"]) == ("epi-clim", crisis["id"])
    listed = await desk.get("/crisis-communications", activation_id=crisis["id"])
    assert [it["id"] for it in listed["items"]] == [sent["id"]]


async def test_what_cannot_be_sent_is_refused(desk: Quarter) -> None:
    empty = await a_list(desk, "Personne")
    for change, status, code in (
        ({"lists": [empty]}, 409, "nobody_to_tell"),
        ({"lists": [NOBODY]}, 422, "diffusion_list_unknown"),
        ({"plan_id": NOBODY}, 404, "plan_unknown"),
        ({"activation_id": NOBODY}, 404, "activation_unknown"),
    ):
        refused = await desk.post("/crisis-communications", {"subject": "x", "text": "y", **change}, status=status)
        assert refused["code"] == code
    claims = {"role": "coordinator", "sub": "elsewhere", "territory": "haute-saintonge"}
    async with desk.directory.connect(*CRISIS, **claims) as http:
        assert (await http.get("/v1/crisis-communications")).json()["items"] == []
