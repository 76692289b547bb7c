"""Bodies of the routes of call-ups of volunteers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StringConstraints

from directory.api.fields import Body, Code, Commune, Line
from directory.domain.call_ups import CallUpState, PersonState

SHOWN = 200
"""People of a preview that are named."""

Codes = Annotated[list[Code], Field(max_length=30)]
Capability = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z][a-z0-9_]*(=[A-Za-z0-9_-]+)?$")]


class CallUpIn(Body):
    """Whom to call, and for when. What is left out follows the territory's rules (GET /v1/crisis-codes)."""

    title: Line = Field(
        description="Stands in the mail: nothing about a patient", examples=["Renfort du centre de vaccination"]
    )
    professions: Codes = Field(default=[], description="TRE_G15; any when empty", examples=[["10", "60"]])
    specialties: Codes = Field(default=[], description="Of /v1/nomenclature; any when empty")
    capabilities: list[Capability] = Field(
        default=[], max_length=5, description="`kind` or `kind=code` of /v1/statement-kinds; all must hold"
    )
    commune: Commune = Field(description="Where they are wanted: distances are measured from it")
    radius_km: float | None = Field(default=None, gt=0, le=100, allow_inf_nan=False)
    wanted: int = Field(ge=1, le=1000, description="Waves stop when so many are available")
    wave_size: int | None = Field(default=None, ge=1, le=200)
    wave_minutes: int | None = Field(default=None, ge=1, le=10_080)
    needed_from: AwareDatetime
    needed_until: AwareDatetime
    roster_id: UUID | None = Field(default=None, description="Whose shifts the volunteers fill")
    activation_id: UUID | None = None


class CallUpOut(BaseModel):
    """A call-up."""

    id: UUID
    title: str
    professions: list[str]
    specialties: list[str]
    capabilities: list[str]
    commune: str
    radius_km: float
    wanted: int
    wave_size: int
    wave_minutes: int
    needed_from: datetime
    needed_until: datetime
    roster_id: UUID | None
    activation_id: UUID | None
    state: CallUpState
    wave: int = Field(description="Waves sent")
    next_wave_at: datetime | None = Field(description="When it is looked at next")
    started_at: datetime | None
    closed_at: datetime | None
    not_called: dict[str, int] = Field(description="When it started: how many were not called, by reason")
    codes_version: str
    version: int


class CalledCount(BaseModel):
    """How far it is, among a profession or all."""

    profession: str | None = Field(description="Code of TRE_G15; null for all")
    called: int
    asked: int = Field(description="Written to")
    waiting: int = Field(description="Of a later wave")
    to_phone: int = Field(description="Without a confirmed channel for alerts")
    available: int
    unavailable: int


class SeatsOut(BaseModel):
    """Of the roster that it fills."""

    seats: int
    taken: int


class ProgressOut(CallUpOut):
    """With counts in all (first) and by profession."""

    counts: list[CalledCount]
    roster: SeatsOut | None


class CalledOut(BaseModel):
    """Somebody whom it would call."""

    rpps: str
    name: str
    profession: str
    distance_km: float
    reachable: bool = Field(description="Has a confirmed channel for alerts; else to be phoned")


class PreviewOut(BaseModel):
    """Whom it would call if it started now, and why not the others."""

    count: int
    reachable: int
    nearest: list[CalledOut] = Field(description=f"The first {SHOWN}")
    not_called: dict[str, int] = Field(
        description="profession_not_wanted, specialty_not_wanted, too_far, capability_missing: the first that applies"
    )


class PersonOut(BaseModel):
    """Somebody whom it calls, and what they said."""

    rpps: str
    name: str
    profession: str
    distance_km: float
    state: PersonState
    wave: int | None
    asked_at: datetime | None
    available: bool | None = Field(description="Null: has not answered")
    available_from: datetime | None
    available_until: datetime | None
    answered_at: datetime | None
    answered_by: str | None


class AnswerIn(Body):
    """Available or not, and when; without times for the whole of the call-up."""

    available: StrictBool
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class AnswerOut(BaseModel):
    """What stands."""

    rpps: str
    available: bool
    available_from: datetime | None
    available_until: datetime | None
    version: int


class GivenOut(BaseModel):
    """A seat that was given, or why not."""

    shift_id: UUID
    rpps: str
    refused: str | None = Field(description="Code of PUT /v1/shifts/{shift_id}/sign-ups/{rpps}, null when signed up")


class FilledOut(BaseModel):
    """What came of filling the roster."""

    given: list[GivenOut]
    roster: SeatsOut
