"""A booking of the dispatch appears on the enrolment of its patient, in whatever order its events come."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from enrolling import NOW, OTHER, Care, event_of

from contracts.envelope import Event
from contracts.registry import BY_NAME
from contracts.slots import SlotEffector
from contracts.snp_dispatch import (
    BookingCancelled,
    BookingConfirmed,
    BookingFulfilled,
    BookingMissed,
    BookingMoved,
    BookingOutcomeUndone,
)
from kit.bus import Bus
from kit.runtime import Runtime
from kit.testing.harness import until
from kit.testing.samples import samples
from kit.testing.servers import Servers
from pathways.consumers import SUBSCRIPTIONS
from pathways.settings import PathwaysSettings
from pathways.worker import build as build_worker

BOOKING = UUID(int=7)
STARTS = NOW + timedelta(days=1)


def ids(booking: UUID, ref: str | None) -> dict[str, Any]:
    return {"booking_id": booking, "call_id": uuid4(), "slot_id": uuid4(), "patient_ref": ref}


def confirmed(ref: str | None, version: int = 1, booking: UUID = BOOKING, **where: Any) -> Event[Any]:
    payload = BookingConfirmed(
        **ids(booking, ref),
        origin="ed",
        effector=SlotEffector(rpps="99000000016"),
        starts_at=STARTS,
        ends_at=STARTS + timedelta(minutes=15),
        commune="35236",
        mode="AMB",
        audience=("CPTS",),
        call_received_at=NOW,
    )
    return event_of(payload, version, **where)


def moved(ref: str | None, version: int = 2) -> Event[Any]:
    """Two hours later, to another practitioner in Allaire."""
    payload = BookingMoved(
        **ids(BOOKING, ref),
        from_slot_id=uuid4(),
        from_effector=SlotEffector(rpps="99000000016"),
        from_starts_at=STARTS,
        by="practitioner",
        reason="ill",
        origin="ed",
        effector=SlotEffector(rpps="99000000024"),
        starts_at=STARTS + timedelta(hours=2),
        ends_at=STARTS + timedelta(hours=2, minutes=15),
        commune="56001",
        mode="AMB",
        audience=("CPTS",),
        call_received_at=NOW,
    )
    return event_of(payload, version, at=NOW + timedelta(minutes=version))


def cancelled(ref: str | None, version: int = 2, booking: UUID = BOOKING) -> Event[Any]:
    payload = BookingCancelled(**ids(booking, ref), by="patient", reason="recovered")
    return event_of(payload, version, at=NOW + timedelta(minutes=version))


def fulfilled(ref: str | None, version: int = 3, booking: UUID = BOOKING) -> Event[Any]:
    return event_of(BookingFulfilled(**ids(booking, ref)), version, at=NOW + timedelta(minutes=version))


def missed(ref: str | None, version: int = 2, booking: UUID = BOOKING) -> Event[Any]:
    return event_of(BookingMissed(**ids(booking, ref), absent="patient"), version, at=NOW + timedelta(minutes=version))


def outcome_undone(ref: str | None, version: int = 3) -> Event[Any]:
    payload = BookingOutcomeUndone(**ids(BOOKING, ref), was="no_show", source="operator", reason="mistake")
    return event_of(payload, version, at=NOW + timedelta(minutes=version))


@dataclass
class Dispatch:
    """Tells events as the dispatch's relay does."""

    bus: Bus
    worker: Runtime
    told: int = 0

    async def tell(self, *events: Event[Any]) -> None:
        """Publishes them one after the other, and waits until they are handled."""
        for event in events:
            subject = BY_NAME[event.type].subject(event.territory)
            self.told = (await self.bus.jetstream.publish(subject, event.model_dump_json().encode())).seq
        await until(self._handled)

    async def _handled(self) -> bool:
        """By number: for a moment after a message is stored, its consumer may count nothing that waits."""
        bus = self.worker.bus
        info = await bus.jetstream.consumer_info(SUBSCRIPTIONS[0].stream, bus.service)
        return info.ack_floor is not None and info.ack_floor.stream_seq >= self.told


@pytest_asyncio.fixture
async def dispatch(servers: Servers, settings: PathwaysSettings, care: Care) -> AsyncIterator[Dispatch]:
    """A worker that consumes, and the dispatch's own connection to the bus."""
    bus = await Bus.connect(servers.nats_url("snp-dispatch"), "snp-dispatch", "test")
    await bus.ensure_streams()
    async with build_worker(settings, care.clock).started() as runtime:
        yield Dispatch(bus, runtime)
    await bus.close()


async def bookings(care: Care, enrolment: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await care.get(f"/v1/enrolments/{enrolment['id']}"))["bookings"]
    return found


