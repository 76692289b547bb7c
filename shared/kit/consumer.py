"""Consuming events: each message once in effect, in its own transaction, acknowledged after the commit.

A durable pull consumer per (service, stream), named after the service. The event's id goes into the
inbox in the transaction of its effect, so a redelivery finds it and does nothing. Events of one territory
(of all, where the subscription says so) that arrive together share a transaction, in their order; when one of
them fails, all are taken back and applied in halves, so that a bad one harms itself alone. What fails is retried
with a bounded back-off (`nak` with delay; a `backoff` in the consumer's configuration would override
it), then goes to the dead letters with its reason and blocks nothing. A consumer that was deleted on
the server, or a server that was away, is bound again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import nats.errors
import nats.js.errors
import orjson
import structlog
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from pydantic import ValidationError

from contracts.envelope import NATIONAL, Event, Payload
from contracts.registry import BY_NAME, BY_PAYLOAD, EVENTS, STREAMS, EventType
from kit.bus import Bus
from kit.context import current_trace, new_trace
from kit.database import Database
from kit.faults import CONTENDED, DISCONNECTED
from kit.pull import Pull
from kit.settings import ServiceSettings
from kit.work import Work

log = structlog.get_logger(__name__)

Handler = Callable[[Event[Any], Work], Awaitable[None]]
Together = Callable[[Sequence[Event[Any]], Work], Awaitable[None]]

_ONCE = """
INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING event_id
"""
_DEAD = "INSERT INTO inbox (consumer, event_id, dead_reason) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

ACK_WAIT = 30.0
FETCH_SECONDS = 1.0
BATCH = 200
READERS = 4
"""Processes that may read at once, each with a batch in hand and one ahead; the next one waits for its turn."""
MAX_PAUSE = 300.0
REST = 0.2
"""Seconds. After a round that was not full: what comes meanwhile shares a transaction. A message that comes when
nothing else did is taken at once."""


class Rejected(Exception):
    """This message can never be applied: to the dead letters at once, with this reason."""


@dataclass(frozen=True)
class Subscription:
    """What a service wants of one owner: a handler per payload.

    `together`, where one is given, takes several events of one transaction in one call, in their order: a service that
    derives rows from events derives each row once for all of them. With `across`, these are of several territories and
    the transaction is the system role's, which sees all of them: for a service whose statements name the territory of
    each row (docs/adr/0049). Without `inbox` no id is remembered: for a service whose rows are keyed by the event, so
    that a redelivery finds its own. `batch` is how many messages are taken at once.
    """

    owner: str
    handlers: Mapping[type[Payload], Handler]
    together: Together | None = None
    across: bool = False
    inbox: bool = True
    batch: int = BATCH

    @property
    def stream(self) -> str:
        return STREAMS[self.owner]

    @property
    def subjects(self) -> list[str]:
        """What the server lets through. One filter where all is wanted: with forty, on a stream of a thousand
        territories, it spent two milliseconds on each message to find the next one (docs/adr/0049).
        """
        if self.handlers.keys() == {event.payload for event in EVENTS if event.owner == self.owner}:
            return [f"cpts.*.{self.owner}.>"]
        return sorted(BY_PAYLOAD[payload].subject("*") for payload in self.handlers)


def deployed(subscriptions: Sequence[Subscription], settings: ServiceSettings) -> list[Subscription]:
    """Those of services that this deployment runs. Raises ValueError for a name that no service has.

    Said by a setting, not found out: a stream that is missing may belong to a service that is only coming up, and
    whoever is ready has caught up with it.
    """
    absent = {name.strip() for name in settings.not_deployed.split(",")} - {""}
    if unknown := sorted(absent - STREAMS.keys()):
        raise ValueError(f"NOT_DEPLOYED: no service {', '.join(unknown)}; known: {', '.join(sorted(STREAMS))}")
    return [it for it in subscriptions if it.owner not in absent]


class Consumer:
    """Runs one subscription until stopped."""

    def __init__(
        self, subscription: Subscription, bus: Bus, database: Database, system: Database, settings: ServiceSettings
    ) -> None:
        self._subscription, self._bus, self._database, self._system = subscription, bus, database, system
        self._name, self._max_deliver = settings.service, settings.max_deliver
        self._retry_base = settings.retry_base_seconds
        self._stopping = False
        self._pull: Pull | None = None
        self._ahead: asyncio.Task[_Taken] | None = None
        self.failing: str | None = "not bound yet"

    async def run(self) -> None:
        pause = 0.1
        while not self._stopping:
            try:
                await self._round()
                pause, self.failing = 0.1, None
            except Exception as error:  # noqa: BLE001 - a consumer never gives up
                self.failing = type(error).__name__
                await self._unbind()
                log.warning("consumer rebinds", stream=self._subscription.stream, error=self.failing)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
        await self._give_back()

    def stop(self) -> None:
        """Lets the messages in hand finish, takes no more."""
        self._stopping = True

    async def _round(self) -> None:
        if self._pull is None:
            self._pull = await self._bind()
        taken = await (self._ahead or self._take(self._pull))
        # Under load the next ones come, and are read, while the database works.
        self._ahead = asyncio.create_task(self._take(self._pull)) if taken.full else None
        for together in [taken.reads] if self._subscription.across and taken.reads else _by_territory(taken.reads):
            await self._together(together)
        if taken.reads and not taken.full:
            await asyncio.sleep(REST)

    async def _take(self, pull: Pull) -> "_Taken":
        messages = await pull.fetch(self._subscription.batch, FETCH_SECONDS)
        reads = [read for message in messages if (read := await self._read(message))]
        return _Taken(reads, full=len(messages) == self._subscription.batch)

    async def _give_back(self) -> None:
        """What was fetched ahead goes at once to somebody else."""
        if self._ahead is not None:
            for read in (await self._ahead).reads:
                await read.message.nak()

    async def _unbind(self) -> None:
        """What was fetched ahead comes again, when it was not acknowledged for long enough."""
        pull, ahead, self._pull, self._ahead = self._pull, self._ahead, None, None
        if ahead is not None:
            ahead.cancel()
        if pull is not None:
            with suppress(nats.errors.Error, ConnectionError):
                await pull.close()

    async def _bind(self) -> Pull:
        config = ConsumerConfig(
            durable_name=self._name,
            deliver_policy=DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT,
            max_deliver=-1,
            max_ack_pending=READERS * 2 * self._subscription.batch,
            filter_subjects=self._subscription.subjects,
        )
        await self._bus.jetstream.add_consumer(self._subscription.stream, config)
        pull = Pull(self._bus.client, self._subscription.stream, self._name)
        await pull.open()
        return pull

    async def _read(self, message: Msg) -> "_Read | None":
        """The event in a message that concerns us; others are settled here."""
        try:
            kind, event = _parse(message.data)
        except Rejected as error:
            await self._bury(message, None, str(error))
            return None
        handler = self._subscription.handlers.get(kind.payload)
        if handler is None:
            await message.ack()
            return None
        return _Read(message, event, handler)

    async def _together(self, reads: list["_Read"]) -> None:
        try:
            await self._apply(reads)
        except DISCONNECTED as error:  # nobody's fault: alone they would fail as well
            for read in reads:
                await self._retry(read.message, read.event, error)
        except Exception as error:  # noqa: BLE001 - whoever it is waits or dies alone
            if len(reads) == 1:
                await self._settle(reads[0], error)
                return
            log.info("batch taken apart", messages=len(reads), error=type(error).__name__)
            half = len(reads) // 2
            await self._together(reads[:half])
            await self._together(reads[half:])
        else:
            for read in reads:
                await read.message.ack()

    async def _settle(self, read: "_Read", error: Exception) -> None:
        if isinstance(error, Rejected):
            await self._bury(read.message, read.event, str(error))
        else:
            await self._retry(read.message, read.event, error)

    async def _apply(self, reads: list["_Read"]) -> None:
        async with self._work(reads) as work:
            fresh = await self._fresh(reads, work)
            if self._subscription.together and len(fresh) > 1:
                _continue(fresh[0].event, work)
                await self._subscription.together([read.event for read in fresh], work)
                return
            for read in fresh:
                _continue(read.event, work)
                await read.handler(read.event, work)

    async def _fresh(self, reads: list["_Read"], work: Work) -> list["_Read"]:
        """Each event once, those of the inbox not again."""
        once = {read.event.id: read for read in reads}
        if not self._subscription.inbox:
            return list(once.values())
        told = {row["event_id"] for row in await work.fetch(_ONCE, self._name, [str(it) for it in once])}
        return [read for it, read in once.items() if str(it) in told]

    def _work(self, reads: list["_Read"]) -> AbstractAsyncContextManager[Work]:
        """Under the role of requests where one territory is enough."""
        one, *others = {read.event.territory for read in reads}
        return self._system.work(NATIONAL) if others else self._database.work(one)

    async def _retry(self, message: Msg, event: Event[Any], error: Exception) -> None:
        attempt = message.metadata.num_delivered
        # A server that is away is nobody's fault: such a message waits, it does not die.
        ours = not isinstance(error, (*DISCONNECTED, *CONTENDED))
        if ours and attempt >= self._max_deliver:
            await self._bury(message, event, f"{type(error).__name__}: {error}")
            return
        log.warning("message retried", type=event.type, attempt=attempt, error=type(error).__name__)
        delay = min(MAX_PAUSE, self._retry_base * 4 ** min(attempt - 1, 8))
        await message.nak(delay=(delay if ours else min(delay, 2.0)) * random.uniform(0.8, 1.2))  # noqa: S311

    async def _bury(self, message: Msg, event: Event[Any] | None, reason: str) -> None:
        """Copies the message to the dead letters, remembers that in the inbox, then drops it."""
        origin = message.metadata
        await self._bus.jetstream.publish(
            f"dlq.{self._name}.{message.subject}",
            message.data,
            headers={
                # None of the original `Nats-*` headers: a forwarded expectation would make this vanish.
                "Nats-Msg-Id": f"{self._name}:{origin.stream}:{origin.sequence.stream}",
                "X-Reason": " ".join(reason.split())[:500],
                "X-Stream-Sequence": str(origin.sequence.stream),
                "X-Deliveries": str(origin.num_delivered),
            },
        )
        if event is not None:
            async with self._database.work(event.territory) as work:
                await work.execute(_DEAD, self._name, str(event.id), reason[:500])
        log.error("message buried", subject=message.subject, reason=_cause(reason))
        await message.term()


@dataclass(frozen=True)
class _Read:
    """A message, the event in it and who handles it."""

    message: Msg
    event: Event[Any]
    handler: Handler


@dataclass(frozen=True)
class _Taken:
    """What one fetch gave. `full`: more may wait."""

    reads: list[_Read]
    full: bool


def _continue(event: Event[Any], work: Work) -> None:
    """What follows, in logs and events, belongs to this event's trace."""
    current_trace.set(new_trace(str(event.id), event.correlationid, event.traceparent))
    work.caused_by(event.id, event.correlationid)


def _by_territory(reads: list[_Read]) -> list[list[_Read]]:
    """Neighbours of one territory together, in their order: a transaction sees one territory."""
    return [list(group) for _, group in groupby(reads, key=lambda read: read.event.territory)]


def _parse(data: bytes) -> tuple[EventType, Event[Any]]:
    try:
        raw = orjson.loads(data)
        kind = BY_NAME[raw["type"]]
    except orjson.JSONDecodeError as error:
        raise Rejected(f"not JSON: {error}") from None
    except (KeyError, TypeError):
        raise Rejected("not an event of the binding list") from None
    try:
        return kind, kind.envelope.model_validate_json(data)  # twice as fast as from what was read for its type
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) + f" {item['type']}" for item in error.errors())
        raise Rejected(f"schema: {fields}") from None


def _cause(reason: str) -> str:
    return reason.partition(":")[0][:100]


async def backlog(bus: Bus, subscription: Subscription) -> int | None:
    """How many messages of the stream the service has not applied yet; None when it never consumed."""
    try:
        info = await bus.jetstream.consumer_info(subscription.stream, bus.service)
    except nats.js.errors.NotFoundError:
        return None
    return (info.num_pending or 0) + (info.num_ack_pending or 0)
