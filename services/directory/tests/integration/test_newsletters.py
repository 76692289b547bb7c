"""Newsletters to who wants them, and the register of technical problems with its answers."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from directory_post import post, sink

from directory.domain.newsletter import page_of

ME, OTHER = "99000000093", "99000000283"
SCOPES = ("channels:read", "channels:write", "messages:read", "messages:write", "issues:write", "directory:history")
PROBLEM = {"title": "Rien ne s'affiche", "description": "La page des créneaux reste blanche", "severity": "blocking"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Any]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        async with start(await new_settings(templates.sampled, **mail), issuer) as directory:
            directory.sink = server
            yield directory


@pytest_asyncio.fixture
async def coordinator(stage: Any) -> AsyncIterator[Any]:
    stage.sink.mails.clear()
    async with stage.connect(*SCOPES, role="coordinator", sub="coordinator") as http:
        yield http


@pytest_asyncio.fixture
async def me(stage: Any) -> AsyncIterator[Any]:
    async with stage.connect(*SCOPES, role="practitioner", rpps=ME, sub="me") as http:
        yield http


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def subscribed(stage: Any, http: Any, address: str, rpps: str = ME, purpose: str = "newsletter") -> str:
    body = {"owner": {"kind": "rpps", "id": rpps}, "kind": "email", "address": address, "purposes": [purpose]}
    channel = (await http.post("/v1/channels", json=body, headers=key())).json()
    await post(stage)
    link = re.search(r"/v1/channel-confirmations/\S+", stage.sink.mails.pop().get_content())
    assert link
    async with stage.anonymous() as anybody:
        await anybody.post(link[0])
    return str(channel["id"])


async def report(http: Any, **over: Any) -> Any:
    return await http.post("/v1/technical-issues", json=PROBLEM | over, headers=key())


async def test_a_newsletter_goes_to_who_wants_it_and_to_the_list(stage: Any, coordinator: Any) -> None:
    letter = {"subject": "Lettre", "text": "# Bonjour\n\n**Réunion** le 3.\n\n<script>x</script>"}
    empty = await coordinator.post("/v1/newsletters", json=letter, headers=key())
    assert (empty.status_code, empty.json()["code"]) == (409, "nobody_to_tell")
    mine = await subscribed(stage, coordinator, "me@example.org")
    alerts = await subscribed(stage, coordinator, "other@example.org", OTHER, "alerts")
    addresses = ["liste@example.org", "liste@EXAMPLE.org", "cpam@example.org"]
    once, body = key(), letter | {"addresses": addresses}
    answers = [await coordinator.post("/v1/newsletters", json=body, headers=once) for _ in range(2)]
    assert [it.status_code for it in answers] == [201, 201]
    sent = answers[0].json()
    assert (sent["recipients"], sent["delivered"]) == (3, 0)
    await post(stage)
    assert sorted(it["To"] for it in stage.sink.mails) == ["cpam@example.org", "liste@example.org", "me@example.org"]
    html = stage.sink.mails[0].get_body(("html",)).get_content()
    assert "<strong>Réunion</strong>" in html
    assert "<script>" not in html
    assert (await coordinator.get(f"/v1/newsletters/{sent['id']}")).json()["delivered"] == 3
    recipients = (await coordinator.get("/v1/messages", params={"batch": sent["id"]})).json()["items"]
    assert {it["recipient"]["id"] for it in recipients} == {ME, "l***@example.org", "c***@example.org"}
    assert [it["id"] for it in (await coordinator.get("/v1/newsletters")).json()["items"]] == [sent["id"]]
    for channel in (mine, alerts):
        await coordinator.post(f"/v1/channels/{channel}/end", headers=key())


async def test_a_wrong_address_sends_nothing(stage: Any, coordinator: Any) -> None:
    letter = {"subject": "x", "text": "x", "addresses": ["a@example.org", "nobody"]}
    answer = await coordinator.post("/v1/newsletters", json=letter, headers=key())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "addresses.1"
    secure = letter | {"addresses": ["someone@cabinet.mssante.fr"]}
    answer = await coordinator.post("/v1/newsletters", json=secure, headers=key())
    assert [(it["field"], it["code"]) for it in answer.json()["errors"]] == [("addresses.0", "secure_mailbox_refused")]
    mailbox = {"kind": "email", "address": "someone@MSSANTE.fr", "purposes": ["newsletter"]}
    answer = await coordinator.post("/v1/channels", json=mailbox | {"owner": {"kind": "rpps", "id": ME}}, headers=key())
    assert answer.json()["errors"][0]["code"] == "secure_mailbox_refused"
    assert await post(stage) == 0
    missing = await coordinator.get(f"/v1/newsletters/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "newsletter_unknown")


def link_of(mail: Any) -> str:
    """The path of the header that mail programs show as a button; the text and the page say the same."""
    address = str(mail["List-Unsubscribe"]).strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in mail.get_body(("plain",)).get_content().replace("\n", "")
    assert f'href="{address}"' in mail.get_body(("html",)).get_content()
    found = re.fullmatch(r"http://127\.0\.0\.1:8000(/v1/unsubscriptions/pays-de-redon~[A-Za-z0-9_-]{43})", address)
    assert found is not None
    return found[1]


async def test_one_click_and_no_more_letters(stage: Any, coordinator: Any) -> None:
    """Of the one who clicked, by what a mail program posts; opening the page alone ends nothing."""
    mine = await subscribed(stage, coordinator, "me@example.org")
    letter = {"subject": "Lettre", "text": "Bonjour", "addresses": ["Liste@example.org", "cpam@example.org"]}
    await coordinator.post("/v1/newsletters", json=letter, headers=key())
    await post(stage)
    links = {mail["To"]: link_of(mail) for mail in stage.sink.mails}
    assert len(set(links.values())) == 3
    form = {"List-Unsubscribe": "One-Click"}
    async with stage.anonymous() as anybody:
        shown = await anybody.get(links["me@example.org"])
        assert (shown.status_code, shown.headers["referrer-policy"]) == (200, "no-referrer")
        assert "<form" in shown.text
        for address in ("me@example.org", "Liste@example.org", "Liste@example.org"):
            assert (await anybody.post(links[address], data=form)).status_code == 200
        bent = links["cpam@example.org"][:-1] + ("A" if links["cpam@example.org"][-1] != "A" else "B")
        elsewhere = links["cpam@example.org"].replace("pays-de-redon", "haute-saintonge")
        for wrong in (bent, elsewhere):
            for refused in (await anybody.get(wrong), await anybody.post(wrong, data=form)):
                assert (refused.status_code, refused.json()["code"]) == (404, "link_unknown")
    stage.sink.mails.clear()
    again = letter | {"addresses": ["liste@example.org", "cpam@example.org"]}
    sent = (await coordinator.post("/v1/newsletters", json=again, headers=key())).json()
    await post(stage)
    assert (sent["recipients"], [mail["To"] for mail in stage.sink.mails]) == (1, ["cpam@example.org"])
    channel = (await coordinator.get(f"/v1/channels/{mine}")).json()
    assert (channel["purposes"], channel["state"]) == ([], "active")
    changes = (await coordinator.get("/v1/history", params={"entity": "unsubscription"})).json()["items"]
    assert [(it["changed_by"], "address" in it["after"]) for it in changes] == [("unsubscribe-link", False)]
    await coordinator.post(f"/v1/channels/{mine}/end", headers=key())


async def test_a_problem_is_reported_answered_and_its_reporter_told(stage: Any, coordinator: Any, me: Any) -> None:
    channel = await subscribed(stage, coordinator, "me@example.org", purpose="issues")
    issue = (await report(me)).json()
    assert (issue["state"], issue["reporter"]) == ("open", {"kind": "rpps", "id": ME})
    path = f"/v1/technical-issues/{issue['id']}"
    told = {"text": "Corrigé ce matin", "state": "closed"}
    answer = await coordinator.post(f"{path}/answers", json=told, headers=key())
    assert (answer.status_code, answer.json()["state"]) == (201, "closed")
    await post(stage)
    (mail,) = stage.sink.mails
    assert f"n° {issue['number']}" in mail["Subject"]
    assert "Corrigé" not in mail.get_content(), "the answer is read where one is logged in"
    assert "blanche" not in mail.get_content()
    again = await me.post(f"{path}/answers", json={"text": "Toujours blanche"}, headers=key())
    assert again.json()["state"] == "open"
    assert [(it["by_reporter"], it["state"]) for it in again.json()["answers"]] == [(False, "closed"), (True, "open")]
    assert await post(stage) == 0, "nobody is told of their own words"
    refused = await me.post(f"{path}/answers", json=told, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_state")
    await coordinator.post(f"/v1/channels/{channel}/end", headers=key())


async def test_one_sees_what_one_reported(stage: Any, coordinator: Any, me: Any) -> None:
    mine = (await report(me, title="Le mien")).json()
    async with stage.connect(*SCOPES, role="practitioner", rpps=OTHER) as other:
        for answer in (
            await other.get(f"/v1/technical-issues/{mine['id']}"),
            await other.post(f"/v1/technical-issues/{mine['id']}/answers", json={"text": "x"}, headers=key()),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_own_issue")
        assert (await other.get("/v1/technical-issues")).json()["items"] == []
    assert mine["id"] in [it["id"] for it in (await me.get("/v1/technical-issues")).json()["items"]]
    found = (await coordinator.get("/v1/technical-issues", params={"state": "open", "severity": "blocking"})).json()
    assert mine["id"] in [it["id"] for it in found["items"]]
    async with stage.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as elsewhere:
        assert (await elsewhere.get(f"/v1/technical-issues/{mine['id']}")).json()["code"] == "issue_unknown"
        assert (await elsewhere.get("/v1/technical-issues")).json()["items"] == []
        assert (await elsewhere.get("/v1/newsletters")).json()["items"] == []
    before = await coordinator.get("/v1/technical-issues", params={"at": "2020-01-01"})
    assert before.json()["items"] == []


async def test_twenty_reports_at_once_have_twenty_numbers(coordinator: Any, me: Any) -> None:
    answers = await asyncio.gather(*(report(me) for _ in range(20)))
    numbers = sorted(it.json()["number"] for it in answers)
    assert numbers == list(range(numbers[0], numbers[0] + 20))
    pages, cursor = 0, None
    while True:
        params = {"limit": 8} | ({"cursor": cursor} if cursor else {})
        page = (await coordinator.get("/v1/technical-issues", params=params)).json()
        pages += 1
        if not (cursor := page["next"]):
            break
    assert pages >= 3


@pytest.mark.parametrize("over", [{"title": " "}, {"severity": "x"}, {"description": "x" * 5001}, {"state": "closed"}])
async def test_what_is_no_report_is_refused(me: Any, over: dict[str, Any]) -> None:
    assert (await report(me, **over)).status_code == 422


@pytest.mark.parametrize(
    "text", ["[x](javascript:alert(1))", "<img src=x onerror=alert(1)>", '<https://x.org"onclick=1>']
)
def test_nothing_runs_in_a_newsletter(text: str) -> None:
    page = page_of(text, "https://example.org/1")
    assert not re.search(r"<(img|script)|href=\"javascript|\sonclick=", page)
