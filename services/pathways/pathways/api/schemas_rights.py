"""What the routes on the rights of patients take and answer."""

from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from pathways.api.schemas_patients import Commune, Matricule, Name, Phone
from pathways.domain.patient import IdentityStatus, Sex
from pathways.domain.retention import ErasureReason, RestrictionReason

_ALWAYS_THERE = ("family_name", "given_name", "birth_date", "commune", "identity_status")


class PatientChangeIn(BaseModel):
    """What to mend. A field that is not named stays; `phone`, `ins` and `sex` may be null."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"given_name": "Camille"}]})

    family_name: Name | None = None
    given_name: Name | None = None
    birth_date: date | None = None
    commune: Commune | None = None
    sex: Sex | None = None
    phone: Phone | None = None
    ins: Matricule | None = None
    identity_status: IdentityStatus | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name what to mend")
        if empty := [it for it in _ALWAYS_THERE if it in self.model_fields_set and getattr(self, it) is None]:
            raise ValueError(f"may not be null: {', '.join(empty)}")
        return self


class ExportOut(BaseModel):
    """Everything that is known of a patient. `tables` are named as in the documentation of the service."""

    identity: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    accesses: list[dict[str, Any]]


class ErasureIn(BaseModel):
    """Why: the patient asks for it, or the entry should never have been made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "patient_request"}]})

    reason: Literal["patient_request", "mistake"]


class ErasureOut(BaseModel):
    """`erasing`: within a minute. `restricted`: it has to be kept for now, and is no longer used."""

    outcome: Literal["erasing", "restricted"]
    rules_version: str


class RestrictionIn(BaseModel):
    """Why the entry is put aside."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "contested"}]})

    reason: RestrictionReason


class ProofOut(BaseModel):
    """What was erased: of which class of data, why, by which rules, how many rows of each table."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    at: AwareDatetime
    class_: str = Field(alias="class")
    reason: ErasureReason
    rules_version: str
    row_counts: dict[str, int]
    seal: str = Field(description="HMAC over all of it, hexadecimal")

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """From a row of erasure_proof."""
        return cls.model_validate({**row, "row_counts": orjson.loads(row["row_counts"]), "seal": row["seal"].hex()})
