"""What the routes on care teams, consents, objections and broken glasses take and answer."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pathways.api.schemas_patients import Code
from pathways.domain.access import Basis
from pathways.usecases.break_glass import Outcome
from pathways.usecases.keep_consents import Channel, Speaker
from pathways.usecases.keep_team import EndReason

Rpps = Annotated[str, StringConstraints(pattern=r"^[0-9]{11}$")]
Account = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20]{1,200}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class MemberIn(BaseModel):
    """Who joins the care team: a professional by `rpps`, or somebody else by the `account` of their tokens."""

    model_config = _example(rpps="99000000093", role="regular-doctor", basis="consent")

    rpps: Rpps | None = None
    account: Account | None = Field(default=None, description="`sub` of the tokens")
    role: Code
    basis: Literal["consent", "care_team"] = Field(
        default="consent", description="`care_team`: the same care structure, or recognised by the patient (L1110-12)"
    )
    informed_on: date | None = Field(default=None, description="When the patient was told; needed for `care_team`")
    ends_at: AwareDatetime | None = None
    enrolment_id: UUID | None = Field(default=None, description="For this pathway only")

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if (self.rpps is None) == (self.account is None):
            raise ValueError("give `rpps` or `account`")
        return self

    @property
    def person(self) -> str:
        """The name under which the rows know them."""
        return f"rpps:{self.rpps}" if self.rpps else f"sub:{self.account}"


class MemberOut(BaseModel):
    """A place in a care team. `person` is `rpps:<number>` or `sub:<account>`."""

    id: UUID
    patient_id: UUID
    enrolment_id: UUID | None
    person: str
    role: str
    basis: Basis
    informed_on: date | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    end_reason: str | None
    version: int


class EndMemberIn(BaseModel):
    """Why somebody is no longer in the care team."""

    model_config = _example(reason="replaced")

    reason: EndReason


class PatientConsentIn(BaseModel):
    """What the patient agreed to, for one pathway or for all that is done."""

    model_config = _example(purpose="sharing", given_on="2026-11-20", channel="oral", text_version="2026-11")

    purpose: Code = Field(description="A purpose of patient-access.yaml")
    enrolment_id: UUID | None = None
    given_on: date
    given_by: Speaker = "patient"
    channel: Channel
    text_version: Version = Field(description="Of the text that the patient was shown")


class PatientConsentOut(BaseModel):
    """A consent; in force until `withdrawn_at`."""

    id: UUID
    patient_id: UUID
    enrolment_id: UUID | None
    purpose: str
    given_on: date
    given_by: str
    channel: str
    text_version: str
    recorded_by: str
    recorded_at: AwareDatetime
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str | None
    withdrawal_channel: str | None
    version: int


class WithdrawIn(BaseModel):
    """Who took the consent back, and how."""

    model_config = _example(withdrawn_by="patient", channel="oral")

    withdrawn_by: Speaker = "patient"
    channel: Channel


class ObjectionIn(BaseModel):
    """To whom the patient objects: `everybody`, `role:<code>`, `rpps:<number>` or `sub:<account>`."""

    model_config = _example(against="rpps:99000000093", made_on="2026-11-20", channel="oral")

    against: Annotated[
        str,
        StringConstraints(pattern=r"^(everybody|role:[a-z][a-z0-9-]{0,39}|rpps:[0-9]{11}|sub:[^\x00-\x20]{1,200})$"),
    ]
    made_by: Speaker = "patient"
    made_on: date
    channel: Channel


class ObjectionOut(BaseModel):
    """An objection; it holds until `withdrawn_at`."""

    id: UUID
    patient_id: UUID
    against: str
    made_by: str
    made_on: date
    channel: str
    withdrawn_at: AwareDatetime | None
    version: int


class ConsentsOut(BaseModel):
    """All that the patient said, in force or not, the oldest first."""

    consents: list[PatientConsentOut]
    objections: list[ObjectionOut]


class BreakGlassIn(BaseModel):
    """Why this cannot wait."""

    model_config = _example(reason="life-threatening")

    reason: Code = Field(description="A reason of patient-access.yaml")


class GlassOut(BaseModel):
    """An emergency access, and what was found of it."""

    id: UUID
    patient_id: UUID
    subject: str
    rpps: str | None
    organisation: str | None
    reason: str
    opened_at: AwareDatetime
    until: AwareDatetime
    reviewed_at: AwareDatetime | None
    reviewed_by: str | None
    outcome: Outcome | None
    version: int


class ReviewIn(BaseModel):
    """What the coordinator found."""

    model_config = _example(outcome="justified")

    outcome: Outcome
