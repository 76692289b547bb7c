"""Bodies and answers of the slot and availability routes."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from snp_dispatch.api.schemas import EffectorIn, EffectorOut, PlaceIn, PlaceOut
from snp_dispatch.domain.catalogue import Audience, Mode
from snp_dispatch.domain.request import Code, Stated

SlotState = Literal["free", "held", "booked", "withdrawn"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local time in France, `HH:MM`."""

_AUDIENCE = Field(
    min_length=1,
    max_length=4,
    description="TRE_R314: PUBLIC, PRO, SNP (SAS regulators), CPTS (its number and the emergency department)",
)


class SlotIn(Stated):
    """A slot to publish."""

    effector: EffectorIn
    starts_at: AwareDatetime = Field(examples=["2026-11-24T14:00:00+01:00"])
    ends_at: AwareDatetime = Field(examples=["2026-11-24T14:30:00+01:00"])
    place: PlaceIn
    mode: Mode = Field(default="AMB", description="AMB at the practice, HH at home, VR remote")
    audience: tuple[Audience, ...] = _AUDIENCE
    capacity: int = Field(default=1, ge=1, le=50, description="Patients that may be given this same period")
    profession: Code | None = Field(default=None, description="Of a structure's slot: who serves there (TRE_G15)")
    specialty: Code | None = Field(default=None, description="Of a structure's slot")


class SlotOut(BaseModel):
    """A slot as it stands now."""

    id: UUID
    effector: EffectorOut
    profession: str | None
    specialties: list[str]
    starts_at: datetime
    ends_at: datetime
    place: PlaceOut
    mode: str
    audience: list[str]
    capacity: int
    free_seats: int
    state: SlotState
    availability_id: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class AvailabilityIn(Stated):
    """Weekly hours. A range that ends at or before its start crosses midnight."""

    effector: EffectorIn
    place: PlaceIn
    mode: Mode = "AMB"
    audience: tuple[Audience, ...] = _AUDIENCE
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(
        min_length=1, max_length=7, description="ISO 8601: 1 Monday to 7 Sunday", examples=[[1, 2, 3, 4, 5]]
    )
    starts: ClockTime = Field(description="Local time in France", examples=["08:00"])
    ends: ClockTime = Field(description="Local time in France", examples=["20:00"])
    slot_minutes: int = Field(ge=5, le=480, examples=[30])
    every_minutes: int = Field(ge=5, le=1440, description="From one start to the next", examples=[60])
    valid_from: date | None = Field(default=None, description="First day; today when absent")
    valid_until: date | None = Field(default=None, description="Last day; open when absent")


class AvailabilityOut(BaseModel):
    """Weekly hours, and the last day for which their slots are made (null while none is)."""

    id: UUID
    effector: EffectorOut
    place: PlaceOut
    mode: str
    audience: list[str]
    weekdays: list[int]
    starts: str
    ends: str
    slot_minutes: int
    every_minutes: int
    valid_from: date
    valid_until: date | None
    materialised_until: date | None
    created_at: datetime
    ended_at: datetime | None


def clock_time(text: str) -> time:
    """`HH:MM`, checked by the schema."""
    return time.fromisoformat(text)
