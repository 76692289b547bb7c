"""What the routes on on-call orders and advice take and answer."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pathways.api.fields import Code, Line, Rpps
from pathways.domain.advice import AdviceKind, AdviceState, DeclineReason
from pathways.domain.duty import EVERY_DAY, DutyMember

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")]


class DutyMemberIn(BaseModel):
    """A professional of the group."""

    model_config = ConfigDict(extra="forbid")

    rpps: Rpps
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        default=list(EVERY_DAY), max_length=7, description="Days on which they come first: 1 is Monday"
    )

    def member(self) -> DutyMember:
        return DutyMember(rpps=self.rpps, weekdays=tuple(sorted(set(self.weekdays))))


class DutyGroupIn(BaseModel):
    """An on-call order: who comes first on which days, then the others in this order."""

    model_config = ConfigDict(extra="forbid")

    label: Line
    members: list[DutyMemberIn] = Field(min_length=1, max_length=50)


class DutyGroupOut(BaseModel):
    """An on-call order."""

    id: UUID
    label: str
    members: list[DutyMember]
    version: int


class TurnsOut(BaseModel):
    """Who is asked now, in order: those of the day first, without those who are absent."""

    rpps: list[str]


class AbsenceIn(BaseModel):
    """Days, both included, on which somebody is not asked."""

    model_config = ConfigDict(extra="forbid")

    rpps: Rpps
    from_on: date
    until_on: date


class AbsenceOut(BaseModel):
    """An absence."""

    id: UUID
    rpps: str
    from_on: date
    until_on: date
    cancelled_at: AwareDatetime | None


class AdviceIn(BaseModel):
    """A question to one professional, or to a group."""

    model_config = ConfigDict(extra="forbid")

    kind: AdviceKind
    specialty: Code = Field(description="Of who is asked: a specialty of the nomenclature", examples=["cardiology"])
    question: Words = Field(description="Kept sealed; no name where the patient is not enrolled")
    rpps: Rpps | None = None
    group_id: UUID | None = None
    patient_id: UUID | None = None
    patient_informed: bool = Field(default=False, description="The patient was told and does not object (L1110-4)")

    @model_validator(mode="after")
    def _one_addressee(self) -> Self:
        if (self.rpps is None) is (self.group_id is None):
            raise ValueError("rpps or group_id: one of them")
        return self


class AnswerIn(BaseModel):
    """The answer."""

    model_config = ConfigDict(extra="forbid")

    answer: Words


class DeclineIn(BaseModel):
    """Why not."""

    model_config = ConfigDict(extra="forbid")

    reason: DeclineReason


class AdviceOut(BaseModel):
    """A question as it stands, without its texts."""

    id: UUID
    kind: AdviceKind
    specialty: str
    patient_id: UUID | None
    asked_by: str
    asked_at: AwareDatetime
    group_id: UUID | None
    asked_now: str = Field(description="RPPS number of who is asked now, or was last")
    turn: int = Field(description="How often it went on to the next")
    state: AdviceState
    due_at: AwareDatetime
    overdue_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    closed_by: str | None
    reason: str | None
    version: int


class AdviceDetailOut(AdviceOut):
    """With its texts."""

    question: str
    answer: str | None


Mine = Literal["to_me", "from_me"]
