"""The profile of a territory (`deploy/territories/<slug>/territory.yaml`)."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from directory.domain.identifiers import COMMUNE_PATTERN

CommuneCode = Annotated[str, StringConstraints(pattern=COMMUNE_PATTERN)]
DepartmentCode = Annotated[str, StringConstraints(pattern=r"^(?:\d{2}|2[AB]|97\d)$")]
Mission = Literal["access", "pathways", "prevention", "crisis", "quality", "support"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Authority(_Part):
    """Who funds and follows the CPTS: *agence régionale de santé*, health insurance (CPAM, MSA)."""

    kind: Literal["ars", "cpam", "msa"]
    name: str
    department: DepartmentCode | None = None


class Population(_Part):
    """Inhabitants by the CPTS's own document, which may differ from the census of today."""

    count: int = Field(ge=0)
    year: int | None = None
    source: str | None = None


class Contract(_Part):
    """The agreement with the health insurance (*ACI*)."""

    signed_on: date
    year_inferred: bool = Field(default=False, description="The source gives day and month only")
    years: int | None = None


class Members(_Part):
    """How many professionals joined, when someone counted."""

    count: int = Field(ge=0)
    as_of: date | None = None
    source: str | None = None


class Territory(_Part):
    """One CPTS. Nothing is mandatory but its id, its name and one authority: much may be unknown at the start."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
    name: str
    authorities: tuple[Authority, ...] = Field(min_length=1)
    area: str | None = None
    departments: tuple[DepartmentCode, ...] = ()
    communes: tuple[CommuneCode, ...] = ()
    population: Population | None = None
    size: int | None = Field(default=None, ge=1, le=4, description="*Taille* of the ACI")
    contract: Contract | None = None
    members: Members | None = None
    missions: tuple[Mission, ...] = ()

    @model_validator(mode="after")
    def _communes_are_named_once(self) -> Self:
        twice = sorted({code for code in self.communes if self.communes.count(code) > 1})
        if twice:
            raise ValueError(f"communes: named twice: {', '.join(twice)}")
        return self
