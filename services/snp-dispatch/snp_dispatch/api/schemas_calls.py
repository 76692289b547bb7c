"""Bodies and answers of the call, hold and booking routes."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.examples import an_ed_call
from snp_dispatch.api.schemas import EffectorOut, PlaceOut, ReasonIn
from snp_dispatch.api.schemas_outcomes import OutcomeOut
from snp_dispatch.domain.catalogue import CallerOrigin, Origin
from snp_dispatch.domain.request import CallerStated, ConstraintsStated, NeedStated, PatientStated, Stated
from snp_dispatch.domain.screening import Outcome, Result
from snp_dispatch.domain.states import BookingState, CallState, CancelledBy, HoldState

Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
"""E.164, for instance +33 and nine digits."""


class ContactIn(Stated):
    """So that the practitioner knows who comes. Write-only: sealed, never repeated in an answer."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    phone: Phone | None = Field(default=None, examples=["+33199005678"])


class PatientIn(PatientStated):
    contact: ContactIn | None = None


class CallIn(Stated):
    """A need, who states it and within which limits. Codes: `GET /v1/policies/current`."""

    model_config = ConfigDict(json_schema_extra={"examples": [an_ed_call(), an_ed_call(mode="book")]})

    origin: CallerOrigin
    caller: CallerStated
    patient: PatientIn
    need: NeedStated
    constraints: ConstraintsStated = ConstraintsStated()
    mode: Literal["propose", "book"] = Field(default="propose", description="`book` takes the best slot in one shot")


class ComparedOut(BaseModel):
    """A value that a condition looked at. `field` is the field of the request; `value` null: it was not given."""

    field: str = Field(examples=["need.vital_signs.spo2_percent"])
    ok: bool
    value: float | str | None = None
    min: float | None = None
    max: float | None = None
    allowed: list[str] | None = None


class ConditionOut(BaseModel):
    """A condition of the policy, how it came out and what was compared."""

    code: str
    outcome: Result
    detail: list[ComparedOut] = []


class ScreeningOut(BaseModel):
    """What the policy decided, and on what."""

    outcome: Outcome
    policy_version: str
    policy_validated: bool = Field(description="False: the policy is a proposal that no medical body has approved yet")
    conditions: list[ConditionOut]


class TravelOut(BaseModel):
    """The way to the place, and where its figures come from: `straight_line` or `travel_times`."""

    km: float
    minutes: float | None
    source: str


class ProposalOut(BaseModel):
    """A free slot that fits, what it costs (points, the lowest first) and why it stands there."""

    slot_id: UUID
    practitioner: EffectorOut
    place: PlaceOut
    distance_km: float | None = Field(description="Between communes, as the crow flies; null for a video visit")
    travel: TravelOut | None = Field(default=None, description="What the cost of the way rests on; null for video")
    starts_at: datetime
    ends_at: datetime
    mode: str
    cost: float
    cost_parts: dict[str, float]
    reasons: list[str]


class RelaxationOut(BaseModel):
    """How many more slots would fit with this constraint alone at the value `to`."""

    constraint: str = Field(examples=["max_distance_km"])
    to: Any
    slots: int
    at_least: bool = Field(description="True when counting stopped there")


class RedirectOut(BaseModel):
    """Where to turn instead of a town slot."""

    to: str = Field(examples=["15"])
    label: str


class MoveOut(BaseModel):
    """The visit was given another slot."""

    moved_at: datetime
    by: str
    reason: str
    from_slot_id: UUID
    from_starts_at: datetime
    to_slot_id: UUID
    to_starts_at: datetime


class BookingOut(BaseModel):
    """A visit."""

    id: UUID
    call_id: UUID
    slot_id: UUID
    practitioner_rpps: str | None
    practitioner_finess: str | None = None
    starts_at: datetime
    ends_at: datetime
    place: PlaceOut
    mode: str
    state: BookingState
    confirmed_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    reason: str | None = None
    absent: str | None = None
    overbooked: bool = Field(default=False, description="An extra patient beyond the seats of the slot (surnuméraire)")
    moves: list[MoveOut] = Field(default=[], description="Other slots that this visit had, the oldest first")
    outcomes: list[OutcomeOut] = Field(default=[], description="Said or taken back, the oldest first")


class LiveHoldOut(BaseModel):
    """The seat that the call holds now."""

    id: UUID
    slot_id: UUID
    expires_at: datetime
    fence: int


