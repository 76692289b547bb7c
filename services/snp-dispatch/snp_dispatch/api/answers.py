"""From rows and use-case results to what the routes answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from kit.answers import filled
from kit.work import Record
from snp_dispatch.api.schemas import EffectorOut, PlaceOut
from snp_dispatch.api.schemas_calls import (
    BookingOut,
    CallOut,
    CallSummaryOut,
    HoldOut,
    LiveHoldOut,
    RedirectOut,
    ScreeningOut,
)
from snp_dispatch.api.schemas_slots import AvailabilityOut, PauseOut, SlotOut
from snp_dispatch.domain.states import held_now, waits_now
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules

_NAMED = ("effector", "place", "time_zone")
"""What an answer says by name or zone, not as the row does."""

Columns = Record | Mapping[str, Any]


def effector_out(row: Columns) -> EffectorOut:
    number = {"rpps": row["effector_id"]} if row["kind"] == "person" else {"finess": row["effector_id"]}
    return EffectorOut(**number, name=row["name"])


def place_out(rules: Rules, commune: str) -> PlaceOut:
    return PlaceOut(commune=commune, name=rules.gazetteer.name(commune))


def slot_out(rules: Rules, row: Record) -> SlotOut:
    zone = rules.zones.of(row["commune"]).key
    return filled(SlotOut, row, effector=effector_out(row), place=place_out(rules, row["commune"]), time_zone=zone)


def pause_out(row: Record) -> PauseOut:
    return filled(PauseOut, row, effector=effector_out(row))


def availability_out(rules: Rules, row: Record) -> AvailabilityOut:
    return filled(
        AvailabilityOut,
        row,
        effector=effector_out(row),
        place=place_out(rules, row["commune"]),
        time_zone=rules.zones.of(row["commune"]).key,
        public_holidays="skip" if row["skip_holidays"] else "keep",
        starts=f"{row['starts']:%H:%M}",
        ends=f"{row['ends']:%H:%M}",
    )


def booking_out(rules: Rules, row: Columns) -> BookingOut:
    person = row["effector_kind"] == "person"
    return filled(
        BookingOut,
        row,
        practitioner_rpps=row["effector_id"] if person else None,
        practitioner_finess=None if person else row["effector_id"],
        place=place_out(rules, row["commune"]),
    )


def hold_out(row: Columns, now: datetime) -> HoldOut:
    state = held_now(row["state"], row["expires_at"], now)
    return HoldOut(
        id=row["id"],
        call_id=row["call_id"],
        slot_id=row["slot_id"],
        expires_at=row["expires_at"],
        state=state,
        fence=row["fence"],
        extended=row["extended_at"] is not None,
    )


def redirect_out(rules: Rules, to: str | None) -> RedirectOut | None:
    return RedirectOut(to=to, label=rules.catalogue.redirects.get(to, to)) if to else None


def call_out(rules: Rules, row: Row, booking: Columns | None, now: datetime) -> CallOut:
    """`row` has the columns of a call and `hold`, its live hold or None."""
    hold = row["hold"]
    return CallOut(
        **{name: row[name] for name in _ALIKE},
        state=waits_now(row["state"], row["deadline"], now),
        screening=ScreeningOut(
            outcome=row["outcome"],
            policy_version=row["policy_version"],
            policy_validated=row["policy_validated"],
            conditions=row["conditions"],
        ),
        booking=booking_out(rules, booking) if booking else None,
        redirect=redirect_out(rules, row["redirect_to"]),
        regular_doctor=_regular_doctor(row),
        regular_doctor_tried=row["regular_doctor"],
        hold=LiveHoldOut(**hold) if hold else None,
    )


def _regular_doctor(row: Row) -> Literal["offered", "no_slot"] | None:
    doctor = row["patient"]["regular_doctor_rpps"]
    if doctor is None or row["outcome"] != "accepted":
        return None
    # Theirs come first, so that they are among those that are shown when there are any.
    return "offered" if any(it["practitioner"]["rpps"] == doctor for it in row["proposals"]) else "no_slot"


def call_summary_out(row: Row) -> CallSummaryOut:
    return CallSummaryOut(
        id=row["id"],
        state=row["state"],
        origin=row["origin"],
        organisation=row["caller"]["organisation"],
        received_at=row["received_at"],
        deadline=row["deadline"],
        profession=row["need"]["profession"],
        specialty=row["need"]["specialty"],
        commune=row["patient"]["commune"],
        screening_outcome=row["outcome"],
        booking_id=row["booking_id"],
    )


_ALIKE = (
    "id", "received_at", "deadline", "proposals", "relaxations", "origin", "caller", "patient", "need", "constraints",
    "out_of_hours",
)  # fmt: skip
