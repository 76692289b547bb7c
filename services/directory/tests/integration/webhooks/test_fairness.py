"""Webhooks come in order, and an endpoint that hangs delays nobody else."""

import asyncio
from typing import Any

from directory_receiver import Receiver, bring, courier, receiving
from webhook_stage import NOT_SEEN, deliveries, happen, sample, serving

from kit.testing.harness import until


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


async def _delivered(http: Any, webhook: dict[str, Any], count: int) -> bool:
    return len(await deliveries(http, webhook, state="delivered")) >= count