class RegularDoctorOut(BaseModel):
    """What came of trying the patient's own doctor first.

    `because`: for `not_fitting`, the constraints that their free slots break.
    """

    rpps: str
    outcome: Literal["offered", "no_slot", "not_participating", "not_fitting", "unknown"]
    because: list[str]
    looked_at: datetime
    until: datetime = Field(description="Latest start that was looked at")


class DutyOut(BaseModel):
    """Who answers out of hours: `ed_stay` (the emergency department keeps its patient), a *maison médicale de garde*
    (`mmg`), doctors on duty, the medical regulation. `call`: the number to call, before going anywhere."""

    kind: Literal["ed_stay", "mmg", "duty_doctor", "regulation"]
    name: str
    place: str | None
    call: str | None = Field(examples=["15"])
    opens_at: datetime
    closes_at: datetime


class OutOfHoursOut(BaseModel):
    """The wait crosses a night, a Sunday or a public holiday (R.6315-1 CSP): where to turn until then."""

    now: bool = Field(description="It has begun already")
    starts_at: datetime
    until: datetime = Field(description="When ordinary hours are back")
    where: list[DutyOut] = Field(description="Open during the wait, in order of opening; the regulation comes last")
    first_slot_after: datetime | None = Field(description="Earliest proposal from `until` on")
    version: str = Field(description="Of the territory's calendar of duties")


class CallOut(BaseModel):
    """A call, the decision on it, and what it got."""

    id: UUID
    state: CallState
    received_at: datetime
    deadline: datetime = Field(description="Latest start of the visit")
    screening: ScreeningOut
    proposals: list[ProposalOut] = Field(max_length=10, description="As they were found at receipt, best first")
    relaxations: list[RelaxationOut] = Field(description="Counted when there are few proposals")
    booking: BookingOut | None
    redirect: RedirectOut | None
    regular_doctor: Literal["offered", "no_slot"] | None = Field(
        description="Whether the patient's own doctor (médecin traitant) was found a slot; null when none is declared"
    )
    regular_doctor_tried: RegularDoctorOut | None = Field(default=None, description="The same, with its proof")
    hold: LiveHoldOut | None = None
    out_of_hours: OutOfHoursOut | None = Field(
        default=None, description="As it stood at receipt; null when the wait crosses no night and no holiday"
    )
    origin: Origin
    caller: CallerStated
    patient: PatientStated
    need: NeedStated
    constraints: ConstraintsStated


class CallSummaryOut(BaseModel):
    """A call in a list."""

    id: UUID
    state: CallState
    origin: Origin
    organisation: str | None
    received_at: datetime
    deadline: datetime
    profession: str
    specialty: str | None
    commune: str
    screening_outcome: Outcome
    booking_id: UUID | None


class ContactOut(BaseModel):
    """A patient's contact. This reading is written down."""

    name: str | None
    phone: str | None


class HoldIn(Stated):
    slot_id: UUID


class HoldOut(BaseModel):
    """A seat kept for a call until `expires_at`."""

    id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: datetime
    state: HoldState
    fence: int = Field(description="Grows with every holder of the seat: whoever has a smaller one is overtaken")
    extended: bool = Field(default=False, description="Its one extension is used")


class NewHoldOut(HoldOut):
    token: str = Field(description="Confirms, extends, hands over or releases the hold. Told once, here")


class TokenIn(Stated):
    token: str = Field(min_length=1, max_length=200)


class ConfirmIn(TokenIn):
    fence: int | None = Field(
        default=None, ge=1, le=2**63 - 1, description="Refuses when another holder came since: `hold_fence_stale`"
    )


class TransferIn(TokenIn):
    to: str | None = Field(
        default=None, min_length=1, max_length=200, description="To whom, for the record; no patient"
    )


class ReleaseIn(Stated):
    token: str | None = Field(default=None, max_length=200, description="Not needed by the call's author and operators")


class CancelBookingIn(ReasonIn):
    by: CancelledBy = Field(description="Who gives up the visit; patient and caller close the call")


class MoveIn(ReasonIn):
    """Another slot for a visit."""

    slot_id: UUID
    by: CancelledBy | None = Field(default=None, description="Who asks for it; the caller's own role when absent")


class NoShowIn(Stated):
    absent: Literal["patient", "practitioner"]
