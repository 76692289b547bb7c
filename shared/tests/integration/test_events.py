"""Outbox, relay, consumer, inbox and dead letters, on a real server that may be away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import nats
import orjson
import pytest
import pytest_asyncio
from toy.service import MIGRATIONS, SUBSCRIPTIONS, ToySettings, on_participation

from contracts.directory import ParticipationChanged
from contracts.envelope import Event
from kit.consumer import Subscription
from kit.database import Database
from kit.runtime import Runtime
from kit.testing.harness import until
from kit.testing.servers import Servers
from kit.work import Work
from kit.worker import Worker

SUBJECT = "cpts.pays-de-redon.directory.participation.changed"


def worker(settings: ToySettings, subscriptions: Sequence[Subscription] = SUBSCRIPTIONS) -> Worker:
    return Worker(settings, migrations=MIGRATIONS, subscriptions=subscriptions)


async def on_participations(events: Sequence[Event[ParticipationChanged]], work: Work) -> None:
    for event in events:
        await on_participation(event, work)


TOGETHER = tuple(replace(it, together=on_participations) for it in SUBSCRIPTIONS)


@pytest_asyncio.fixture(params=[SUBSCRIPTIONS, TOGETHER], ids=["one by one", "together"])
async def runtime(settings: ToySettings, request: pytest.FixtureRequest) -> AsyncIterator[Runtime]:
    async with worker(settings, request.param).started() as started:
        yield started


async def names(database: Database) -> list[str]:
    async with database.work("pays-de-redon") as work:
        return [row["name"] for row in await work.fetch("SELECT name FROM thing ORDER BY name")]


def envelope(rpps: str, version: int = 1, participates: bool = True, **changes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/cpts/directory",
        "type": "fr.cpts.directory.participation.changed.v1",
        "time": "2026-11-21T10:00:00+01:00",
        "subject": rpps,
        "territory": "pays-de-redon",
        "aggregateversion": version,
        "correlationid": "c",
        "data": {"rpps": rpps, "participates": participates},
        **changes,
    }


async def publish(runtime: Runtime, *messages: dict[str, Any] | bytes) -> None:
    for message in messages:
        data = message if isinstance(message, bytes) else orjson.dumps(message)
        await runtime.bus.jetstream.publish(SUBJECT, data)


async def test_an_event_told_in_a_transaction_is_applied_once(runtime: Runtime) -> None:
    async with runtime.db.work("pays-de-redon") as work:
        work.emit(ParticipationChanged(rpps="16", participates=True), version=1)
    assert await until(lambda: names(runtime.db)) == ["16 True"]


async def test_nothing_is_told_when_the_transaction_fails(runtime: Runtime) -> None:
    try:
        async with runtime.db.work("pays-de-redon") as work:
            work.emit(ParticipationChanged(rpps="16", participates=True), version=1)
            await work.flush()
            raise RuntimeError("no")
    except RuntimeError:
        pass
    async with runtime.system.work("fr") as work:
        assert await work.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_redelivered_event_has_no_second_effect(runtime: Runtime) -> None:
    message = envelope("16")
    await publish(runtime, message, message, envelope("17"))
    await until(lambda: has(runtime, "17 True"))
    async with runtime.system.work("fr") as work:
        assert await work.fetchval("SELECT count(*) FROM inbox") == 2


async def has(runtime: Runtime, name: str) -> bool:
    return name in await names(runtime.db)


async def test_events_out_of_order_end_in_the_newest_state(runtime: Runtime) -> None:
    await publish(runtime, envelope("16", 3, False), envelope("16", 1, True), envelope("16", 2, True), envelope("17"))
    await until(lambda: has(runtime, "17 True"))
    assert await names(runtime.db) == ["16 False", "17 True"]


async def test_poison_lands_in_the_dead_letters_with_its_reason_and_blocks_nothing(
    runtime: Runtime, servers: Servers
) -> None:
    await publish(
        runtime,
        b"{ not json",
        envelope("16", type="fr.cpts.unknown.v1"),
        envelope("16", data={"rpps": 5}),
        envelope("reject"),
        envelope("fail"),
        envelope("17"),
    )
    assert await until(lambda: names(runtime.db)) == ["17 True"]
    buried = await until(lambda: dead_letters(servers, 5))
    assert [reason.partition(":")[0] for reason in buried] == sorted(
        ["not JSON", "not an event of the binding list", "schema", "this one never", "RuntimeError"]
    )
    # The inbox is told after the stream.
    kept = await until(lambda: dead_reasons(runtime, 2))
    assert kept == ["RuntimeError: not now", "this one never"]


async def dead_reasons(runtime: Runtime, count: int) -> list[str] | None:
    async with runtime.system.work("fr") as work:
        rows = await work.fetch("SELECT dead_reason FROM inbox WHERE dead_reason IS NOT NULL ORDER BY 1")
    return [row["dead_reason"] for row in rows] if len(rows) == count else None


async def dead_letters(servers: Servers, count: int) -> list[str] | None:
    connection = await nats.connect(servers.nats_url())
    try:
        stream = connection.jetstream()
        info = await stream.stream_info("DEAD_LETTERS")
        if info.state.messages < count:
            return None
        found = [await stream.get_msg("DEAD_LETTERS", seq) for seq in range(1, count + 1)]
        return sorted((message.headers or {})["X-Reason"] for message in found)
    finally:
        await connection.close()


async def test_a_stopped_consumer_catches_up(settings: ToySettings) -> None:
    async with worker(settings).started() as runtime:
        await publish(runtime, envelope("16"))
        await until(lambda: has(runtime, "16 True"))
    async with worker_without_consumer(settings).started() as runtime:
        await publish(runtime, *(envelope(str(number)) for number in range(20, 40)))
    async with worker(settings).started() as runtime:
        await until(lambda: applied(runtime, 21))
        assert await until(lambda: ready(runtime))


async def test_events_of_one_territory_come_together_once_each(settings: ToySettings) -> None:
    calls: list[int] = []

    async def counted(events: Sequence[Event[ParticipationChanged]], work: Work) -> None:
        calls.append(len(events))
        await on_participations(events, work)

    twice = envelope("16")
    async with worker_without_consumer(settings).started() as runtime:
        await publish(runtime, twice, *(envelope(str(number)) for number in range(20, 30)), twice)
    async with worker(settings, [replace(SUBSCRIPTIONS[0], together=counted)]).started() as runtime:
        await until(lambda: applied(runtime, 11))
    assert calls == [11]


def worker_without_consumer(settings: ToySettings) -> Worker:
    return Worker(settings, migrations=MIGRATIONS)


async def ready(runtime: Runtime) -> bool:
    return not await runtime.health.missing()


async def test_a_consumer_deleted_on_the_server_is_bound_again(runtime: Runtime, servers: Servers) -> None:
    await publish(runtime, envelope("16"))
    await until(lambda: has(runtime, "16 True"))
    connection = await nats.connect(servers.nats_url())
    await connection.jetstream().delete_consumer("DIRECTORY", "directory")
    await connection.close()
    await publish(runtime, envelope("17"))
    await until(lambda: has(runtime, "17 True"))
    assert await names(runtime.db) == ["16 True", "17 True"]


async def test_the_producer_counts_what_it_told(runtime: Runtime) -> None:
    async with runtime.db.work("pays-de-redon") as work:
        for rpps in ("16", "17"):
            work.emit(ParticipationChanged(rpps=rpps, participates=True), version=1)

    async def counted() -> Any:
        async with runtime.system.work("fr") as work:
            return await work.fetch("SELECT type, sent FROM outbox_daily WHERE territory = 'pays-de-redon'")

    rows = await until(counted)
    assert [tuple(row) for row in rows] == [("fr.cpts.directory.participation.changed.v1", 2)]


async def applied(runtime: Runtime, count: int) -> bool:
    return len(await names(runtime.db)) == count


async def test_two_relays_publish_each_event_once(settings: ToySettings, servers: Servers) -> None:
    async with worker(settings).started() as one, worker(settings).started() as two:
        for number in range(200):
            async with (one if number % 2 else two).db.work("pays-de-redon") as work:
                work.emit(ParticipationChanged(rpps=str(number), participates=True), version=1)
        await asyncio.gather(
            *(one.relay.publish_batch() for _ in range(3)), *(two.relay.publish_batch() for _ in range(3))
        )
        await until(lambda: applied(one, 200))
    connection = await nats.connect(servers.nats_url())
    info = await connection.jetstream().stream_info("DIRECTORY")
    await connection.close()
    assert info.state.messages == 200
