"""What the dispatch tells of a booking. Events may come late, twice or in another order."""

from datetime import datetime
from typing import TypeVar

from contracts.envelope import Event
from contracts.snp_dispatch import (
    BookingCancelled,
    BookingConfirmed,
    BookingFulfilled,
    BookingMissed,
    BookingMoved,
    BookingOutcomeUndone,
)
from kit.work import Work
from pathways.store.bookings import Sighting, Visit
from pathways.usecases.note_booking import note_booking

B = TypeVar(
    "B", BookingConfirmed, BookingMoved, BookingCancelled, BookingFulfilled, BookingMissed, BookingOutcomeUndone
)


async def on_confirmed(event: Event[BookingConfirmed], work: Work) -> None:
    """Also when the booking ended before this event came: only it says when and where the visit is."""
    visit = _visit(event.data, event.occurred_at)
    await note_booking(work, event.data.patient_ref, _sighting(event, "confirmed", visit))


async def on_moved(event: Event[BookingMoved], work: Work) -> None:
    """The visit stands, elsewhere or at another time."""
    visit = _visit(event.data, None)
    await note_booking(work, event.data.patient_ref, _sighting(event, "confirmed", visit))


async def on_cancelled(event: Event[BookingCancelled], work: Work) -> None:
    await note_booking(work, event.data.patient_ref, _sighting(event, "cancelled", ended_by=event.data.by))


async def on_fulfilled(event: Event[BookingFulfilled], work: Work) -> None:
    await note_booking(work, event.data.patient_ref, _sighting(event, "fulfilled"))


async def on_missed(event: Event[BookingMissed], work: Work) -> None:
    await note_booking(work, event.data.patient_ref, _sighting(event, "missed"))


async def on_outcome_undone(event: Event[BookingOutcomeUndone], work: Work) -> None:
    """Fulfilled or missed was a mistake."""
    await note_booking(work, event.data.patient_ref, _sighting(event, "confirmed"))


def _visit(data: BookingConfirmed | BookingMoved, confirmed_at: datetime | None) -> Visit:
    return Visit(
        confirmed_at=confirmed_at,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        commune=data.commune,
        mode=data.mode,
        rpps=data.effector.rpps,
        finess=data.effector.finess,
    )


def _sighting(event: Event[B], state: str, visit: Visit | None = None, ended_by: str | None = None) -> Sighting:
    told, version, at = event.data, event.aggregateversion, event.occurred_at
    return Sighting(told.booking_id, state, version, at, told.call_id, visit, ended_by)
