"""An agenda as an iCalendar file (RFC 5545). No patient in it, only that the time is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from icalendar import Calendar, Event

PRODUCT = "-//CPTS//Dispatch of unscheduled care//FR"


@dataclass(frozen=True)
class Entry:
    """A slot in somebody's agenda; `place` is the name of the commune. `booked` is more than `capacity` with extra
    patients."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    booked: int
    capacity: int
    version: int


def calendar(entries: Iterable[Entry], now: datetime) -> bytes:
    """The file. A slot with a visit is busy time, one without is shown and leaves the time free."""
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("x-wr-calname", "CPTS")
    found.add("refresh-interval;value=duration", "PT15M")
    for entry in entries:
        found.add_component(_event(entry, now))
    return bytes(found.to_ical())


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.slot_id}@cpts")
    event.add("dtstamp", now)
    event.add("sequence", entry.version + entry.booked)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", _summary(entry))
    event.add("location", entry.place)
    event.add("transp", "OPAQUE" if entry.booked else "TRANSPARENT")
    return event


def _summary(entry: Entry) -> str:
    if not entry.booked:
        return "Open (CPTS)"
    return "Booked (CPTS)" if entry.booked == entry.capacity == 1 else f"Booked {entry.booked}/{entry.capacity} (CPTS)"
