"""What a caller states: who calls, for whom, what is needed, within which limits. No identity."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from snp_dispatch.domain.catalogue import Catalogue, Mode
from snp_dispatch.domain.policy import NeedType, Policy
from snp_dispatch.domain.vital_signs import VitalSignsStated

Rpps = Annotated[str, StringConstraints(pattern=r"^\d{11}$")]
"""Number in the national register of professionals (RPPS), without its type digit."""
Finess = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{9}$")]
"""Number of a structure (FINESS géographique)."""
InseeCode = Annotated[str, StringConstraints(pattern=r"^(\d{2}|2[AB])\d{3}$")]
"""Commune by INSEE code (COG)."""
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
"""A code of the catalogue or of the policy."""


class Stated(BaseModel):
    """Base of what comes in: an unknown field is refused, a constraint must never be dropped in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CallerStated(Stated):
    """Who calls. The professional need not be in the directory."""

    organisation: str | None = Field(default=None, max_length=200, examples=["CHIRC"])
    professional_rpps: Rpps | None = Field(default=None, examples=["99000000016"])


class PatientStated(Stated):
    """The least that is needed to find a place."""

    ref: str | None = Field(
        default=None, max_length=100, description="Opaque pseudonym given by pathways, never an identity"
    )
    age: int = Field(ge=0, le=130, examples=[67])
    commune: InseeCode = Field(description="Where the patient is, INSEE code", examples=["35236"])
    regular_doctor_rpps: Rpps | None = Field(default=None, description="Médecin traitant")
    mobility: Code = Field(default="walks", description="A mobility code of GET /v1/policies/current")


class Triage(Stated):
    """A level on a triage scale."""

    scale: Code = Field(examples=["FRENCH"])
    level: Code = Field(examples=["5"])


class NeedStated(Stated):
    """What is needed, and what was assessed."""

    profession: Code = Field(description="TRE_G15 code", examples=["10"])
    specialty: Code | None = Field(default=None, examples=["general-practice"])
    reason: str | None = Field(default=None, max_length=500, description="Why, in a few words", examples=["otitis"])
    act: Code | None = Field(default=None, description="Only slots that offer this act (acte)", examples=[None])
    triage: Triage | None = None
    red_flags: tuple[Code, ...] = Field(
        max_length=50, description="Required: [] means assessed, none found", examples=[[]]
    )
    vital_signs: VitalSignsStated | None = Field(default=None, description="What was measured")
    senior_validation: bool = Field(default=False, description="A senior doctor agreed to the redirection")
    patient_agrees: bool = Field(default=False, description="The patient agrees to be seen in town")


class ConstraintsStated(Stated):
    """What a slot must respect. Times bound the start of the visit."""

    max_distance_km: float | None = Field(
        default=None,
        ge=0,
        le=1000,
        allow_inf_nan=False,
        description="As the crow flies; the policy's own limit holds too",
    )
    modes: tuple[Mode, ...] = Field(default=("AMB",), min_length=1, max_length=3)
    languages: tuple[Code, ...] = Field(default=(), max_length=10, description="Any of them is spoken, ISO 639-1")
    accessibility: tuple[Code, ...] = Field(default=(), max_length=20, description="All of it is there")
    tariff_sectors: tuple[Code, ...] = Field(
        default=(), max_length=3, description="Any of these sectors (secteur conventionnel)"
    )
    practitioner_gender: Code | None = Field(default=None, description="`female` or `male`")
    not_before: AwareDatetime | None = None
    deadline: AwareDatetime | None = Field(
        default=None,
        description="When absent, receipt and the longest delay of the need (48 h for SNP); never later than that",
    )


class CallStated(Stated):
    """A call as the rules see it."""

    origin: str
    caller: CallerStated
    patient: PatientStated
    need: NeedStated
    constraints: ConstraintsStated


class CodeUnknown(Exception):
    """A code that neither the catalogue nor the policy knows."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field}: unknown code {value!r}")
        self.field, self.value = field, value


def check_codes(policy: Policy, catalogue: Catalogue, call: CallStated) -> NeedType:
    """Raises CodeUnknown for the first unknown code; answers the kind of need."""
    need = call.need
    for flag in need.red_flags:
        if flag not in policy.red_flags:
            raise CodeUnknown("need.red_flags", flag)
    if call.patient.mobility not in catalogue.mobility:
        raise CodeUnknown("patient.mobility", call.patient.mobility)
    if need.triage is not None:
        _check_triage(catalogue, need.triage)
    _check_wishes(catalogue, call)
    if not policy.serves(need.profession, call.origin):
        raise CodeUnknown("need.profession", need.profession)
    kind = policy.need_type(need.profession, need.specialty, call.origin)
    if kind is None:
        raise CodeUnknown("need.specialty", need.specialty or "null")
    return kind


def _check_wishes(catalogue: Catalogue, call: CallStated) -> None:
    """What is asked of a slot and of who serves. The policy says which of it is a hard constraint."""
    asked = call.constraints
    for field, known, codes in (
        ("need.act", catalogue.acts, (call.need.act,)),
        ("constraints.languages", catalogue.languages, asked.languages),
        ("constraints.accessibility", catalogue.accessibility, asked.accessibility),
        ("constraints.tariff_sectors", catalogue.tariff_sectors, asked.tariff_sectors),
        ("constraints.practitioner_gender", catalogue.genders, (asked.practitioner_gender,)),
    ):
        for code in codes:
            if code is not None and code not in known:
                raise CodeUnknown(field, code)


def _check_triage(catalogue: Catalogue, triage: Triage) -> None:
    scale = catalogue.triage_scales.get(triage.scale)
    if scale is None:
        raise CodeUnknown("need.triage.scale", triage.scale)
    if triage.level not in scale.levels:
        raise CodeUnknown("need.triage.level", triage.level)
