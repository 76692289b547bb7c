"""A booking of the dispatch appears on the pathway of its patient."""

from uuid import UUID

from kit.work import Work
from pathways.store import bookings
from pathways.store.bookings import Sighting
from pathways.usecases.follow_visit import follow_visit


async def note_booking(work: Work, patient_ref: str | None, seen: Sighting) -> None:
    """Keeps it when the reference is that of an enrolled patient; otherwise nothing is stored."""
    ref = _ours(patient_ref)
    if ref is not None:
        await bookings.project(work, ref, seen)
        await follow_visit(work, seen.call_id, seen.at)


def _ours(patient_ref: str | None) -> UUID | None:
    """Our references are UUIDs; another system's may be anything."""
    try:
        return UUID(patient_ref) if patient_ref else None
    except ValueError:
        return None
