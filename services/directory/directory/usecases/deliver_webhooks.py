"""Brings queued deliveries to webhooks, each endpoint in a lane of its own. A job of the worker.

A process holds a lane for some minutes and sends what waits in it one after the other, in order; another endpoint has
another lane, so that one that hangs delays only itself. No transaction is open while a server is asked. A process that
dies leaves its lane free when the lease ends: the same delivery may arrive twice, under the same `webhook-id`.
"""

import asyncio
import random
import time
from datetime import timedelta
from uuid import UUID

import orjson
import structlog

from contracts.envelope import NATIONAL
from directory.domain.messages import Recipient
from directory.domain.webhooks import MESSAGE_TYPE, TEST_TYPE
from directory.settings import DirectorySettings
from directory.store import channels, deliveries, webhooks
from directory.store.deliveries import Outcome
from directory.usecases.means import Means
from directory.usecases.send_message import address_of, compose, opened, send_message
from kit import outbound, rows
from kit.crypto import Keyring, UndecryptableError
from kit.runtime import Runtime
from kit.standard_webhooks import key_of, signature
from kit.work import Record, Work

log = structlog.get_logger(__name__)

AT_ONCE = 16
"""Endpoints that a process asks side by side."""
IN_A_ROW = 100
"""Deliveries after which a lane is given back, so that no busy endpoint keeps its place for ever."""
LEASE = timedelta(minutes=2)
EXCERPT = 300
"""Bytes of an answer that are kept, for its owner to see what their server said."""
GONE, TOO_MANY, ILL = 410, 429, 500


class Courier:
    """The job. `run` claims lanes and begins; `settle` waits for what was begun (tests)."""

    def __init__(self, means: Means) -> None:
        self._means, self._rules = means, means.reference.deliveries
        self._bringing = set[asyncio.Task[None]]()

    async def run(self, runtime: Runtime) -> int:
        """Begins with the lanes that have something due, as far as there is room; answers how many."""
        room = AT_ONCE - len(self._bringing)
        if room <= 0:
            return 0
        async with runtime.system.work(NATIONAL) as work:
            lanes = await webhooks.claim_lanes(work, work.now + LEASE, TEST_TYPE, room)
        for row in lanes:
            task = asyncio.create_task(self._lane(runtime, row["territory"], row["channel_id"]))
            self._bringing.add(task)
            task.add_done_callback(self._bringing.discard)
        return len(lanes)

    async def settle(self) -> None:
        await asyncio.gather(*self._bringing)

    async def _lane(self, runtime: Runtime, territory: str, channel_id: UUID) -> None:
        try:
            for _ in range(IN_A_ROW):
                if not await self._one(runtime, territory, channel_id):
                    break
            async with runtime.db.work(territory) as work:
                await webhooks.release_lane(work, channel_id)
        except Exception as error:  # noqa: BLE001 - tried again when the lease ends
            log.error("webhook lane failed", territory=territory, error=type(error).__name__)

    async def _one(self, runtime: Runtime, territory: str, channel_id: UUID) -> bool:
        """Brings the next delivery; answers whether to go on."""
        async with runtime.db.work(territory) as work:
            row = await webhooks.claim_next(work, channel_id, work.now + LEASE, TEST_TYPE)
        if row is None:
            return False
        began = time.perf_counter()
        outcome = await self._attempt(row, territory, runtime)
        spent = int((time.perf_counter() - began) * 1000)
        outcome = Outcome(outcome.code, outcome.status, spent, outcome.excerpt, outcome.final)
        async with runtime.db.work(territory) as work:
            return await self._note(work, row, outcome)

    async def _attempt(self, row: Record, territory: str, runtime: Runtime) -> Outcome:
        keyring, now = self._means.keyring, runtime.clock.now()
        try:
            address = keyring.decrypt(row["address"], address_of(row["channel_id"]))
            body = _body(keyring, row, territory)
            secrets = [keyring.decrypt(row["secret"], secret_of_row(row["channel_id"]))]
            if row["old_secret"] and row["old_secret_until"] > now:
                secrets.append(keyring.decrypt(row["old_secret"], secret_of_row(row["channel_id"])))
        except UndecryptableError:
            return Outcome("sealed", final=True)
        if body is None:
            return Outcome("forgotten", final=True)
        webhook_id, timestamp = f"{row['event_id'] or row['message_id'] or row['id']}", int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "cpts-webhooks/1",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                signature(key_of(it), webhook_id, str(timestamp), body.encode()) for it in secrets
            ),
        }
        return await _ask(address, headers, body, self._rules.timeout_seconds, self._means.settings)

    async def _note(self, work: Work, row: Record, outcome: Outcome) -> bool:
        """Where the delivery and its lane stand now; answers whether the endpoint may be asked for more."""
        again = None
        if not outcome.delivered and not outcome.final and row["type"] != TEST_TYPE:
            again = self._rules.again_at(self._rules.webhook_waits, row["tries"], work.now, random.random())  # noqa: S311
        state = "delivered" if outcome.delivered else "queued" if again else "failed"
        await deliveries.settle(work, row["id"], row["attempts"], outcome, state=state, next_at=again or work.now)
        if outcome.delivered:
            if row["verified_at"] is None and row["type"] == TEST_TYPE:
                await rows.change(work, "channel", row["channel_id"], "webhook-test", verified_at=work.now)
            if row["failures"] or row["failing_since"]:
                await webhooks.keep_lane(work, row["channel_id"], work.now + LEASE, 0, None)
            return True
        log.info("webhook not delivered", territory=work.territory, outcome=outcome.code, status=outcome.status)
        return await self._failed(work, row, outcome)

    async def _failed(self, work: Work, row: Record, outcome: Outcome) -> bool:
        since, failures = row["failing_since"] or work.now, row["failures"] + 1
        limit = timedelta(hours=self._rules.disable_after_hours)
        if row["verified_at"] is not None and (outcome.status == GONE or work.now - since >= limit):
            await self._disable(work, row["channel_id"], "gone" if outcome.status == GONE else "failing")
            await webhooks.keep_lane(work, row["channel_id"], work.now, failures, since)
            return False
        ill = outcome.status is None or outcome.status >= ILL or outcome.status == TOO_MANY
        rest = self._rules.rest(failures, work.now, random.random()) if ill else work.now + LEASE  # noqa: S311
        await webhooks.keep_lane(work, row["channel_id"], rest, failures if ill else 0, since)
        return not ill

    async def _disable(self, work: Work, channel_id: UUID, reason: str) -> None:
        """The endpoint is asked no more; what waits is kept, and its owner is told by e-mail."""
        disabled = {"disabled_at": work.now, "disabled_reason": reason}
        await rows.change(work, "channel", channel_id, "webhook-deliveries", **disabled)
        channel = await channels.find(work, channel_id)
        if channel is None:
            return
        territory = self._means.reference.territories[work.territory].name
        variables = {"territory": territory, "host": channel["hint"]}
        message = compose(self._means.reference.messages, "webhook_disabled", variables)
        owner = Recipient(channel["owner_kind"], channel["owner"])
        await send_message(work, self._means.keyring, owner, message, by="webhook-deliveries")


