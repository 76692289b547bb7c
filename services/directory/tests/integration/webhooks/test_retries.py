"""A webhook that fails is tried again, rests, is disabled and resumed."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from directory_post import post
from directory_receiver import Receiver, bring
from webhook_stage import NOT_SEEN, deliveries, happen, key, sample, serving


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
