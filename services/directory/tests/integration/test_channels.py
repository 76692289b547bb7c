"""How somebody wants to be told: who may say so, an address that is confirmed by its owner, sealed."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from directory_post import Sink, post, sink

from contracts.envelope import NATIONAL
from directory.domain.channels import email
from directory.domain.messages import Message, Recipient
from directory.usecases.send_message import send_message

HERE, ME, OTHER = "pays-de-redon", "99000000093", "99000000283"
SCOPES = ("channels:read", "channels:write", "messages:read", "messages:write", "directory:history")
LINK = re.compile(r"http://127\.0\.0\.1:8000(/v1/channel-confirmations/[a-z-]+~[A-Za-z0-9_-]{43})")


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Any]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        calendar = Calendar()
        async with start(await new_settings(templates.sampled, **mail), issuer, calendar) as directory:
            directory.calendar, directory.sink = calendar, server
            yield directory


@pytest.fixture
def box(stage: Any) -> Sink:
    found: Sink = stage.sink
    found.mails.clear()
    return found


@pytest_asyncio.fixture
async def me(stage: Any) -> AsyncIterator[Any]:
    async with stage.connect(*SCOPES[:2], role="practitioner", rpps=ME, sub="me") as http:
        yield http


@pytest_asyncio.fixture
async def coordinator(stage: Any) -> AsyncIterator[Any]:
    async with stage.connect(*SCOPES, role="coordinator", sub="coordinator") as http:
        yield http


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def opened(http: Any, rpps: str = ME, **over: Any) -> Any:
    body = {
        "owner": {"kind": "rpps", "id": rpps},
        "kind": "email",
        "address": f"{uuid4().hex}@example.org",
        "purposes": ["campaigns"],
    } | over
    return await http.post("/v1/channels", json=body, headers=key())


async def confirmed(stage: Any, http: Any, box: Sink, **over: Any) -> dict[str, Any]:
    """A channel whose owner pressed the button of the page."""
    answer = await opened(http, **over)
    assert answer.status_code == 201, answer.text
    path = await link(stage, box)
    async with stage.anonymous() as anybody:
        assert (await anybody.post(path)).status_code == 200
    found: dict[str, Any] = (await http.get(f"/v1/channels/{answer.json()['id']}")).json()
    return found


async def link(stage: Any, box: Sink) -> str:
    await post(stage)
    found = LINK.search(box.mails[-1].get_content())
    assert found
    return found[1]


async def tell(stage: Any, purpose: Any = "campaigns") -> Any:
    async with stage.runtime.db.work(HERE) as work:
        message = Message("question", purpose, "Une question", "Bonjour")
        return await send_message(work, stage.runtime.keyring, Recipient("rpps", ME), message, by="test")


async def test_an_address_serves_once_its_owner_pressed_the_button(stage: Any, me: Any, box: Sink) -> None:
    answer = await opened(me, address="Cabinet.Me@Example.org")
    assert answer.status_code == 201, answer.text
    channel = answer.json()
    assert (channel["state"], channel["hint"]) == ("unconfirmed", "C***@example.org")
    path = await link(stage, box)
    assert box.mails[-1]["To"] == "Cabinet.Me@example.org"
    await tell(stage)
    assert await post(stage) == 0, "not confirmed yet"
    async with stage.anonymous() as anybody:
        page = await anybody.get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<form" in page.text
        assert (await me.get(f"/v1/channels/{channel['id']}")).json()["state"] == "unconfirmed", (
            "opening is not pressing"
        )
        for _ in range(2):
            assert (await anybody.post(path)).status_code == 200
    assert (await me.get(f"/v1/channels/{channel['id']}")).json()["state"] == "active"
    await tell(stage)
    await post(stage)
    assert [it["Subject"] for it in box.mails][1:] == ["Une question"]
    await me.post(f"/v1/channels/{channel['id']}/end", headers=key())


async def test_a_link_expires_and_another_one_replaces_it(stage: Any, me: Any, box: Sink) -> None:
    channel = (await opened(me)).json()
    first = await link(stage, box)
    stage.calendar.at += timedelta(hours=73)
    async with stage.anonymous() as anybody:
        for call in (anybody.get, anybody.post):
            late = await call(first)
            assert (late.status_code, late.json()["code"]) == (410, "confirmation_expired")
        again = await me.post(f"/v1/channels/{channel['id']}/confirmation", headers=key())
        assert again.status_code == 200, again.text
        second = await link(stage, box)
        altered = second[:-1] + ("A" if second[-1] != "A" else "B")
        elsewhere = second.replace(HERE, "haute-saintonge")
        for wrong in (first, altered, elsewhere):
            answer = await anybody.post(wrong)
            assert (answer.status_code, answer.json()["code"]) == (404, "confirmation_unknown")
        assert (await anybody.post(second)).status_code == 200
    twice = await me.post(f"/v1/channels/{channel['id']}/confirmation", headers=key())
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_confirm")


async def test_only_what_a_channel_is_for_goes_there(stage: Any, me: Any, box: Sink) -> None:
    channel = await confirmed(stage, me, box, purposes=["alerts"])
    path = f"/v1/channels/{channel['id']}"
    box.mails.clear()
    await tell(stage, "newsletter")
    await post(stage)
    assert box.mails == []
    stale = await me.patch(path, json={"paused": True}, headers={"If-Match": f'"{channel["version"] - 1}"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    read = {"If-Match": stale.headers["ETag"]}
    changed = await me.patch(path, json={"purposes": ["newsletter"], "paused": True}, headers=read)
    assert (changed.json()["state"], changed.json()["purposes"]) == ("paused", ["newsletter"])
    await tell(stage, "newsletter")
    assert await post(stage) == 0, "it waits while paused"
    await me.patch(path, json={"paused": False})
    await post(stage)
    assert len(box.mails) == 1
    await me.patch(path, json={"paused": True})
    await tell(stage, "newsletter")
    assert (await me.post(f"{path}/end", headers=key())).json()["state"] == "ended"
    assert await post(stage) == 0
    late = await me.patch(path, json={"paused": False})
    assert (late.status_code, late.json()["code"]) == (409, "channel_ended")


async def test_a_practitioner_has_their_own_channels_only(stage: Any, me: Any, coordinator: Any) -> None:
    theirs = (await opened(coordinator, OTHER)).json()
    for answer in (
        await opened(me, OTHER),
        await me.get(f"/v1/channels/{theirs['id']}"),
        await me.patch(f"/v1/channels/{theirs['id']}", json={"paused": True}),
        await me.post(f"/v1/channels/{theirs['id']}/end", headers=key()),
        await me.post(f"/v1/channels/{theirs['id']}/resume", headers=key()),
        await me.post(f"/v1/channels/{theirs['id']}/confirmation", headers=key()),
        await me.get("/v1/channels", params={"owner_kind": "rpps", "owner": OTHER}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_own_channel")
    owners = {it["owner"]["id"] for it in (await me.get("/v1/channels", params={"ended": True})).json()["items"]}
    assert owners <= {ME}
    found = await coordinator.get("/v1/channels", params={"owner_kind": "rpps", "owner": OTHER})
    assert [it["id"] for it in found.json()["items"]] == [theirs["id"]]


async def test_a_partner_is_known_by_its_token(stage: Any, me: Any) -> None:
    mine = {"kind": "partner", "id": "CHIRC"}
    async with stage.connect(*SCOPES[:2], role="ed", organisation="CHIRC") as ed:
        body = {"owner": mine, "kind": "icalendar", "address": "https://agenda.example.org/x.ics"}
        answer = await ed.post("/v1/channels", json=body, headers=key())
        assert (answer.status_code, answer.json()["hint"]) == (201, "agenda.example.org")
        other = await ed.post("/v1/channels", json=body | {"owner": {"kind": "partner", "id": "CPAM"}}, headers=key())
        assert other.status_code == 403


async def test_another_territory_and_a_token_without_scope_see_nothing(stage: Any, coordinator: Any) -> None:
    channel = (await opened(coordinator)).json()
    async with stage.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as elsewhere:
        assert (await elsewhere.get("/v1/channels")).json()["items"] == []
        assert (await elsewhere.get(f"/v1/channels/{channel['id']}")).status_code == 404
        assert (await elsewhere.get("/v1/messages")).json()["items"] == []
    async with stage.connect("directory:read", role="coordinator") as poor:
        for path in ("/v1/channels", f"/v1/channels/{channel['id']}", "/v1/messages", "/v1/messages/queues"):
            assert (await poor.get(path)).status_code == 403
        assert (await opened(poor)).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "x",
        "a@b",
        "a b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "é@example.org",
        "a@@example.org",
        ".a@example.org",
    ],
)
async def test_what_is_no_address_is_refused(me: Any, address: str) -> None:
    answer = await opened(me, address=address)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "address"


@pytest.mark.parametrize("address", ["http://example.org/a.ics", "https://u:p@example.org/a.ics", "ftp://example.org"])
async def test_a_link_is_https_without_password(me: Any, address: str) -> None:
    assert (await opened(me, kind="icalendar", address=address)).json()["code"] == "address_refused"


async def test_unknown_owners_and_purposes_are_refused(coordinator: Any) -> None:
    assert (await opened(coordinator, "99000009999")).json()["code"] == "professional_unknown"
    nobody = await opened(coordinator, owner={"kind": "finess", "id": "999999999"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "structure_unknown")
    assert (await opened(coordinator, "12")).status_code == 422
    assert (await opened(coordinator, purposes=["patients"])).status_code == 422
    half = await coordinator.get("/v1/channels", params={"owner": ME})
    assert (half.status_code, half.json()["code"]) == (422, "owner_incomplete")


async def test_ten_equal_requests_at_once_open_one_channel(me: Any) -> None:
    address = f"{uuid4().hex}@example.org"
    answers = await asyncio.gather(*(opened(me, address=address) for _ in range(10)))
    assert sorted(it.status_code for it in answers) == [201] + [409] * 9


async def test_the_address_is_nowhere_in_the_open(stage: Any, coordinator: Any) -> None:
    address = "very-private-name@example.org"
    channel = (await opened(coordinator, address=address)).json()
    told = (await coordinator.get("/v1/history", params={"entity": "channel", "key": channel["id"]})).text
    assert channel["id"] in told
    async with stage.runtime.system.work(NATIONAL) as work:
        stored = " ".join(row["it"] for row in await work.fetch("SELECT c::text AS it FROM channel c"))
        outbox = await work.fetchval("SELECT coalesce(string_agg(body, ''), '') FROM outbox")
    for text in (str(channel), told, stored, outbox):
        assert "very-private" not in text
        assert address.encode().hex() not in text


async def test_channels_are_asked_for_as_they_were(stage: Any, coordinator: Any) -> None:
    before = stage.calendar.at.isoformat()
    stage.calendar.at += timedelta(minutes=1)
    channel = (await opened(coordinator)).json()
    stage.calendar.at += timedelta(minutes=1)
    for at, there in ((before, False), (stage.calendar.at.isoformat(), True)):
        found = (await coordinator.get("/v1/channels", params={"at": at, "limit": 200})).json()["items"]
        assert (channel["id"] in [it["id"] for it in found]) is there


async def test_messages_show_who_could_not_be_told_and_what_was_given_up(
    stage: Any, coordinator: Any, box: Sink
) -> None:
    sent = await tell(stage, "association")
    page = (
        await coordinator.get("/v1/messages", params={"state": "unreachable", "owner_kind": "rpps", "owner": ME})
    ).json()
    assert str(sent) in [it["id"] for it in page["items"]]
    await confirmed(stage, coordinator, box, purposes=["association"])
    sent = await tell(stage, "association")
    box.answers[:] = ["550 no"]
    await post(stage)
    (lost,) = (await coordinator.get("/v1/messages", params={"state": "failed"})).json()["items"]
    assert (lost["id"], lost["attempts"], lost["recipient"]["id"]) == (str(sent), 1, ME)
    queues = (await coordinator.get("/v1/messages/queues")).json()
    assert queues["email_held"] is None
    assert [(it["channel"], it["state"], it["count"]) for it in queues["queues"]] == [("email", "failed", 1)]
    again = await coordinator.post(f"/v1/messages/{sent}/resend", headers=key())
    assert again.json()["state"] == "queued"
    await post(stage)
    assert box.mails[-1]["Subject"] == "Une question"
    twice = await coordinator.post(f"/v1/messages/{sent}/resend", headers=key())
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_resend")
    unknown = await coordinator.post(f"/v1/messages/{uuid4()}/resend", headers=key())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "message_unknown")


async def test_why_nothing_leaves_is_said(stage: Any, coordinator: Any) -> None:
    stage.runtime.settings.smtp_host = None
    held = (await coordinator.get("/v1/messages/queues")).json()["email_held"]
    stage.runtime.settings.smtp_host = "127.0.0.1"
    assert "SMTP" in held


def test_the_domain_of_an_address_is_in_lower_case() -> None:
    assert email(" A.b+c@Example.ORG ") == "A.b+c@example.org"
