"""Payloads that the dispatch owns. No patient identity: an age band, a commune and an opaque reference at most."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload
from contracts.slots import AudienceCode, CareMode, SlotEffector

Origin = Literal["ed", "single_number", "sas", "professional", "pathway"]
"""Who asked. `pathway`: a step of a patient's pathway that needs a visit, told by event."""


class CallReceived(Payload):
    """Someone asked for unscheduled care. Told once per call, whatever the outcome."""

    call_id: UUID
    origin: Origin
    organisation: str | None
    profession: str
    specialty: str | None
    age_band: str = Field(description="Ten years wide, for instance 60-69; 90+ at the top")
    commune: str | None
    patient_ref: str | None = Field(description="Opaque pseudonym for the dispatch, given by pathways; or null")
    received_at: AwareDatetime
    deadline: AwareDatetime


class CallScreened(Payload):
    """The territory's policy was applied. `conditions` holds the codes that did not pass."""

    call_id: UUID
    outcome: Literal["accepted", "refused", "redirected"]
    policy_version: str
    conditions: tuple[str, ...]
    redirect_to: str | None = None


class CallUnmatched(Payload):
    """No slot fits the call now; it waits."""

    call_id: UUID
    deadline: AwareDatetime


class CallOffered(Payload):
    """A seat that freed is kept for a waiting call until `expires_at`: its caller accepts it, or it goes on."""

    call_id: UUID
    hold_id: UUID
    slot_id: UUID
    starts_at: AwareDatetime
    commune: str
    mode: CareMode
    expires_at: AwareDatetime
    eased_by: tuple[str, ...] = Field(default=(), description="Steps of the ladder without which it would not fit")


class CallEscalated(Payload):
    """A step of the territory's escalation ladder was taken for a waiting call, or skipped with a reason."""

    call_id: UUID
    position: int
    step: str = Field(description="For instance widen_radius, video, human, back_to_caller")
    outcome: Literal["done", "skipped"]
    reason: str | None
    redirect_to: str | None = Field(description="Where the caller is told to turn meanwhile (back_to_caller)")
    ladder_version: str
    next_at: AwareDatetime | None
    deadline: AwareDatetime
    grants: tuple[UUID, ...] = Field(default=(), description="Of neighbours whose slots may be booked (neighbour)")


class OfferMade(Payload):
    """A waiting call is offered to a practitioner who volunteered; they answer before `expires_at`."""

    offer_id: UUID
    call_id: UUID
    effector: SlotEffector
    how: Literal["one_by_one", "broadcast"]
    profession: str
    specialty: str | None
    expires_at: AwareDatetime
    deadline: AwareDatetime


class OfferAccepted(Payload):
    """The volunteer took the call: there is a slot and a booking."""

    offer_id: UUID
    call_id: UUID
    effector: SlotEffector
    slot_id: UUID
    booking_id: UUID


class OfferDeclined(Payload):
    """The volunteer said no. `reason` is a code."""

    offer_id: UUID
    call_id: UUID
    effector: SlotEffector
    reason: str


class OfferExpired(Payload):
    """The volunteer did not answer in time."""

    offer_id: UUID
    call_id: UUID
    effector: SlotEffector


class OfferClosed(Payload):
    """Somebody else serves the call, or nobody has to any more."""

    offer_id: UUID
    call_id: UUID
    effector: SlotEffector


class CallCancelled(Payload):
    """The call was closed by its author before any booking."""

    call_id: UUID
    reason: str


class CallExpired(Payload):
    """The deadline passed and no visit stands: none was booked, or the town called it off after the deadline."""

    call_id: UUID
    origin: Origin
    deadline: AwareDatetime


class CallNotSeen(Payload):
    """The time of the call is over and its patient was not seen. Told once; a later `booking.fulfilled` replaces it.

    `no_visit`: none was given. `missed`: a no-show. `outcome_unknown`: a visit was given and hours after its end
    nobody has said that it took place.
    """

    call_id: UUID
    origin: Origin
    received_at: AwareDatetime
    deadline: AwareDatetime
    why: Literal["no_visit", "missed", "outcome_unknown"]


class HoldPlaced(Payload):
    """A seat is kept for a caller until `expires_at`."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: AwareDatetime
    fence: int | None = None


class HoldExtended(Payload):
    """The hold has more time, once."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: AwareDatetime


class HoldTransferred(Payload):
    """The hold has another holder; the token of the one before is dead. `fence` grows with every holder."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID
    fence: int


class HoldExpiring(Payload):
    """The hold ends soon, at `expires_at`: told once before each end."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: AwareDatetime


class HoldReleased(Payload):
    """The caller gave the seat back."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID


class HoldExpired(Payload):
    """The hold's time passed; the seat is free."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID


class BookingConfirmed(Payload):
    """A patient has a visit. Self-sufficient: consumers need no earlier event to understand it."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    origin: Origin
    effector: SlotEffector
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    commune: str
    mode: CareMode
    audience: tuple[AudienceCode, ...]
    patient_ref: str | None
    call_received_at: AwareDatetime
    overbooked: bool = Field(
        default=False,
        description="An extra patient (surnuméraire) of a full slot: whatever else holds the slot holds it still",
    )


class BookingMoved(Payload):
    """The visit has another slot; the seat of the old one, unless it was an extra one, is free.

    Self-sufficient: when and where it is now. In its new slot it is no extra patient.
    """

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    from_slot_id: UUID
    from_effector: SlotEffector
    from_starts_at: AwareDatetime
    by: str
    reason: str
    origin: Origin
    effector: SlotEffector
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    commune: str
    mode: CareMode
    audience: tuple[AudienceCode, ...]
    patient_ref: str | None
    call_received_at: AwareDatetime


class BookingCancelled(Payload):
    """The visit will not take place; the seat is free again."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    by: str
    reason: str
    patient_ref: str | None


class BookingFulfilled(Payload):
    """The visit took place (*honoré*)."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    patient_ref: str | None
    source: str | None = Field(default=None, description="Role of who said it, or import")


class BookingMissed(Payload):
    """The visit did not take place (*non honoré*, no-show) and who was absent."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    absent: Literal["patient", "practitioner"]
    patient_ref: str | None
    source: str | None = Field(default=None, description="Role of who said it, or import")


class BookingOutcomeUndone(Payload):
    """What was said of the visit was a mistake: it is confirmed, as before. An outcome may be said again."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    was: Literal["fulfilled", "no_show"]
    source: str
    reason: str
    patient_ref: str | None


class CompensationValued(Payload):
    """What a reserved slot whose patient did not come is worth (*SNP non honoré*), where the territory pays for it.

    Told with the outcome; 0 when that is taken back. Before any ceiling: who pays (the directory) applies `yearly_cap`,
    the territory's own for such slots, and the ceiling of the person (PASS). No patient, no call.
    """

    booking_id: UUID
    rpps: str
    day: date = Field(description="Of the visit, by the clock of the territory")
    amount_cents: int = Field(ge=0, description="Euro cents")
    yearly_cap_cents: int | None = Field(description="Most that a professional gets for such slots in a calendar year")
    final_on: date = Field(description="First day on which the outcome can no longer be taken back")
    rules_version: str


class BookingReminderDue(Payload):
    """The patient is to be reminded of the visit now. Told once for each time before a visit that the policy names."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    effector: SlotEffector
    starts_at: AwareDatetime
    minutes_before: int
    patient_ref: str | None
