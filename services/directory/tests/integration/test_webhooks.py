"""Webhooks: who may be told what, signed, in order, tried again, replayed; a dead endpoint delays nobody else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from directory_post import post, sink
from directory_receiver import Receiver, bring, courier, receiving
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contracts.envelope import Event
from contracts.registry import BY_NAME
from directory.domain.messages import Message, Recipient
from directory.usecases.relay_event import relay_event
from directory.usecases.send_message import send_message
from directory.worker import build
from kit.testing.harness import until
from kit.testing.samples import samples

HERE, ME = "pays-de-redon", "99000000093"
PARTNER = {"kind": "partner", "id": "CHIRC"}
SCOPES = ("webhooks:write", "channels:read", "channels:write", "calls:read", "directory:read", "directory:history")
BOOKED, NOT_SEEN = "fr.cpts.snp-dispatch.booking.confirmed.v1", "fr.cpts.snp-dispatch.call.not_seen.v1"


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Any]:
    async with sink() as server:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "mail_from": "cpts@example.org"}
        settings = await new_settings(templates.sampled, webhooks_local=True, **mail)
        calendar = Calendar()
        async with start(settings, issuer, calendar) as directory:
            directory.calendar, directory.sink = calendar, server
            yield directory


@pytest_asyncio.fixture
async def receiver(stage: Any, coordinator: Any) -> AsyncIterator[Receiver]:
    stage.calendar.at = datetime.now(UTC)  # receivers refuse a timestamp that is far from theirs
    async with receiving() as found:
        yield found
    for it in (await coordinator.get("/v1/webhooks", params={"limit": 200})).json()["items"]:
        await coordinator.post(f"/v1/channels/{it['id']}/end", headers=key())


@pytest_asyncio.fixture
async def coordinator(stage: Any) -> AsyncIterator[Any]:
    async with stage.connect(*SCOPES, "slots:write:any", role="coordinator", sub="coordinator") as http:
        yield http


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def opened(http: Any, receiver: Receiver, **over: Any) -> Any:
    body = {"owner": PARTNER, "address": f"{receiver.url}/{uuid4().hex}", "events": ["snp-dispatch"]} | over
    return await http.post("/v1/webhooks", json=body, headers=key())


async def serving(stage: Any, http: Any, receiver: Receiver, **over: Any) -> dict[str, Any]:
    """A webhook that answered its test."""
    answer = await opened(http, receiver, **over)
    assert answer.status_code == 201, answer.text
    await bring(stage)
    assert [it["type"] for it in receiver.bodies()][-1:] == ["fr.cpts.directory.webhook.test.v1"]
    receiver.taken.clear()
    found: dict[str, Any] = answer.json()
    return found


def sample(name: str, territory: str = HERE, later: timedelta = timedelta(0), **data: Any) -> Event[Any]:
    """The golden sample of an event, as one that has not been seen yet."""
    (body,) = samples(BY_NAME[name].payload)
    time = (datetime.now(UTC) + later).isoformat()
    body = body | {"id": str(uuid4()), "time": time, "territory": territory, "data": body["data"] | data}
    event: Event[Any] = BY_NAME[name].envelope.model_validate(body)
    return event


async def happen(stage: Any, event: Event[Any]) -> int:
    async with stage.runtime.db.work(event.territory) as work:
        return await relay_event(work, stage.runtime.extras["reference"].relayed, event)


async def deliveries(http: Any, webhook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/webhooks/{webhook['id']}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_event_arrives_signed_and_without_what_may_not_leave(
    stage: Any, coordinator: Any, receiver: Receiver
) -> None:
    answer = (await opened(coordinator, receiver)).json()
    assert (answer["state"], answer["hint"]) == ("unconfirmed", "127.0.0.1")
    assert await happen(stage, sample(BOOKED)) == 0, "not before its test succeeded"
    await bring(stage)
    assert (await coordinator.get(f"/v1/webhooks/{answer['id']}")).json()["state"] == "active"
    event = sample(BOOKED, patient_ref="ref-1")
    assert await happen(stage, event) == 1
    assert await happen(stage, event) == 1, "the same event again is queued once"
    await bring(stage)
    (_, (headers, body)) = receiver.taken
    read = Webhook(answer["secret"]).verify(body, headers)
    assert (read["id"], read["type"], headers["webhook-id"]) == (str(event.id), BOOKED, str(event.id))
    assert "patient_ref" not in read["data"]
    assert read["data"]["booking_id"] == str(event.data.booking_id)
    with pytest.raises(WebhookVerificationError):
        Webhook(answer["secret"]).verify(body.replace(b"booking", b"hooking"), headers)
    (told, _) = await deliveries(coordinator, answer)
    (attempt,) = told["attempts"]
    assert (told["state"], attempt["status"], attempt["excerpt"]) == ("delivered", 200, "thank you")


async def test_the_verifier_of_the_documentation_verifies(
    stage: Any, coordinator: Any, receiver: Receiver, pytestconfig: pytest.Config
) -> None:
    page = (pytestconfig.rootpath / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    found: dict[str, Any] = {}
    exec(code, found)
    webhook = await serving(stage, coordinator, receiver)
    await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    ((headers, body),) = receiver.taken
    assert found["verified"](webhook["secret"], headers, body)
    assert not found["verified"](webhook["secret"], headers, body + b" ")
    assert not found["verified"](webhook["secret"], headers | {"webhook-timestamp": "1"}, body)


async def test_who_may_be_told_what(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    """A partner by the scopes of who subscribed it, a professional only of what names them, another territory never."""
    everything = await serving(stage, coordinator, receiver, events=["snp-dispatch", "directory"])
    mine = await serving(
        stage, coordinator, receiver, owner={"kind": "rpps", "id": ME}, events=["snp-dispatch.booking.confirmed"]
    )
    short = await serving(stage, coordinator, receiver, events=["snp-dispatch.call.not_seen"], thin=True)
    for event in (
        sample(BOOKED, effector={"rpps": ME, "finess": None}),
        sample(BOOKED, effector={"rpps": "99000000283", "finess": None}),
        sample(NOT_SEEN),
        sample(BOOKED, territory="haute-saintonge"),
        sample("fr.cpts.snp-dispatch.hold.placed.v1"),
        sample("fr.cpts.pathways.step.overdue.v1"),
    ):
        await happen(stage, event)
    await bring(stage)
    told = {it["id"]: [d["type"] for d in await deliveries(coordinator, it)] for it in (everything, mine, short)}
    assert [len(told[it["id"]]) - 1 for it in (everything, mine, short)] == [3, 1, 1]
    (thin,) = [it for it in receiver.bodies(NOT_SEEN) if "data" not in it]
    assert set(thin) == {"specversion", "id", "source", "type"}


async def test_only_allowed_events_are_subscribed(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    for over in (
        {"events": ["snp-dispatch.hold.placed"]},
        {"events": ["pathways"]},
        {"events": ["directory.professional.updated"]},
        {"events": ["snp-dispatch.call.received"], "owner": {"kind": "rpps", "id": ME}},
        {"events": ["nothing"]},
    ):
        answer = await opened(coordinator, receiver, **over)
        assert (answer.status_code, answer.json()["code"]) == (422, "event_not_allowed")
    names = {it["name"]: it["own"] for it in (await coordinator.get("/v1/webhook-events")).json()}
    assert names["snp-dispatch.booking.confirmed"] is True
    assert names["snp-dispatch.call.received"] is False
    assert "pathways.step.overdue" not in names
    webhook = (await opened(coordinator, receiver)).json()
    async with stage.connect("webhooks:write", role="coordinator") as poor:
        less = await poor.patch(f"/v1/webhooks/{webhook['id']}", json={"events": ["snp-dispatch.call"]})
        assert less.json()["code"] == "event_not_allowed"


async def test_a_partner_has_its_own_webhooks_only(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = (await opened(coordinator, receiver)).json()
    path = f"/v1/webhooks/{webhook['id']}"
    async with stage.connect(*SCOPES, role="ed", organisation="CHIRC") as own:
        assert (await own.get(path)).status_code == 200
        assert [it["id"] for it in (await own.get("/v1/webhooks")).json()["items"]] == [webhook["id"]]
    times = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    async with stage.connect(*SCOPES, role="ed", organisation="OTHER") as other:
        assert (await opened(other, receiver)).json()["code"] == "not_own_channel"
        for answer in (
            await other.get(path),
            await other.patch(path, json={"thin": True}),
            await other.post(f"{path}/test", headers=key()),
            await other.post(f"{path}/rotate-secret", headers=key()),
            await other.post(f"{path}/replay", json=times, headers=key()),
            await other.get(f"{path}/deliveries"),
            await other.get(f"{path}/deliveries/{uuid4()}"),
            await other.post(f"{path}/deliveries/{uuid4()}/replay", headers=key()),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_own_channel")
    async with stage.connect(*SCOPES, role="coordinator", territory="haute-saintonge") as elsewhere:
        assert (await elsewhere.get(path)).json()["code"] == "webhook_unknown"
        assert (await elsewhere.get("/v1/webhooks")).json()["items"] == []


async def test_one_that_fails_twice_first_gets_it_the_third_time(
    stage: Any, coordinator: Any, receiver: Receiver
) -> None:
    webhook = await serving(stage, coordinator, receiver)
    event = sample(NOT_SEEN)
    await happen(stage, event)
    receiver.answers[:] = [503, 400]
    for wait in (10, 400, 0):
        await bring(stage)
        assert await bring(stage) == 0 or wait == 0, "not before its time"
        stage.calendar.at += timedelta(seconds=wait)
    (told, _) = await deliveries(coordinator, webhook)
    assert told["state"] == "delivered"
    assert [it["status"] for it in told["attempts"]] == [503, 400, 200]
    assert {headers["webhook-id"] for headers, _ in receiver.taken} == {str(event.id)}
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.taken}) > 1


async def test_one_that_hangs_delays_nobody_else(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    async with receiving() as slow:
        stuck = await serving(stage, coordinator, slow)
        fine = await serving(stage, coordinator, receiver)
        slow.hangs = True
        for _ in range(5):
            await happen(stage, sample(NOT_SEEN))
        worker, other = courier(stage), courier(stage)
        assert await worker.run(stage.runtime) + await other.run(stage.runtime) == 2
        await until(lambda: _delivered(coordinator, fine, 6), seconds=20)  # its test and five events
        assert len(slow.taken) == 1, "one request at a time"
        slow.hangs = False
        for one in (worker, other):
            for task in one._bringing:
                task.cancel()
        await asyncio.gather(worker.settle(), other.settle(), return_exceptions=True)
    left = (await deliveries(coordinator, stuck, state="queued"))[-1]
    assert [it["outcome"] for it in left["attempts"]] in ([None], ["timeout"]), "begun, and not ended well"


async def test_what_waits_comes_in_order(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    await serving(stage, coordinator, receiver)
    events = [sample(NOT_SEEN) for _ in range(30)]
    for event in events:
        await happen(stage, event)
    await asyncio.gather(*(bring(stage) for _ in range(3)))
    assert [it["id"] for it in receiver.bodies()] == [str(event.id) for event in events]


async def test_a_dead_endpoint_rests_is_disabled_told_and_resumed(
    stage: Any, coordinator: Any, receiver: Receiver
) -> None:
    owner = {"kind": "partner", "id": "CPAM"}
    mail = {"owner": owner, "kind": "email", "address": "webmaster@example.org", "purposes": []}
    channel = (await coordinator.post("/v1/channels", json=mail, headers=key())).json()
    await post(stage)
    link = re.search(r"/v1/channel-confirmations/\S+", stage.sink.mails[-1].get_content())
    assert link
    async with stage.anonymous() as anybody:
        assert (await anybody.post(link[0])).status_code == 200
    webhook = await serving(stage, coordinator, receiver, owner=owner)
    receiver.answers[:] = [500] * 200
    for _ in range(3):
        await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    assert len(receiver.taken) == 1, "an endpoint that is ill is not asked for the next one"
    for _ in range(12):
        stage.calendar.at += timedelta(hours=12)
        await bring(stage)
    shown = (await coordinator.get(f"/v1/webhooks/{webhook['id']}")).json()
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "failing")
    await post(stage)
    assert "suspendues" in stage.sink.mails[-1]["Subject"]
    asked = len(receiver.taken)
    await happen(stage, sample(NOT_SEEN))
    stage.calendar.at += timedelta(hours=1)
    assert await bring(stage) == 0
    assert len(receiver.taken) == asked
    receiver.answers.clear()
    resumed = await coordinator.post(f"/v1/channels/{webhook['id']}/resume", headers=key())
    assert resumed.json()["state"] == "active"
    stage.calendar.at += timedelta(days=1)
    await bring(stage)
    assert {it["state"] for it in await deliveries(coordinator, webhook)} == {"delivered"}
    await coordinator.post(f"/v1/channels/{channel['id']}/end", headers=key())


async def test_what_happened_before_is_not_for_it(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    """A stream may be read again from its beginning."""
    await serving(stage, coordinator, receiver)
    assert await happen(stage, sample(NOT_SEEN, later=-timedelta(hours=1))) == 0
    assert await happen(stage, sample(NOT_SEEN)) == 1


async def test_gone_is_gone_at_once(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = await serving(stage, coordinator, receiver)
    receiver.answers[:] = [410]
    await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    assert (await coordinator.get(f"/v1/webhooks/{webhook['id']}")).json()["disabled_reason"] == "gone"


async def test_a_redirect_is_not_followed(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = await serving(stage, coordinator, receiver)
    receiver.answers[:] = [302]
    await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    (told, _) = await deliveries(coordinator, webhook)
    assert [(it["outcome"], it["status"]) for it in told["attempts"]] == [("status", 302)]


async def test_replay_of_one_and_of_a_time(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = await serving(stage, coordinator, receiver)
    began = stage.calendar.at
    for _ in range(3):
        await happen(stage, sample(NOT_SEEN))
    path = f"/v1/webhooks/{webhook['id']}"
    (first, *_) = await deliveries(coordinator, webhook, state="queued")
    early = await coordinator.post(f"{path}/deliveries/{first['id']}/replay", headers=key())
    assert (early.status_code, early.json()["code"]) == (409, "still_queued")
    await bring(stage)
    one = await coordinator.post(f"{path}/deliveries/{first['id']}/replay", headers=key())
    assert (one.json()["state"], json.loads(one.json()["body"])["id"]) == ("queued", first["webhook_id"])
    await bring(stage)
    assert len(receiver.taken) == 4
    times = {"since": began.isoformat(), "until": (began + timedelta(hours=1)).isoformat()}
    for states, count in ((["failed"], 0), (["delivered"], 3)):
        answer = await coordinator.post(f"{path}/replay", json=times | {"states": states}, headers=key())
        assert answer.json() == {"queued": count}
    await bring(stage)
    assert len(receiver.taken) == 7
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 3
    backwards = await coordinator.post(f"{path}/replay", json=times | {"until": times["since"]}, headers=key())
    assert backwards.status_code == 422


async def test_two_secrets_sign_for_a_while(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    old = await serving(stage, coordinator, receiver)
    new = (await coordinator.post(f"/v1/webhooks/{old['id']}/rotate-secret", headers=key())).json()
    assert new["secret"] != old["secret"]
    await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    ((headers, body),) = receiver.taken
    for secret in (old["secret"], new["secret"]):
        Webhook(secret).verify(body, headers)
    receiver.taken.clear()
    stage.calendar.at += timedelta(hours=25)
    await happen(stage, sample(NOT_SEEN))
    await bring(stage)
    ((headers, body),) = receiver.taken
    assert " " not in headers["webhook-signature"]
    shown = (await coordinator.get(f"/v1/webhooks/{old['id']}")).json()
    assert "secret" not in shown


async def test_the_test_button_and_an_end(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = await serving(stage, coordinator, receiver)
    path = f"/v1/webhooks/{webhook['id']}"
    receiver.answers[:] = [500]
    asked = await coordinator.post(f"{path}/test", headers=key())
    assert asked.status_code == 202
    await bring(stage)
    shown = (await coordinator.get(f"{path}/deliveries/{asked.json()['id']}")).json()
    assert (shown["state"], [it["status"] for it in shown["attempts"]]) == ("failed", [500])
    await coordinator.post(f"/v1/channels/{webhook['id']}/end", headers=key())
    for call in ("test", "rotate-secret"):
        late = await coordinator.post(f"{path}/{call}", headers=key())
        assert (late.status_code, late.json()["code"]) == (409, "channel_ended")
    assert (await coordinator.get(f"{path}/deliveries/{uuid4()}")).json()["code"] == "delivery_unknown"


async def test_a_message_goes_to_a_webhook_too(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    await serving(stage, coordinator, receiver, purposes=["publications"], events=[])
    message = Message("published_list", "publications", "Liste n° 2", "Texte", link="https://example.org/2")
    async with stage.runtime.db.work(HERE) as work:
        sent: UUID = await send_message(work, stage.runtime.keyring, Recipient("partner", "CHIRC"), message, by="test")
    await bring(stage)
    (told,) = receiver.bodies("message.v1")
    assert (told["id"], told["data"]["subject"], told["data"]["link"]) == (
        str(sent),
        "Liste n° 2",
        "https://example.org/2",
    )


async def test_secrets_and_addresses_are_sealed(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    webhook = await serving(stage, coordinator, receiver)
    async with stage.runtime.system.work(HERE) as work:
        for table in ("channel", "webhook", "lane", "delivery", "change"):
            stored = " ".join(row["it"] for row in await work.fetch(f"SELECT t::text AS it FROM {table} t"))
            assert "very-private" not in stored
            assert webhook["secret"] not in stored
    told = (await coordinator.get("/v1/history", params={"entity": "webhook", "key": webhook["id"]})).json()["items"]
    assert told
    assert not {"secret", "old_secret"} & set(told[0]["after"])


async def test_private_addresses_are_refused_outside_of_tests(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    stage.runtime.settings.webhooks_local = False
    try:
        refused = await opened(coordinator, receiver)
        assert refused.json()["code"] == "address_refused"
        answer = await opened(coordinator, receiver, address="https://localhost/hooks")
        await bring(stage)
        (told,) = await deliveries(coordinator, answer.json())
        assert [it["outcome"] for it in told["attempts"]] == ["address_refused"]
        assert receiver.taken == []
    finally:
        stage.runtime.settings.webhooks_local = True


async def test_events_come_from_the_bus(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    """The directory's own worker: told by a request, consumed from the stream, brought."""
    await serving(stage, coordinator, receiver, events=["directory.participation"])
    stage.runtime.settings.smtp_host = None
    async with build(stage.runtime.settings).started():
        path = f"/v1/professionals/{ME}/participation"
        assert (await stage.http.put(path, json={"participates": True})).status_code == 200
        await until(lambda: _taken(receiver, 1), seconds=15)
    stage.runtime.settings.smtp_host = "127.0.0.1"
    (told,) = receiver.bodies()
    assert (told["type"], told["data"]) == (
        "fr.cpts.directory.participation.changed.v1",
        {"rpps": ME, "participates": True},
    )


async def _delivered(http: Any, webhook: dict[str, Any], count: int) -> bool:
    return len(await deliveries(http, webhook, state="delivered")) >= count


async def _taken(receiver: Receiver, count: int) -> bool:
    return len(receiver.taken) >= count
