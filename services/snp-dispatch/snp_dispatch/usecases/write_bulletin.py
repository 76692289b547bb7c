"""The patient's appointment sheet (*bulletin de réorientation*), with a name only for whom may read it."""

from uuid import UUID

from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.bulletin import Appointment, Bulletin, bulletin
from snp_dispatch.store import appointments
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.contacts import read_contact
from snp_dispatch.usecases.problems import not_found

READS_CONTACTS = "calls:contact"
_WITHOUT_NAME = ("contact_not_yours", "contact_not_found", "contact_sealed")
_PRINTED = ("confirmed", "fulfilled")


def short_id(booking_id: UUID) -> str:
    """Eight characters to tell on the phone; the end of the id, as its beginning is the time."""
    return booking_id.hex[-8:]


async def write_bulletin(work: Work, rules: Rules, keyring: Keyring, caller: Caller, booking_id: UUID) -> Bulletin:
    """The sheet of a visit. When it carries a name, that is a reading of the contact, and audited as one.

    Raises Problem 404 `booking_not_found`, 403 `not_your_booking`, 409 `booking_not_active` for a visit that is off.
    """
    row = await appointments.get(work, booking_id)
    if row is None:
        raise not_found("booking")
    access.own_booking(caller, row["effector_id"], row["client"])
    if row["state"] not in _PRINTED:
        raise Problem(409, "booking_not_active", f"This visit is {row['state']}", state=row["state"])
    patient = await _patient(work, keyring, caller, row["call_id"])
    return bulletin(_appointment(work, rules, row, patient), rules.bulletins[work.territory], work.now)


async def _patient(work: Work, keyring: Keyring, caller: Caller, call_id: UUID) -> str | None:
    if READS_CONTACTS not in caller.scopes:
        return None
    try:
        contact = await read_contact(work, keyring, caller, call_id)
    except Problem as refused:
        if refused.code in _WITHOUT_NAME:
            return None
        raise
    return contact["name"]


def _appointment(work: Work, rules: Rules, row: Record, patient: str | None) -> Appointment:
    territory = rules.territories[work.territory].name
    return Appointment(
        reference=short_id(row["id"]),
        starts_at=row["starts_at"],
        commune=rules.gazetteer.name(row["commune"]),
        practitioner=row["practitioner"],
        mode=row["mode"],
        mode_label=rules.catalogue.modes[row["mode"]],
        sender=row["sender"] or territory,
        territory=territory,
        zone=rules.zones.of(row["commune"]),
        patient=patient,
    )
