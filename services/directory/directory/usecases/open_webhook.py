"""A webhook is opened, asks for other events, gets another secret."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from directory.domain.channels import Owner
from directory.domain.webhooks import TEST_TYPE, covers
from directory.store import channels, webhooks
from directory.usecases.channel_access import may_act, visible
from directory.usecases.deliver_webhooks import secret_of_row
from directory.usecases.means import Means
from directory.usecases.open_channel import add, checked, known
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.standard_webhooks import secret_of
from kit.work import Record, Work

KEY_BYTES = 32


async def open_webhook(
    work: Work, means: Means, caller: Caller, *, owner: Owner, address: str, events: list[str], thin: bool, **row: Any
) -> tuple[Record, str]:
    """The webhook, and its secret for the only time. A signed test goes there at once; it serves once that succeeded.

    Raises Problem 403, 404, 409, 422 `address_refused`, `event_not_allowed`.
    """
    may_act(caller, owner)
    await known(work, owner)
    kept, host = checked("webhook", address, local=means.settings.webhooks_local)
    scopes = _checked_events(means, owner, caller, events)
    fields = {"kind": "webhook", "address": kept, "hint": host, **row}
    channel_id = await add(work, means.keyring, caller, owner, **fields)
    secret, sealed = _new_secret(means, channel_id)
    await webhooks.add(
        work, channel_id, events=sorted(set(events)), scopes=scopes, thin=thin, secret=sealed, by=caller.subject
    )
    await queue_test(work, channel_id)
    return await present(work, channel_id), secret


async def show_webhook(work: Work, caller: Caller, channel_id: UUID) -> Record:
    """One webhook. Raises Problem 403, 404."""
    found = await present(work, channel_id)
    may_act(caller, Owner(found["owner_kind"], found["owner"]))
    return found


async def standing_webhook(work: Work, caller: Caller, channel_id: UUID) -> Record:
    """One that has not ended. Raises Problem 403, 404, 409 `channel_ended`."""
    found = await show_webhook(work, caller, channel_id)
    if found["ended_at"] is not None:
        raise Problem(409, "channel_ended", "This webhook has ended: open another one")
    return found


async def list_webhooks(
    work: Work, caller: Caller, *, owner: Owner | None, ended: bool, after: UUID | None, limit: int
) -> list[Record]:
    """Webhooks, a coordinator everybody's. Raises Problem 403."""
    return await webhooks.search(work, owner=visible(caller, owner), ended=ended, after=after, limit=limit)


async def ask_for_events(
    work: Work, means: Means, caller: Caller, channel_id: UUID, *, events: list[str] | None, thin: bool | None
) -> Record:
    """Other events from now on, with the scopes of who asks now. Raises Problem 403, 404, 409, 422."""
    found = await standing_webhook(work, caller, channel_id)
    wanted = found["events"] if events is None else sorted(set(events))
    scopes = _checked_events(means, Owner(found["owner_kind"], found["owner"]), caller, wanted)
    short = found["thin"] if thin is None else thin
    await webhooks.ask_for(work, channel_id, events=wanted, scopes=scopes, thin=short, by=caller.subject)
    return await present(work, channel_id)


async def rotate_secret(work: Work, means: Means, caller: Caller, channel_id: UUID) -> tuple[Record, str]:
    """Another secret; for a while both sign, so that a receiver changes without missing anything."""
    await standing_webhook(work, caller, channel_id)
    secret, sealed = _new_secret(means, channel_id)
    until = work.now + timedelta(hours=means.reference.deliveries.secret_overlap_hours)
    await webhooks.rotate(work, channel_id, sealed, until, caller.subject)
    return await present(work, channel_id), secret


async def queue_test(work: Work, channel_id: UUID) -> UUID:
    """A signed test, of one attempt. It goes out although the endpoint rests, is paused or not confirmed."""
    body = {"specversion": "1.0", "source": "/cpts/directory", "type": TEST_TYPE, "time": work.now}
    test = {**body, "id": work.new_id(), "territory": work.territory, "data": {}}
    await channels.wake_lane(work, channel_id)
    return await webhooks.queue(work, channel_id, event_id=None, kind=TEST_TYPE, body=orjson.dumps(test).decode())


async def present(work: Work, channel_id: UUID) -> Record:
    """A webhook of the territory. Raises Problem 404 `webhook_unknown`."""
    return or_404(await webhooks.find(work, channel_id), "webhook_unknown")


def _checked_events(means: Means, owner: Owner, caller: Caller, events: list[str]) -> list[str]:
    """The caller's scopes, which stay with the subscription. Raises Problem 422 `event_not_allowed`."""
    allowed = means.reference.relayed.allowed(owner, caller.scopes)
    for asked in events:
        if not any(covers(asked, name) for name in allowed):
            what = f"{asked}: no event that this owner may be told of; see /v1/webhook-events"
            raise field_problem("events", "event_not_allowed", what)
    return sorted(caller.scopes)


def allowed_events(means: Means, caller: Caller) -> list[tuple[str, bool]]:
    """Names that the caller may subscribe a partner to, and whether a professional or structure may have them."""
    partner = set(means.reference.relayed.allowed(Owner("partner", ""), caller.scopes))
    person = set(means.reference.relayed.allowed(Owner("rpps", ""), caller.scopes))
    return [(name, name in person) for name in sorted(partner | person)]


def _new_secret(means: Means, channel_id: UUID) -> tuple[str, bytes]:
    secret = secret_of(os.urandom(KEY_BYTES))
    return secret, means.keyring.encrypt(secret, secret_of_row(channel_id))
