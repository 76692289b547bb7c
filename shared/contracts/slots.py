"""Payloads of the dispatch on slots and on who offers them."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload

AudienceCode = Literal["PUBLIC", "PRO", "SNP", "CPTS"]
CareMode = Literal["AMB", "HH", "VR"]


class SlotEffector(Payload):
    """Who serves the slot (*effecteur*): a person by RPPS or a structure by FINESS; exactly one is set."""

    rpps: str | None = None
    finess: str | None = None


class SlotPublished(Payload):
    """A slot is open to its audience. Profession and specialties are those known when it was published.

    Told again with a later version when a slot that its effector's own calendar had closed is open again.
    """

    slot_id: UUID
    effector: SlotEffector
    profession: str | None
    specialties: tuple[str, ...]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    commune: str
    mode: CareMode
    audience: tuple[AudienceCode, ...]
    capacity: int = 1
    acts: tuple[str, ...] = Field(default=(), description="Codes of the dispatch's catalogue, for instance sutures")
    min_age: int | None = Field(default=None, description="Years, included; null is no limit")
    max_age: int | None = Field(default=None, description="Years, included; null is no limit")
    own_patients_only: bool = Field(default=False, description="For patients whose regular doctor serves the slot")
    accessibility: tuple[str, ...] = Field(default=(), description="Codes of the dispatch's catalogue")
    embargo_until: AwareDatetime | None = Field(default=None, description="Open to nobody before")
    release_at: AwareDatetime | None = Field(default=None, description="From here on open to release_audience too")
    release_audience: tuple[AudienceCode, ...] = ()


class SlotWithdrawn(Payload):
    """A slot is no longer offered; it keeps no claim."""

    slot_id: UUID
    reason: str


class SlotReleased(Payload):
    """The time came at which a slot opens to more audiences: its embargo ended or its release began.

    Told once for each, whether or not the slot is still free. `audience` is all of those it is open to now.
    """

    slot_id: UUID
    audience: tuple[AudienceCode, ...]
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class PauseStarted(Payload):
    """An effector takes no more patients on the territory, until an instant or until they say so.

    Told again when the end or the reason changes.
    """

    pause_id: UUID
    effector: SlotEffector
    starts_at: AwareDatetime
    until: AwareDatetime | None
    reason: str


class PauseEnded(Payload):
    """The slots of the effector are on offer again."""

    pause_id: UUID
    effector_number: str = Field(description="RPPS or FINESS")
    ended_at: AwareDatetime


class SlotLent(Payload):
    """A neighbour booked a seat of this territory's slot under a grant. It is not unfilled; the booking is theirs."""

    booking_id: UUID
    slot_id: UUID
    grant_id: UUID
    to_territory: str
    starts_at: AwareDatetime


class EffectorClosed(Payload):
    """A period of an agenda closed: its slots left the offer, its patients were moved or wait again."""

    closure_id: UUID
    effector: SlotEffector
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str
    slots: int
    moved: int
    waiting: int
