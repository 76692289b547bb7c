"""What was told to a webhook is told once more when it is asked for, and never what came before it."""

import json
from datetime import timedelta
from typing import Any

from directory_receiver import Receiver, bring
from webhook_stage import NOT_SEEN, deliveries, happen, key, sample, serving


async def test_what_happened_before_is_not_for_it(stage: Any, coordinator: Any, receiver: Receiver) -> None:
    """A stream may be read again from its beginning."""
    await serving(stage, coordinator, receiver)
    assert await happen(stage, sample(NOT_SEEN, later=-timedelta(hours=1))) == 0
    assert await happen(stage, sample(NOT_SEEN)) == 1


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
