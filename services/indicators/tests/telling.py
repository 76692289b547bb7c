"""Events as the other services tell them, and a stage on which the service's own code handles them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from contracts import snp_dispatch as dispatch
from contracts.envelope import Event, Payload
from contracts.registry import BY_NAME, BY_PAYLOAD, STREAMS
from contracts.slots import SlotEffector, SlotPublished, SlotWithdrawn
from indicators.consumers.on_event import on_event
from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure
from indicators.domain.periods import parse_period
from indicators.settings import IndicatorsSettings
from indicators.usecases.compute_figures import compute_figures
from kit.bus import Bus
from kit.clock import FixedClock
from kit.database import Database
from kit.testing.servers import Servers

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TERRITORY = "pays-de-redon"
SLOT_AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
GP, OTHER_GP, NURSE = "99000000016", "99000000024", "99000000032"


def event_of(
    payload: Payload, version: int, *, territory: str = TERRITORY, time: datetime = NOW, event_id: UUID | None = None
) -> Event[Any]:
    """The payload in its envelope, as the owner's relay publishes it."""
    kind = BY_PAYLOAD[type(payload)]
    return kind.envelope(
        id=event_id or uuid4(),
        source=kind.source,
        type=kind.name,
        time=time,
        subject=str(getattr(payload, kind.aggregate_id)),
        territory=territory,
        aggregateversion=version,
        correlationid="test",
        data=payload,
    )


def quarter(starts_at: datetime, rpps: str = GP) -> dict[str, Any]:
    """A quarter of an hour of a practitioner, as slots and bookings tell it."""
    return {
        "effector": SlotEffector(rpps=rpps),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=15),
        "commune": "35236",
        "mode": "AMB",
        "audience": ("SNP", "CPTS"),
    }


class Teller:
    """Builds the dispatch's events with sensible values for what a test does not care about."""

    def published(
        self, slot: UUID, version: int = 1, *, territory: str = TERRITORY, time: datetime = NOW, **values: Any
    ) -> Event[Any]:
        when = quarter(values.pop("starts_at", SLOT_AT), values.pop("rpps", GP))
        defaults = {"profession": "10", "specialties": ("general-practice",), **when}
        return event_of(SlotPublished(slot_id=slot, **{**defaults, **values}), version, territory=territory, time=time)

    def withdrawn(self, slot: UUID, version: int = 2, **envelope: Any) -> Event[Any]:
        return event_of(SlotWithdrawn(slot_id=slot, reason="ill"), version, **envelope)

    def received(
        self, call: UUID, origin: dispatch.Origin = "ed", *, at: datetime = NOW, **envelope: Any
    ) -> Event[Any]:
        payload = dispatch.CallReceived(
            call_id=call,
            origin=origin,
            organisation="CHIRC",
            profession="10",
            specialty="general-practice",
            age_band="60-69",
            commune="35236",
            patient_ref="p-1",
            received_at=at,
            deadline=at + timedelta(hours=48),
        )
        return event_of(payload, 1, **envelope)

    def screened(self, call: UUID, outcome: Any = "accepted", version: int = 2, **envelope: Any) -> Event[Any]:
        payload = dispatch.CallScreened(call_id=call, outcome=outcome, policy_version="1", conditions=())
        return event_of(payload, version, **envelope)

    def confirmed(
        self,
        booking: UUID,
        slot: UUID,
        call: UUID,
        *,
        origin: dispatch.Origin = "ed",
        starts_at: datetime = SLOT_AT,
        call_received_at: datetime = NOW,
        overbooked: bool = False,
        **envelope: Any,
    ) -> Event[Any]:
        payload = dispatch.BookingConfirmed(
            booking_id=booking,
            call_id=call,
            slot_id=slot,
            origin=origin,
            patient_ref="p-1",
            call_received_at=call_received_at,
            overbooked=overbooked,
            **quarter(starts_at),
        )
        return event_of(payload, 1, **envelope)

    def moved(
        self,
        booking: UUID,
        slots: tuple[UUID, UUID],
        call: UUID,
        version: int = 2,
        *,
        starts_at: datetime = SLOT_AT,
        **envelope: Any,
    ) -> Event[Any]:
        """From the first slot to the second."""
        payload = dispatch.BookingMoved(
            booking_id=booking,
            call_id=call,
            slot_id=slots[1],
            from_slot_id=slots[0],
            from_effector=SlotEffector(rpps=GP),
            from_starts_at=SLOT_AT,
            by="practitioner",
            reason="ill",
            origin="ed",
            patient_ref="p-1",
            call_received_at=NOW,
            **quarter(starts_at),
        )
        return event_of(payload, version, **envelope)

    def cancelled(self, booking: UUID, slot: UUID, call: UUID, version: int = 2, **envelope: Any) -> Event[Any]:
        payload = dispatch.BookingCancelled(
            booking_id=booking, call_id=call, slot_id=slot, by="patient", reason="better", patient_ref="p-1"
        )
        return event_of(payload, version, **envelope)

    def fulfilled(self, booking: UUID, slot: UUID, call: UUID, version: int = 2, **envelope: Any) -> Event[Any]:
        payload = dispatch.BookingFulfilled(booking_id=booking, call_id=call, slot_id=slot, patient_ref="p-1")
        return event_of(payload, version, **envelope)

    def missed(self, booking: UUID, slot: UUID, call: UUID, version: int = 2, **envelope: Any) -> Event[Any]:
        payload = dispatch.BookingMissed(
            booking_id=booking, call_id=call, slot_id=slot, absent="patient", patient_ref="p-1"
        )
        return event_of(payload, version, **envelope)

    def outcome_undone(self, booking: UUID, slot: UUID, call: UUID, version: int = 3, **envelope: Any) -> Event[Any]:
        payload = dispatch.BookingOutcomeUndone(
            booking_id=booking,
            call_id=call,
            slot_id=slot,
            was="no_show",
            source="practitioner",
            reason="mistake",
            patient_ref="p-1",
        )
        return event_of(payload, version, **envelope)

    def reminder_due(self, booking: UUID, slot: UUID, call: UUID, version: int = 2, **envelope: Any) -> Event[Any]:
        payload = dispatch.BookingReminderDue(
            booking_id=booking,
            call_id=call,
            slot_id=slot,
            effector=SlotEffector(rpps=GP),
            starts_at=SLOT_AT,
            minutes_before=120,
            patient_ref="p-1",
        )
        return event_of(payload, version, **envelope)


