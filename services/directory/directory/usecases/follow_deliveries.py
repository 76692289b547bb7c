"""What was delivered to a webhook, and delivering it again."""

from datetime import datetime
from uuid import UUID

from directory.store import channels, deliveries, webhooks
from directory.usecases.open_webhook import queue_test, show_webhook, standing_webhook
from kit.auth import Caller
from kit.problems import Problem, or_404
from kit.work import Record, Work

MOST = 10_000
"""Events of one replay."""


async def list_deliveries(
    work: Work,
    caller: Caller,
    channel_id: UUID,
    *,
    state: str | None,
    kind: str | None,
    before: int | None,
    limit: int,
) -> tuple[list[Record], dict[UUID, list[Record]]]:
    """Deliveries, the latest first, and the attempts of each. Raises Problem 403, 404."""
    await show_webhook(work, caller, channel_id)
    found = await webhooks.deliveries(work, channel_id, state=state, kind=kind, before=before, limit=limit)
    return found, await _attempts(work, found)


async def show_delivery(work: Work, caller: Caller, channel_id: UUID, delivery_id: UUID) -> tuple[Record, list[Record]]:
    """One delivery with its body, and its attempts. Raises Problem 403, 404."""
    await show_webhook(work, caller, channel_id)
    found = or_404(
        await webhooks.delivery(work, channel_id, delivery_id), "delivery_unknown", "No such delivery of this webhook"
    )
    return found, (await _attempts(work, [found])).get(delivery_id, [])


async def try_webhook(work: Work, caller: Caller, channel_id: UUID) -> tuple[Record, list[Record]]:
    """A signed test goes there now. Raises Problem 403, 404, 409."""
    await standing_webhook(work, caller, channel_id)
    return await show_delivery(work, caller, channel_id, await queue_test(work, channel_id))


async def replay_delivery(
    work: Work, caller: Caller, channel_id: UUID, delivery_id: UUID
) -> tuple[Record, list[Record]]:
    """The same delivery once more, under the same `webhook-id`. Raises Problem 403, 404, 409 `still_queued`."""
    await standing_webhook(work, caller, channel_id)
    await show_delivery(work, caller, channel_id, delivery_id)
    if not await webhooks.replay_one(work, channel_id, delivery_id):
        raise Problem(409, "still_queued", "This delivery is still under way")
    await channels.wake_lane(work, channel_id)
    return await show_delivery(work, caller, channel_id, delivery_id)


async def replay_events(
    work: Work, caller: Caller, channel_id: UUID, *, since: datetime, until: datetime, states: list[str]
) -> int:
    """The events of a time once more, at most 10,000; answers how many. Raises Problem 403, 404, 409."""
    await standing_webhook(work, caller, channel_id)
    queued = await webhooks.replay(work, channel_id, since=since, until=until, states=states, limit=MOST)
    if queued:
        await channels.wake_lane(work, channel_id)
    return queued


async def _attempts(work: Work, found: list[Record]) -> dict[UUID, list[Record]]:
    by_delivery: dict[UUID, list[Record]] = {}
    for row in await deliveries.attempts(work, [it["id"] for it in found]):
        by_delivery.setdefault(row["delivery_id"], []).append(row)
    return by_delivery
