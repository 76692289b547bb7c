"""The visit that a call gets in a slot, from what the rule knows of the slot."""

from uuid import UUID

from snp_dispatch.domain.matching import Candidate
from snp_dispatch.store.bookings import NewBooking
from snp_dispatch.store.rows import Row


def new_booking(booking_id: UUID, call: Row, slot: Candidate) -> NewBooking:
    """`call` has its `id`, `origin`, `patient` and `received_at`."""
    return NewBooking(
        id=booking_id,
        call_id=call["id"],
        slot_id=slot.slot_id,
        effector_id=slot.effector,
        effector_kind="person" if slot.is_person else "structure",
        origin=call["origin"],
        patient_ref=call["patient"]["ref"],
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        commune=slot.commune,
        mode=slot.mode,
        audience=sorted(slot.audience),
        call_received_at=call["received_at"],
    )
