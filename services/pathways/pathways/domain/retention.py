"""How long data of patients is kept, as data, and what an erasure leaves as proof.

Sources: GDPR articles 5 (storage limitation), 17 (erasure) and 18 (restriction); see deploy/reference/retention.yaml.
"""

from datetime import datetime, timedelta
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

ClassCode = Literal["never-followed", "followed", "access-record", "exchange", "doctor-search"]
"""The last two: exchanges without a patient, searches of a *médecin traitant* that ended."""
ErasureReason = Literal["patient_request", "mistake", "retention"]
RestrictionReason = Literal["contested", "unlawful", "legal_claim", "patient_request"]
"""GDPR 18: accuracy contested; unlawful but not to be erased; needed for a legal claim; asked instead of an erasure."""
_DAYS_A_MONTH = 30.44


class RetentionClass(BaseModel):
    """One class of data. `on_request` says what an erasure that the patient asks for does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: ClassCode
    months: int = Field(ge=1, le=1200)
    on_request: Literal["erase", "restrict"] = "erase"


class RetentionRules(BaseModel):
    """The file `retention.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    classes: tuple[RetentionClass, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = sorted(it.code for it in self.classes)
        if codes != sorted(get_args(ClassCode)):
            raise ValueError(f"classes: each of {', '.join(get_args(ClassCode))}, once")
        return self

    def of(self, code: ClassCode) -> RetentionClass:
        """The class of this code."""
        return next(it for it in self.classes if it.code == code)

    def kept_since(self, code: ClassCode, now: datetime) -> datetime:
        """What is older than this instant is no longer kept."""
        return now - timedelta(days=self.of(code).months * _DAYS_A_MONTH)
