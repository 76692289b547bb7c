"""Bodies and answers of the slot and availability routes."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from snp_dispatch.api.schemas import EffectorIn, EffectorOut, PlaceIn, PlaceOut
from snp_dispatch.domain.catalogue import Audience, Mode
from snp_dispatch.domain.offer import Release, Terms
from snp_dispatch.domain.recurrence import FIRST_DAY, LAST_DAY
from snp_dispatch.domain.request import Code, Stated

SlotState = Literal["free", "held", "booked", "withdrawn"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local time of the place, `HH:MM`."""
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]

_AUDIENCE = Field(
    min_length=1,
    max_length=4,
    description="TRE_R314: PUBLIC, PRO, SNP (SAS regulators), CPTS (its number and the emergency department)",
)


class ReleaseIn(Stated):
    """From `hours_before` the start on, the slot is open to `audience` as well (a timed release)."""

    hours_before: float = Field(ge=0, le=336, allow_inf_nan=False, examples=[4])
    audience: tuple[Audience, ...] = Field(min_length=1, max_length=4, examples=[["PUBLIC"]])

    def release(self) -> Release:
        return Release(round(self.hours_before * 60), self.audience)


class OfferIn(Stated):
    """What a slot and an availability say alike of the offer."""

    mode: Mode = Field(default="AMB", description="AMB at the practice, HH at home, VR remote")
    audience: tuple[Audience, ...] = _AUDIENCE
    capacity: int = Field(default=1, ge=1, le=50, description="Patients that may be given this same period")
    acts: tuple[Code, ...] = Field(default=(), max_length=20, description="Codes of GET /v1/policies/current")
    min_age: int | None = Field(default=None, ge=0, le=130, description="Years, included")
    max_age: int | None = Field(default=None, ge=0, le=130, description="Years, included")
    own_patients_only: bool = Field(default=False, description="For patients whose regular doctor serves the slot")
    accessibility: tuple[Code, ...] = Field(default=(), max_length=20, description="Codes of GET /v1/policies/current")
    release: ReleaseIn | None = Field(default=None, description="Who else may be given it when it nears unfilled")

    def terms(self) -> Terms:
        return Terms(
            tuple(sorted(set(self.acts))),
            self.min_age,
            self.max_age,
            self.own_patients_only,
            tuple(sorted(set(self.accessibility))),
        )


class SlotIn(OfferIn):
    """A slot to publish."""

    effector: EffectorIn
    starts_at: AwareDatetime = Field(examples=["2026-11-24T14:00:00+01:00"])
    ends_at: AwareDatetime = Field(examples=["2026-11-24T14:30:00+01:00"])
    place: PlaceIn
    embargo_until: AwareDatetime | None = Field(default=None, description="Nobody is given the slot before")
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
    audience: list[str] = Field(description="As published")
    audience_now: list[str] = Field(description="After embargo and release; empty during an embargo")
    capacity: int
    free_seats: int
    state: SlotState
    overbooked: int = Field(default=0, description="Extra patients beyond its seats (surnuméraires)")
    held_by_call: bool = Field(default=False, description="The call that looks (`call_id`) holds a seat of it")
    paused: bool = Field(description="The effector pauses: the slot is not on offer until that ends")
    time_zone: str = Field(description="IANA zone of the place: show local times in it", examples=["Europe/Paris"])
    acts: list[str]
    min_age: int | None
    max_age: int | None
    own_patients_only: bool
    accessibility: list[str]
    embargo_until: datetime | None
    release_at: datetime | None
    release_audience: list[str] = Field(description="Added to the audience from release_at on")
    availability_id: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class AvailabilityIn(OfferIn):
    """Recurring hours. A range that ends at or before its start crosses midnight."""

    effector: EffectorIn
    place: PlaceIn
    embargo_hours_before: float | None = Field(
        default=None, gt=0, le=336, allow_inf_nan=False, description="Nobody is given a slot earlier before its start"
    )
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] | None = Field(
        default=None,
        min_length=1,
        max_length=7,
        description="ISO 8601: 1 Monday to 7 Sunday; or else rrule",
        examples=[[1, 2, 3, 4, 5]],
    )
    rrule: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description=(
            "RFC 5545, counted from valid_from: DAILY, WEEKLY (with BYDAY), MONTHLY, YEARLY (with BYDAY, BYMONTHDAY, "
            "BYMONTH, BYSETPOS), INTERVAL, COUNT, UNTIL as a date. Days only: the hours are starts and ends"
        ),
        examples=["FREQ=MONTHLY;BYDAY=1SA"],
    )
    except_dates: tuple[Day, ...] = Field(default=(), max_length=400, description="Nothing on these days")
    extra_dates: tuple[Day, ...] = Field(default=(), max_length=400, description="On these days too, even a holiday")
    public_holidays: Literal["keep", "skip"] = Field(
        default="keep", description="skip: nothing on a public holiday of the place, extra dates apart"
    )
    starts: ClockTime = Field(description="By the clock of the place", examples=["08:00"])
    ends: ClockTime = Field(description="By the clock of the place", examples=["20:00"])
    slot_minutes: int = Field(ge=5, le=480, examples=[30])
    every_minutes: int = Field(ge=5, le=1440, description="From one start to the next", examples=[60])
    valid_from: Day | None = Field(default=None, description="First day; today when absent")
    valid_until: Day | None = Field(default=None, description="Last day; open when absent")

    @property
    def embargo_minutes(self) -> int | None:
        return None if self.embargo_hours_before is None else round(self.embargo_hours_before * 60)


class AvailabilityOut(BaseModel):
    """Recurring hours, and the last day for which their slots are made (null while none is)."""

    id: UUID
    effector: EffectorOut
    place: PlaceOut
    mode: str
    audience: list[str]
    capacity: int
    acts: list[str]
    min_age: int | None
    max_age: int | None
    own_patients_only: bool
    accessibility: list[str]
    embargo_minutes: int | None
    release_minutes: int | None
    release_audience: list[str]
    time_zone: str = Field(description="IANA zone of the place", examples=["Europe/Paris"])
    weekdays: list[int]
    rrule: str | None
    except_dates: list[date]
    extra_dates: list[date]
    public_holidays: Literal["keep", "skip"]
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


class PauseIn(Stated):
    """How long, and why."""

    until: AwareDatetime | None = Field(default=None, description="Open when absent: until resumed")
    reason: str = Field(min_length=1, max_length=500, examples=["overloaded"])


class PauseOut(BaseModel):
    """A pause of an effector's whole offer on the territory. In force while `ended_at` is null and `until` to come."""

    id: UUID
    effector: EffectorOut
    starts_at: datetime
    until: datetime | None
    reason: str
    ended_at: datetime | None
