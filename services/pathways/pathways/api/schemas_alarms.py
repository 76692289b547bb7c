"""What the routes on telemonitoring take and answer."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pathways.api.fields import Code, Line
from pathways.usecases.answer_alarm import AlarmState, Outcome
from pathways.usecases.put_alarm import Source


class PlatformIn(BaseModel):
    """A platform (*télésurveillance*), and who answers its alarms."""

    model_config = ConfigDict(extra="forbid")

    label: Line
    group_id: UUID = Field(description="The on-call group that answers")


class PlatformOut(BaseModel):
    """A platform."""

    id: UUID
    label: str
    group_id: UUID
    previous_until: AwareDatetime | None = Field(description="Until when the secret before the last one serves")
    closed_at: AwareDatetime | None
    version: int


class PlatformSecretOut(PlatformOut):
    """With its secret, shown once."""

    secret: str = Field(description="whsec_..., for Standard Webhooks 1.0")
    path: str = Field(description="Where its alarms are posted")


class RefIn(BaseModel):
    """Which platform is told of the patient."""

    model_config = ConfigDict(extra="forbid")

    platform_id: UUID


class RefOut(BaseModel):
    """What the platform calls the patient on this pathway."""

    ref: UUID
    platform_id: UUID
    enrolment_id: UUID
    ended_at: AwareDatetime | None


class AlarmIn(BaseModel):
    """An alarm, as a platform tells it. Whatever else it says is not kept."""

    model_config = ConfigDict(extra="ignore")

    ref: UUID
    code: Code = Field(description="An alert of the pathway with the source telemonitoring")
    episode: Annotated[str, StringConstraints(max_length=128, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="Messages of one episode are one alarm; kept as a digest"
    )


class TakenOut(BaseModel):
    """An alarm was taken."""

    merged: bool = Field(description="It is one message more of an alarm that is open")


class AlertIn(BaseModel):
    """What a professional raises."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "fall"}]})

    code: Code = Field(description="An alert of the pathway with the source professional")


class AlertOut(BaseModel):
    """An alert was raised. What becomes of it is clinical content: `GET /v1/alarms/{id}`."""

    alarm_id: UUID
    merged: bool = Field(description="It is one message more of an alarm that nobody has taken yet")
    asked_now: str | None = Field(description="RPPS number of who is asked; null when the team has nobody to ask")
    next_at: AwareDatetime | None = Field(description="When the next is asked")


class OutcomeIn(BaseModel):
    """What came of an alarm."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome


class AlarmOut(BaseModel):
    """An alarm as it stands."""

    id: UUID
    patient_id: UUID
    enrolment_id: UUID
    template: str
    code: str
    messages: int
    raised_at: AwareDatetime
    last_at: AwareDatetime
    state: AlarmState
    source: Source = Field(description="Who told it: a platform, the patient or a carer, a hospital, a professional")
    asked_now: str | None = Field(
        description="RPPS number of who is asked now, or was last; null when the team has nobody"
    )
    turn: int
    next_at: AwareDatetime | None = Field(description="When the next is asked")
    unanswered_at: AwareDatetime | None = Field(description="Everybody was asked by then")
    acknowledged_at: AwareDatetime | None
    acknowledged_by: str | None
    closed_at: AwareDatetime | None
    outcome: Outcome | None
    version: int


class HandoverOut(BaseModel):
    """Who was asked when, and why."""

    rpps: str | None
    reason: str
    at: AwareDatetime


class AlarmDetailOut(AlarmOut):
    """With each hand-over."""

    handovers: list[HandoverOut]
