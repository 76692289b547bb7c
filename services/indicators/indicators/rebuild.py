"""`python -m indicators.rebuild`: proof that the figures are what the events say.

Reads every stream again from its first message into fresh tables, computes all figures from these and
compares them with the ones that are served. Prints `identical`, or the differences and exits with 1.
Runs beside the service, with its configuration and its rights, and leaves nothing behind.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import nats.errors
import nats.js.errors
import orjson
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.registry import BY_NAME, STREAMS
from indicators.consumers import SUBSCRIPTIONS
from indicators.consumers.on_event import fact_of
from indicators.settings import IndicatorsSettings
from indicators.usecases.compare_streams import Comparison, Told, begin_comparison, compare_streams
from indicators.usecases.load_catalogue import load_campaigns, load_catalogue
from kit.bus import Bus
from kit.command import database_of
from kit.consumer import backlog

CONSUMER = "indicators-rebuild"
BATCH = 500


class Reader:
    """Reads the streams once, first to last. `unreadable` counts messages that are no events of the binding list."""

    def __init__(self, bus: Bus) -> None:
        self._bus, self.unreadable = bus, 0

    async def ends(self) -> dict[str, int]:
        """The sequence of the last message of each stream; 0 where nobody has told anything."""
        found = {}
        for stream in STREAMS.values():
            try:
                found[stream] = (await self._bus.jetstream.stream_info(stream)).state.last_seq
            except nats.js.errors.NotFoundError:
                found[stream] = 0
        return found

    async def events(self, due: dict[str, int]) -> AsyncIterator[Sequence[Told]]:
        """Every event of every stream up to now, those up to `due` marked so."""
        for stream, end in (await self.ends()).items():
            if end:
                async for batch in self._stream(stream, end, due[stream]):
                    yield batch

    async def _stream(self, stream: str, end: int, due: int) -> AsyncIterator[Sequence[Told]]:
        jetstream = self._bus.jetstream
        with suppress(nats.js.errors.NotFoundError):
            await jetstream.delete_consumer(stream, CONSUMER)
        await jetstream.add_consumer(
            stream,
            ConsumerConfig(
                name=CONSUMER,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=60,
                mem_storage=True,
            ),
        )
        pull = await jetstream.pull_subscribe_bind(CONSUMER, stream)
        sequence = 0
        while sequence < end:
            try:
                messages = await pull.fetch(BATCH, timeout=5)
            except nats.errors.TimeoutError:
                if (await jetstream.consumer_info(stream, CONSUMER)).num_pending:
                    raise
                # The last messages up to `end` have left the stream meanwhile.
                return
            sequence = messages[-1].metadata.sequence.stream
            yield [told for message in messages if (told := self._told(message, due)) is not None]

    def _told(self, message: Msg, due: int) -> Told | None:
        try:
            event = BY_NAME[orjson.loads(message.data)["type"]].envelope.model_validate_json(message.data)
        except (ValueError, KeyError, TypeError):
            self.unreadable += 1
            return None
        return Told(fact_of(event), message.metadata.sequence.stream <= due)


async def caught_up(bus: Bus, seconds: float) -> None:
    """Waits until the service has consumed what the streams hold; gives up after `seconds`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while any([await backlog(bus, item) for item in SUBSCRIPTIONS]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def rebuild(settings: IndicatorsSettings, wait: float) -> tuple[Comparison, int]:
    """The comparison, and how many messages could not be read."""
    catalogue, campaigns = load_catalogue(settings.catalogue_file), load_campaigns(settings.territories_dir)
    bus = await Bus.connect(settings.nats_url.get_secret_value(), settings.service, CONSUMER)
    try:
        async with database_of(settings, CONSUMER, "owner") as database:
            reader, work = Reader(bus), database.open("fr")
            try:
                due = await reader.ends()
                await caught_up(bus, wait)
                await begin_comparison(work)
                return await compare_streams(work, catalogue, campaigns, reader.events(due)), reader.unreadable
            finally:
                await work.rollback()
    finally:
        await bus.close()


def report(comparison: Comparison, unreadable: int) -> str:
    """What came out, for people."""
    lines = [f"{comparison.facts} events read again, {comparison.figures} figures compared"]
    if unreadable:
        lines.append(f"{unreadable} messages are no events (see the dead letters)")
    if comparison.expired:
        lines.append(f"{comparison.expired} facts are older than what the streams keep: refill them from the outboxes")
    lines += [f"lost: event {event_id} is no fact" for event_id in comparison.lost]
    lines += [
        f"differs: {item.indicator_id} {item.period_id} {item.territory}: served {item.served}, rebuilt {item.rebuilt}"
        for item in comparison.differences
    ]
    return "\n".join((*lines, "identical" if comparison.identical else "NOT identical"))


def main(arguments: Sequence[str]) -> int:
    """Runs the command; answers its exit status."""
    parser = argparse.ArgumentParser(prog="python -m indicators.rebuild", description="compare figures with events")
    parser.add_argument("--wait", type=float, default=10, help="seconds to let the service catch up (default 10)")
    comparison, unreadable = asyncio.run(rebuild(IndicatorsSettings(), parser.parse_args(arguments).wait))
    sys.stdout.write(report(comparison, unreadable) + "\n")
    return 0 if comparison.identical else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
