"""What the routes on members and bodies of the association take and answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from directory.api.fields import Body
from directory.api.params import FINESS_PATTERN, RPPS_PATTERN
from directory.domain.association import Code, MemberKind

Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Euros = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=8, decimal_places=2)]
LeftReason = Literal["resignation", "moved", "retired", "fee_unpaid", "excluded", "deceased", "dissolved", "other"]
MandateReason = Literal["resignation", "removed", "college_changed", "deceased", "replaced", "other"]


class MemberIn(Body):
    """Who joins: an RPPS number, or the name of a person or body that has none (kept sealed)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "adherent", "category": "self-employed", "rpps": "99000000093", "joined_on": "2026-09-01"}
            ]
        },
    )

    kind: MemberKind
    category: Code = Field(description="Code of the territory's rules; it settles the college")
    joined_on: Day
    rpps: str | None = Field(default=None, pattern=RPPS_PATTERN)
    name: Short | None = Field(default=None, description="For who has no RPPS number")
    finess: str | None = Field(default=None, pattern=FINESS_PATTERN, description="Structure worked at or represented")
    college: int | None = Field(default=None, ge=1, le=20, description="Refused when the category has another one")
    convention_signed_on: Day | None = None

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if (self.rpps is None) == (self.name is None):
            raise ValueError("give rpps or name")
        return self


class MemberPatch(Body):
    """What changes; what is not named stays."""

    kind: MemberKind | None = None
    category: Code | None = None
    finess: str | None = Field(default=None, pattern=FINESS_PATTERN)
    convention_signed_on: Day | None = Field(default=None, description="*Convention* with the CPTS; null takes it back")


class LeavingIn(Body):
    """When and why a membership ends."""

    left_on: Day
    reason: LeftReason


class FeeIn(Body):
    """The fee of a calendar year (*cotisation*). `paid_on` null takes it back."""

    paid_on: Day | None
    amount: Euros | None = None


class FeeOut(BaseModel):
    """A paid fee."""

    year: int
    paid_on: date
    amount: Decimal | None


class MemberOut(BaseModel):
    """A membership."""

    id: UUID
    rpps: str | None
    name: str | None
    profession: str | None = Field(description="Code of the nomenclature; null without RPPS number")
    finess: str | None
    kind: MemberKind
    category: str
    college: int | None
    joined_on: date
    left_on: date | None
    left_reason: str | None
    convention_signed_on: date | None
    fee_paid: bool = Field(description="Of the current calendar year, or of the year of `at`")
    version: int
    changed_at: datetime


class MemberDetailOut(MemberOut):
    """With the fees of every year."""

    fees: list[FeeOut]


class MemberCountOut(BaseModel):
    """How many stand together."""

    kind: MemberKind
    college: int | None
    category: str
    profession: str | None
    members: int
    fees_paid: int


class MemberCountsOut(BaseModel):
    """Members on a day."""

    day: date
    total: int
    adherents: int
    associates: int
    by: list[MemberCountOut]


class MandateIn(Body):
    """A seat to take."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "member_id": "019ab000-0000-7000-8000-000000000001",
                    "body": "board",
                    "role": "member",
                    "started_on": "2026-09-01",
                }
            ]
        },
    )

    member_id: UUID
    body: Code = Field(description="`board`, `bureau` or the code of a commission")
    role: Code = Field(default="member", description="`member`; a function of the bureau; `referent` of a commission")
    started_on: Day
    ends_on: Day | None = Field(default=None, description="First day after; by the rules when it is not given")


class MandateEndIn(Body):
    """When and why a mandate ends before its time."""

    ended_on: Day
    reason: MandateReason


class MandateOut(BaseModel):
    """A mandate."""

    id: UUID
    member_id: UUID
    body: str
    role: str
    college: int | None
    number: int = Field(description="Which mandate of the board this is for the person")
    started_on: date
    ends_on: date | None
    ended_on: date | None
    end_reason: str | None
    rules_version: str
    version: int


class HolderOut(BaseModel):
    """Somebody who sits."""

    mandate_id: UUID
    member_id: UUID
    name: str | None
    role: str
    college: int | None
    number: int
    started_on: date
    ends_on: date | None
    ends_soon: bool


class SeatsOut(BaseModel):
    """Seats of a college on the board."""

    college: int
    label: str
    seats: int
    taken: int


class BodyOut(BaseModel):
    """A body of the association."""

    code: str
    kind: str
    label: str
    seats: list[SeatsOut]
    vacant_roles: list[str]
    holders: list[HolderOut]


class BodiesOut(BaseModel):
    """Every body as of a day."""

    day: date
    rules_version: str
    bodies: list[BodyOut]