async def test_a_confirmed_booking_appears_with_time_and_place(care: Care, dispatch: Dispatch) -> None:
    enrolment = await care.enrolment()
    await dispatch.tell(confirmed(enrolment["patient_ref"]))
    assert await bookings(care, enrolment) == [
        {
            "booking_id": str(BOOKING),
            "state": "confirmed",
            "starts_at": "2026-11-24T09:00:00Z",
            "ends_at": "2026-11-24T09:15:00Z",
            "commune": "35236",
            "mode": "AMB",
            "rpps": "99000000016",
            "finess": None,
            "changed_at": "2026-11-23T09:00:00Z",
        }
    ]
    timeline = (await care.get(f"/v1/enrolments/{enrolment['id']}"))["timeline"]
    assert ("booking_confirmed", str(BOOKING)) in [(moment["kind"], moment["subject_id"]) for moment in timeline]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_every_order_ends_the_same(care: Care, dispatch: Dispatch, order: tuple[int, ...]) -> None:
    """Confirmed, cancelled by mistake, then fulfilled after all."""
    enrolment = await care.enrolment()
    ref = enrolment["patient_ref"]
    events = [confirmed(ref), cancelled(ref), fulfilled(ref)]
    for position in order:
        await dispatch.tell(events[position])
    await dispatch.tell(*events)
    (booking,) = await bookings(care, enrolment)
    assert (booking["state"], booking["changed_at"]) == ("fulfilled", "2026-11-23T09:03:00Z")
    assert (booking["starts_at"], booking["commune"]) == ("2026-11-24T09:00:00Z", "35236")


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_a_moved_visit_is_where_it_was_moved_to(care: Care, dispatch: Dispatch, order: tuple[int, ...]) -> None:
    enrolment = await care.enrolment()
    ref = enrolment["patient_ref"]
    events = [confirmed(ref), moved(ref), fulfilled(ref)]
    for position in order:
        await dispatch.tell(events[position])
    (booking,) = await bookings(care, enrolment)
    assert (booking["state"], booking["starts_at"]) == ("fulfilled", "2026-11-24T11:00:00Z")
    assert (booking["commune"], booking["rpps"]) == ("56001", "99000000024")


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_an_outcome_is_taken_back(care: Care, dispatch: Dispatch, order: tuple[int, ...]) -> None:
    enrolment = await care.enrolment()
    ref = enrolment["patient_ref"]
    events = [confirmed(ref), missed(ref), outcome_undone(ref)]
    for position in order:
        await dispatch.tell(events[position])
    (booking,) = await bookings(care, enrolment)
    assert (booking["state"], booking["starts_at"]) == ("confirmed", "2026-11-24T09:00:00Z")


async def test_an_end_that_comes_first_waits_for_the_details(care: Care, dispatch: Dispatch) -> None:
    enrolment = await care.enrolment()
    await dispatch.tell(missed(enrolment["patient_ref"]))
    (early,) = await bookings(care, enrolment)
    assert (early["state"], early["starts_at"]) == ("missed", None)
    await dispatch.tell(confirmed(enrolment["patient_ref"]))
    (late,) = await bookings(care, enrolment)
    assert (late["state"], late["starts_at"]) == ("missed", "2026-11-24T09:00:00Z")


@pytest.mark.parametrize("ref", [None, "somebody-elses-patient", str(UUID(int=1))])
async def test_other_patients_are_not_stored(care: Care, dispatch: Dispatch, ref: str | None) -> None:
    await care.enrolment()
    await dispatch.tell(confirmed(ref), cancelled(ref))
    assert await care.count("enrolment_booking") == 0


async def test_a_patient_who_is_not_enrolled_leaves_no_trace(care: Care, dispatch: Dispatch) -> None:
    patient = await care.patient()
    await dispatch.tell(confirmed(patient["ref"]))
    assert await care.count("enrolment_booking") == 0


async def test_a_patient_is_known_by_the_reference_and_never_by_the_id(care: Care, dispatch: Dispatch) -> None:
    enrolment = await care.enrolment()
    await dispatch.tell(confirmed(enrolment["patient_id"]))
    assert await bookings(care, enrolment) == []


async def test_another_territory_cannot_put_a_booking_here(care: Care, dispatch: Dispatch) -> None:
    enrolment = await care.enrolment()
    await dispatch.tell(confirmed(enrolment["patient_ref"], territory=OTHER))
    assert await bookings(care, enrolment) == []


async def test_a_booking_of_an_ended_enrolment_is_followed_and_a_new_one_is_not(care: Care, dispatch: Dispatch) -> None:
    enrolment = await care.enrolment()
    ref = enrolment["patient_ref"]
    await dispatch.tell(confirmed(ref))
    await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "other"}, status=200)
    await dispatch.tell(cancelled(ref), confirmed(ref, booking=UUID(int=8)))
    found = await bookings(care, enrolment)
    assert [(item["booking_id"], item["state"]) for item in found] == [(str(BOOKING), "cancelled")]


async def test_the_samples_of_the_dispatch_are_understood(care: Care, dispatch: Dispatch) -> None:
    """What the dispatch's own tests wrote down, with the reference of one of our patients put in."""
    enrolment = await care.enrolment()
    told = samples(BookingConfirmed, BookingMoved, BookingCancelled, BookingFulfilled, BookingMissed)
    assert len(told) == 5
    for number, sample in enumerate(told, start=1):
        sample["data"] |= {"patient_ref": enrolment["patient_ref"], "booking_id": str(UUID(int=number))}
        envelope = BY_NAME[sample["type"]].envelope.model_validate({**sample, "id": str(uuid4())})
        await dispatch.tell(envelope.model_copy(update={"territory": "pays-de-redon"}))
    states = {item["state"] for item in await bookings(care, enrolment)}
    assert states == {"confirmed", "cancelled", "fulfilled", "missed"}
