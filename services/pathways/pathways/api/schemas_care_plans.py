"""What the routes on personal care plans (PPS) take and answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pathways.api.fields import Body, Line
from pathways.domain.care_plan import CarePlan, Difference
from pathways.usecases.publish_care_plan import GivenContact, PlanAsked
from pathways.usecases.show_care_plan import WithdrawReason

Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 .]{3,24}$")]
Mailbox = Annotated[str, StringConstraints(pattern=r"^[^@\s\x00]{1,64}@[A-Za-z0-9.-]{1,190}$", max_length=254)]
Lines = Annotated[list[Line], Field(max_length=30)]


class ContactIn(Body):
    """How a member of the care team is reached at work, as `GET /v1/professionals/{rpps}` publishes it."""

    member_id: UUID = Field(description="Id of the place in the care team")
    name: Line | None = None
    place: Line | None = None
    phone: Phone | None = Field(default=None, description="Professional, never a private one")
    secure_mailbox: Mailbox | None = Field(default=None, description="MSSanté")


class CarePlanIn(Body):
    """What the author adds to the plan of the pathway. Contacts that are not given are those of the version before."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"goals": ["Reprendre la marche quotidienne"], "note": "Appeler avant 17 h"}]},
    )

    goals: Lines = Field(default_factory=list, description="Beside those of the pathway")
    instructions: Lines = Field(default_factory=list, description="Beside those of the pathway")
    note: Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")] | None = None
    contacts: list[ContactIn] = Field(default_factory=list, max_length=100)
    recipients: list[UUID] | None = Field(
        default=None, max_length=100, description="Places in the care team; everybody who may read it unless given"
    )
    to_patient: bool = True

    @model_validator(mode="after")
    def _each_member_once(self) -> "CarePlanIn":
        if len({it.member_id for it in self.contacts}) < len(self.contacts):
            raise ValueError("contacts: a member is named twice")
        return self

    def asked(self) -> PlanAsked:
        """For the use case."""
        reach = {it.member_id: GivenContact(it.name, it.place, it.phone, it.secure_mailbox) for it in self.contacts}
        recipients = None if self.recipients is None else tuple(self.recipients)
        texts: dict[str, Any] = {"goals": tuple(self.goals), "instructions": tuple(self.instructions)}
        return PlanAsked(**texts, note=self.note, contacts=reach, recipients=recipients, to_patient=self.to_patient)


class WithdrawIn(Body):
    """Why a version is shown no more."""

    reason: WithdrawReason


class CarePlanOut(BaseModel):
    """A version without what it says."""

    id: UUID
    patient_id: UUID
    enrolment_id: UUID
    number: int
    template_version: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdraw_reason: str | None
    changed_by: str
    version: int


class ListedCarePlanOut(CarePlanOut):
    """With how many it is for, and how many of them said that they have read it."""

    recipients: int
    acknowledged: int


class RecipientOut(BaseModel):
    """Who it is for: a member of the care team, or `patient` (whose carer may answer for them)."""

    id: UUID
    person: str
    role: str | None
    acknowledged_at: datetime | None


class CarePlanDetailOut(CarePlanOut):
    """A version with what it says; `changed` is what the version before said otherwise."""

    content: CarePlan
    changed: list[Difference]
    recipients: list[RecipientOut]
