"""nats.conf: a service publishes its own subjects and moves its own durable, and nothing else."""

import asyncio
from collections.abc import AsyncIterator

import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from contracts.registry import DEAD_LETTERS, STREAMS
from kit.testing.servers import Servers

SUBJECT = "cpts.pays-de-redon.{}.thing.done"


@pytest_asyncio.fixture
async def clients(servers: Servers) -> AsyncIterator[dict[str, Client]]:
    """Every service's connection, with its own stream created by itself."""
    await servers.clear_bus()
    found = {}
    for service, stream in STREAMS.items():
        url, inbox = servers.nats_url(service), f"_INBOX_{service}".encode()
        client = found[service] = await nats.connect(url, inbox_prefix=inbox, error_cb=_silent)
        await client.jetstream().add_stream(StreamConfig(name=stream, subjects=[f"cpts.*.{service}.>"]))
    yield found
    for client in found.values():
        await client.close()
    await servers.clear_bus()


async def _silent(_: Exception) -> None:
    """A denied publish shows as a time-out; what the server says besides is not the test's."""


PATIENT, BRIEF = 30.0, 0.3
"""Seconds for what is answered, on a busy machine too, and for what never is."""


async def test_each_service_publishes_its_own_subjects_only(clients: dict[str, Client]) -> None:
    for service, client in clients.items():
        context, refused = client.jetstream(timeout=PATIENT), client.jetstream(timeout=BRIEF)
        for owner, stream in STREAMS.items():
            if owner == service:
                assert (await context.publish(SUBJECT.format(owner), b"{}")).stream == stream
            else:
                with pytest.raises(NatsTimeout):
                    await refused.publish(SUBJECT.format(owner), b"{}")


async def test_a_durable_is_read_by_its_service_only(clients: dict[str, Client]) -> None:
    await clients["directory"].jetstream(timeout=PATIENT).publish(SUBJECT.format("directory"), b"hello")
    for service, client in clients.items():
        context, refused = client.jetstream(timeout=PATIENT), client.jetstream(timeout=BRIEF)
        await context.add_consumer("DIRECTORY", ConsumerConfig(durable_name=service))
        subscription = await context.pull_subscribe_bind(service, "DIRECTORY")
        (message,) = await subscription.fetch(1, timeout=PATIENT)
        await message.ack_sync()
        assert (await context.consumer_info("DIRECTORY", service)).num_ack_pending == 0
        other = "pathways" if service != "pathways" else "indicators"
        with pytest.raises(NatsTimeout):
            await refused.add_consumer("DIRECTORY", ConsumerConfig(durable_name=other))
        with pytest.raises(NatsTimeout):
            await refused.delete_consumer("DIRECTORY", other)


async def test_streams_belong_to_their_owners_and_dead_letters_to_all(clients: dict[str, Client]) -> None:
    for service, client in clients.items():
        context, refused = client.jetstream(timeout=PATIENT), client.jetstream(timeout=BRIEF)
        await context.add_stream(StreamConfig(name=DEAD_LETTERS, subjects=["dlq.>"]))
        acknowledged = await context.publish(f"dlq.{service}.{SUBJECT.format('directory')}", b"{}")
        assert acknowledged.stream == DEAD_LETTERS
        for forbidden in (refused.delete_stream(STREAMS[service]), refused.purge_stream(DEAD_LETTERS)):
            with pytest.raises(NatsTimeout):
                await forbidden
        with pytest.raises(NatsTimeout):
            await refused.publish(f"dlq.{'pathways' if service != 'pathways' else 'directory'}.x", b"{}")


async def test_nobody_reads_the_answers_of_another(clients: dict[str, Client]) -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()
    clients["directory"]._error_cb = told.put
    await clients["directory"].subscribe("_INBOX_pathways.>")
    refusal = str(await asyncio.wait_for(told.get(), 5)).lower()
    assert 'permissions violation for subscription to "_inbox_pathways.>"' in refusal


async def test_the_indicators_read_every_stream_again_by_a_consumer_of_their_own(clients: dict[str, Client]) -> None:
    await clients["directory"].jetstream(timeout=PATIENT).publish(SUBJECT.format("directory"), b"hello")
    config = ConsumerConfig(name="indicators-rebuild", ack_policy=AckPolicy.NONE, inactive_threshold=60)
    context = clients["indicators"].jetstream(timeout=PATIENT)
    await context.add_consumer("DIRECTORY", config)
    subscription = await context.pull_subscribe_bind("indicators-rebuild", "DIRECTORY")
    assert [message.data for message in await subscription.fetch(1, timeout=PATIENT)] == [b"hello"]
    assert await context.delete_consumer("DIRECTORY", "indicators-rebuild")
    with pytest.raises(NatsTimeout):
        await clients["pathways"].jetstream(timeout=BRIEF).add_consumer("DIRECTORY", config)