async def _ask(
    address: str, headers: dict[str, str], body: str, seconds: float, settings: DirectorySettings
) -> Outcome:
    try:
        answer = await outbound.post(
            address,
            headers=headers,
            body=body.encode(),
            max_bytes=EXCERPT,
            seconds=seconds,
            local=settings.webhooks_local,
        )
    except outbound.OutboundError as error:
        return Outcome(error.code)
    excerpt = "".join(it for it in answer.body.decode(errors="replace") if it.isprintable())
    fine = 200 <= answer.status < 300
    return Outcome("delivered" if fine else "status", answer.status, excerpt=excerpt, final=answer.status == GONE)


def _body(keyring: Keyring, row: Record, territory: str) -> str | None:
    """An event as it was queued; a message is opened only here. None when its content is kept no more."""
    if row["message_id"] is None:
        kept: str | None = row["body"]
        return kept
    if row["content"] is None:
        return None
    message = opened(keyring, row["message_id"], row["content"])
    envelope = {
        "specversion": "1.0",
        "id": str(row["message_id"]),
        "source": "/cpts/directory",
        "type": MESSAGE_TYPE,
        "time": row["created_at"],
        "territory": territory,
        "data": {
            "kind": message.kind,
            "subject": message.subject,
            "text": message.text,
            "link": message.link,
            "attachments": [it.name for it in message.attachments],
        },
    }
    return orjson.dumps(envelope).decode()


def secret_of_row(channel_id: UUID) -> bytes:
    """What a sealed signing secret is bound to."""
    return f"webhook:{channel_id}".encode()