@dataclass
class Stage:
    """The service's database under its two roles, a fixed clock, the real catalogue."""

    db: Database
    system: Database
    clock: FixedClock
    catalogue: Catalogue

    async def handle(self, *events: Event[Any]) -> None:
        """Each in a transaction of its own, one after the other."""
        for event in events:
            async with self.db.work(event.territory) as work:
                await on_event(event, work)

    async def handle_at_once(self, events: Iterable[Event[Any]]) -> None:
        """All of them at the same time, on their own connections."""
        await asyncio.gather(*(self.handle(event) for event in events))

    async def figure(self, indicator_id: str, period: str = "2026-Q4", territory: str = TERRITORY) -> Figure:
        """The figure as the API computes it."""
        (figure,) = await self.figures(period, territory, indicator_id)
        return figure

    async def figures(self, period: str, territory: str = TERRITORY, *ids: str) -> list[Figure]:
        wanted = [item for item in self.catalogue.indicators if (item.id in ids if ids else item.is_fed)]
        async with self.db.work(territory) as work:
            return await compute_figures(work, wanted, parse_period(period, self.catalogue.zone))

    async def value(self, indicator_id: str, period: str = "2026-Q4", territory: str = TERRITORY) -> Any:
        return (await self.figure(indicator_id, period, territory)).value


@asynccontextmanager
async def open_stage(settings: IndicatorsSettings, catalogue: Catalogue) -> AsyncIterator[Stage]:
    """The stage on the database of `settings`."""
    url, clock = settings.database_url.get_secret_value(), FixedClock(NOW)
    db = await Database.create(url, "indicators_app", clock, pool_size=10, name="stage")
    system = await Database.create(url, "indicators_system", clock, pool_size=2, name="stage")
    try:
        yield Stage(db, system, clock, catalogue)
    finally:
        await db.close()
        await system.close()


@dataclass
class Town:
    """The bus with the streams of every owner, on which their events are published."""

    buses: dict[str, Bus]

    async def publish(self, *events: Event[Any], again: bool = False) -> None:
        """As the owners' relays do. `again` leaves out the id by which JetStream would recognise a repeat."""
        for event in events:
            kind = BY_NAME[event.type]
            headers = {} if again else {"Nats-Msg-Id": str(event.id)}
            await self.raw(kind.subject(event.territory), event.model_dump_json().encode(), kind.owner, headers)

    async def raw(self, subject: str, body: bytes, owner: str, headers: dict[str, str] | None = None) -> None:
        await self.buses[owner].jetstream.publish(subject, body, headers=headers)


@asynccontextmanager
async def open_town(servers: Servers) -> AsyncIterator[Town]:
    """Every owner's own connection, with that owner's rights."""
    buses = {owner: await Bus.connect(servers.nats_url(owner), owner, "test") for owner in STREAMS}
    try:
        for bus in buses.values():
            await bus.ensure_streams()
        yield Town(buses)
    finally:
        for bus in buses.values():
            await bus.close()
