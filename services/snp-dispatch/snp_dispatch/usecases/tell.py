"""Events that several use cases tell."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from contracts.slots import SlotEffector, SlotPublished
from contracts.snp_dispatch import BookingConfirmed, HoldExpired, HoldReleased
from kit.work import Record, Work

PLACED, PUBLISHED = 1, 1
"""Version of a hold when it is placed, of a slot when it is published."""

_CODE = re.compile(r"[a-z0-9_-]{1,40}\Z")


def reason_code(reason: str) -> str:
    """What a reason may say on the bus: a code as it is; free text stays here, it may name somebody."""
    return reason if _CODE.match(reason) else "free_text"


def effector(kind: str, number: str) -> SlotEffector:
    """A person by RPPS or a structure by FINESS."""
    return SlotEffector(rpps=number) if kind == "person" else SlotEffector(finess=number)


def holds_ended(work: Work, ended: Iterable[Mapping[str, Any]], territory: str | None = None) -> None:
    """One event for each hold that was released or whose time had passed."""
    for row in ended:
        told = HoldExpired if row["state"] == "expired" else HoldReleased
        payload = told(
            hold_id=UUID(str(row["id"])), call_id=UUID(str(row["call_id"])), slot_id=UUID(str(row["slot_id"]))
        )
        work.emit(payload, version=row["version"], territory=territory or work.territory)


def slot_published(
    work: Work, slot: Mapping[str, Any], territory: str | None = None, *, version: int = PUBLISHED
) -> None:
    """A slot is open; `slot` has the columns of the slot and the effector's `kind`. A later version: open again."""
    payload = SlotPublished(
        slot_id=slot["id"],
        effector=effector(slot["kind"], slot["effector_id"]),
        profession=slot["profession"],
        specialties=tuple(slot["specialties"]),
        starts_at=slot["starts_at"],
        ends_at=slot["ends_at"],
        commune=slot["commune"],
        mode=slot["mode"],
        audience=tuple(slot["audience"]),
        capacity=slot["capacity"],
        acts=tuple(slot["acts"]),
        min_age=slot["min_age"],
        max_age=slot["max_age"],
        own_patients_only=slot["own_patients_only"],
        accessibility=tuple(slot["accessibility"]),
        embargo_until=slot["embargo_until"],
        release_at=slot["release_at"],
        release_audience=tuple(slot["release_audience"]),
    )
    work.emit(payload, version=version, territory=territory or work.territory)


def booking_confirmed(work: Work, booking: Record | Mapping[str, Any]) -> None:
    """A patient has a visit; `booking` has the columns of the booking."""
    payload = BookingConfirmed(
        booking_id=booking["id"],
        call_id=booking["call_id"],
        slot_id=booking["slot_id"],
        origin=booking["origin"],
        effector=effector(booking["effector_kind"], booking["effector_id"]),
        starts_at=booking["starts_at"],
        ends_at=booking["ends_at"],
        commune=booking["commune"],
        mode=booking["mode"],
        audience=tuple(booking["audience"]),
        patient_ref=booking["patient_ref"],
        call_received_at=booking["call_received_at"],
        overbooked=booking["overbooked"],
    )
    work.emit(payload, version=1)
