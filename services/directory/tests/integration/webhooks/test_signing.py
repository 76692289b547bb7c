"""Webhooks are signed: who receives one can tell that it is from us, and nobody reads our secrets."""

import re
from datetime import timedelta
from typing import Any

import pytest
from directory_receiver import Receiver, bring
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from webhook_stage import BOOKED, HERE, NOT_SEEN, deliveries, happen, key, opened, sample, serving


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
