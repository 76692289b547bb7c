"""Generated activity of many territories: the same seed gives the same events. Nobody in it exists.

Stories of slots, calls and bookings, patients in pathways, answers of surveys and shifts, told as their owners do:
the golden samples with other ids, times and codes. One territory has a twentieth of all.
`python -m bench.activity <nats url> <count>` publishes them, each owner's on its stream, and prints how long it took.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import nats
import orjson
import uvloop

from contracts.registry import BY_NAME, EventType
from kit.testing.samples import samples

SEED, TERRITORIES = 20261123, 1000
LARGE = "pays-de-redon"
"""The territory that has a twentieth of all."""
UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
_IN_FLIGHT = 1000

Told = tuple[EventType, dict[str, Any]]
"""An event: its line in the binding list, and its envelope."""


class Activity:
    """Events in the order in which they occur, from `days` before `UNTIL` on."""

    def __init__(self, count: int, *, days: int, seed: int = SEED, territories: int = TERRITORIES) -> None:
        self._random, self._count = random.Random(seed), count  # noqa: S311 - the same each time
        self._golden = {event["type"].split(".", 2)[2]: event for event in samples()}
        self._territories = [LARGE, *(f"bench-{number}" for number in range(1, territories))]
        self._step, self._now = timedelta(days=days) / count, UNTIL - timedelta(days=days)

    def __iter__(self) -> Iterator[Told]:
        told = 0
        while told < self._count:
            for event in self._story():
                yield event
                told += 1
                if told == self._count:
                    return

    def _story(self) -> Iterator[Told]:
        share, pick = self._random, self._random.random()
        where = LARGE if share.random() < 0.05 else share.choice(self._territories)
        if pick < 0.6:
            yield from self._visit(where)
        elif pick < 0.85:
            yield from self._pathway(where)
        elif pick < 0.95:
            yield self._told("pathways.survey.answered.v1", where, 1, answer_id=self._id(), score=share.randint(0, 100))
        else:
            ids = {"sign_up_id": self._id(), "shift_id": self._id()}
            starts = {"starts_at": self._at(self._now + timedelta(days=share.randint(1, 20)))}
            yield self._told("directory.shift.taken.v1", where, 1, **ids, **starts, rpps=self._rpps(where))

    def _visit(self, where: str) -> Iterator[Told]:
        """A slot; in two of three cases a call that books it, with an outcome that may be a cancellation."""
        slot, call, booking = self._id(), self._id(), self._id()
        starts = self._at(self._now + timedelta(hours=self._random.randint(2, 72)))
        who = {"effector": {"rpps": self._rpps(where), "finess": None}, "starts_at": starts}
        yield self._told("snp-dispatch.slot.published.v1", where, 1, slot_id=slot, **who)
        if self._random.random() > 0.66:
            return
        origin = self._random.choice(("ed", "single_number", "sas", "professional"))
        received = self._at(self._now)
        yield self._told("snp-dispatch.call.received.v1", where, 1, call_id=call, origin=origin, received_at=received)
        yield self._told("snp-dispatch.call.screened.v1", where, 2, call_id=call, outcome="accepted")
        ids = {"booking_id": booking, "call_id": call, "slot_id": slot}
        visit = {"origin": origin, "call_received_at": received}
        yield self._told("snp-dispatch.booking.confirmed.v1", where, 1, **ids, **visit, **who)
        outcome = self._random.choice(("fulfilled", "fulfilled", "fulfilled", "missed", "cancelled"))
        yield self._told(f"snp-dispatch.booking.{outcome}.v1", where, 2, **ids)

    def _pathway(self, where: str) -> Iterator[Told]:
        """A patient's enrolment and three steps, each due, then done."""
        enrolment = self._id()
        yield self._told("pathways.enrolment.started.v1", where, 1, enrolment_id=enrolment, patient=self._id())
        for _ in range(3):
            step = {"step_id": self._id(), "enrolment_id": enrolment}
            yield self._told("pathways.step.due.v1", where, 2, **step)
            yield self._told("pathways.step.done.v1", where, 3, **step, done_at=self._at(self._now))

    def _told(self, name: str, where: str, version: int, **data: Any) -> Told:
        self._now += self._step
        golden = self._golden[name]
        kind = BY_NAME[golden["type"]]
        payload = golden["data"] | data
        return kind, golden | {
            "id": self._id(),
            "time": self._at(self._now),
            "subject": str(payload[kind.aggregate_id]),
            "territory": where,
            "aggregateversion": version,
            "data": payload,
        }

    def _id(self) -> str:
        """An id as the services make them: it begins with the time, the rest is drawn."""
        head, tail = 0x7 << 12 | self._random.getrandbits(12), 0x2 << 62 | self._random.getrandbits(62)
        return str(UUID(int=int(self._now.timestamp() * 1000) << 80 | head << 64 | tail))

    def _rpps(self, where: str) -> str:
        """One of forty practitioners of the territory."""
        return f"{99_000_000_000 + hash_of(where) * 40 + self._random.randrange(40)}"

    @staticmethod
    def _at(moment: datetime) -> str:
        return moment.isoformat()


def hash_of(territory: str) -> int:
    """A number of the territory, the same in every process."""
    return int(territory.rpartition("-")[2]) if territory != LARGE else 0


async def publish(url: str, count: int) -> float:
    """Puts the activity of two months on the streams, which exist; answers the seconds it took."""
    connection = await nats.connect(url)
    jetstream = connection.jetstream(publish_async_max_pending=2 * _IN_FLIGHT)
    begin, waiting = time.monotonic(), []
    for kind, event in Activity(count, days=60):
        subject, headers = kind.subject(event["territory"]), {"Nats-Msg-Id": event["id"]}
        waiting.append(await jetstream.publish_async(subject, orjson.dumps(event), headers=headers))
        if len(waiting) == _IN_FLIGHT:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await connection.close()
    return time.monotonic() - begin


if __name__ == "__main__":
    print(uvloop.run(publish(sys.argv[1], int(sys.argv[2]))))
