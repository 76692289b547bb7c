"""What the routes on patients take and answer. Identities stand in bodies only, never in a URL."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pathways.domain.access import Kind
from pathways.domain.patient import IdentityStatus, Sex

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"[^\W\d_]")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
Matricule = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9AB]{15}$")]
Commune = Annotated[str, StringConstraints(pattern=r"^(?:[013-9]\d|2[0-9AB])\d{3}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
Purpose = Literal["care", "coordination", "contact", "correction", "patient_request", "audit"]
"""Why an identity is looked at: care, organising it, reaching the patient, mending the entry, the patient's own
request, or a control."""


class PatientIn(BaseModel):
    """A patient to register, with the least that the pathway needs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "family_name": "Exemple",
                    "given_name": "Camille",
                    "birth_date": "1957-03-14",
                    "commune": "35236",
                    "sex": "female",
                    "phone": "+33639980012",
                    "identity_status": "validated",
                }
            ]
        },
    )

    family_name: Name = Field(description="Birth name (*nom de naissance*)")
    given_name: Name = Field(description="First birth name (*premier prénom de naissance*)")
    birth_date: date
    commune: Commune = Field(description="INSEE code of where the patient lives; an old code counts too")
    sex: Sex | None = None
    phone: Phone | None = Field(default=None, description="E.164")
    ins: Matricule | None = Field(default=None, description="*Matricule INS*, of a retrieved or qualified identity")
    identity_status: IdentityStatus = Field(
        default="provisional", description="*Provisoire, récupérée, validée, qualifiée*"
    )
    team_role: Code = Field(
        default="pathway-referent", description="What the caller is in the care team: a role of patient-access.yaml"
    )


class PatientOut(BaseModel):
    """A patient without identity. `ref` is what the dispatch may know: put it into `patient.ref` of a call."""

    id: UUID
    ref: UUID
    age_band: str = Field(examples=["60-69"])
    commune: str
    department: str
    sex: Sex | None
    identity_status: IdentityStatus
    created_at: AwareDatetime


class IdentityOut(BaseModel):
    """Who the patient is."""

    patient_id: UUID
    family_name: str
    given_name: str
    birth_date: date
    phone: str | None
    ins: str | None
    identity_status: IdentityStatus


class PatientSearchIn(BaseModel):
    """Whom to find: `ins`, or the three of `family_name`, `given_name` and `birth_date`. The match is exact."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "family_name": "Exemple",
                    "given_name": "Camille",
                    "birth_date": "1957-03-14",
                    "purpose": "care",
                }
            ]
        },
    )

    family_name: Name | None = None
    given_name: Name | None = None
    birth_date: date | None = None
    ins: Matricule | None = None
    purpose: Purpose

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        named = [self.family_name, self.given_name, self.birth_date]
        if (self.ins is None) != all(part is not None for part in named) or (self.ins and any(named)):
            raise ValueError("give `ins`, or family_name, given_name and birth_date")
        return self


class PatientsOut(BaseModel):
    """Who was found: entries that the caller may see, and ids of those in whose care team the caller is not."""

    items: list[PatientOut]
    others: list[UUID] = []


class AccessOut(BaseModel):
    """One access to a patient's content: who, when, what, why, on which grounds. `correlation_id` leads to the logs."""

    id: UUID
    at: AwareDatetime
    subject: str
    rpps: str | None
    role: str | None
    organisation: str | None
    action: str = Field(description="`create`, `read`, `write`, `search` or the name of what was done")
    kind: Kind
    purpose: str
    enrolment_id: UUID | None
    situation: str | None = Field(description="What allowed it: care team, broken glass ...")
    correlation_id: str
