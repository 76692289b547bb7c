"""Who may be told what by webhook, and where to."""

from typing import Any
from uuid import UUID, uuid4

from directory_receiver import Receiver, bring
from webhook_stage import BOOKED, HERE, ME, NOT_SEEN, SCOPES, deliveries, happen, key, opened, sample, serving

from directory.domain.messages import Message, Recipient
from directory.usecases.send_message import send_message
from directory.worker import build
from kit.testing.harness import until


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


async def _taken(receiver: Receiver, count: int) -> bool:
    return len(receiver.taken) >= count
