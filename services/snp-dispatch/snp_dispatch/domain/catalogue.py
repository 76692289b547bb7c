"""The codes of the dispatch and their French labels (`deploy/reference/snp-codes.yaml`), the same everywhere.

What a territory makes of them (which levels it takes, which red flags it looks for) is its policy.
"""

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

CallerOrigin: TypeAlias = Literal["ed", "single_number", "sas", "professional"]
"""Who may ask over HTTP."""
PATHWAY: Literal["pathway"] = "pathway"
Origin: TypeAlias = Literal["ed", "single_number", "sas", "professional", "pathway"]
"""Who asked. `pathway`: a step of a patient's pathway that needs a visit; only events of pathways open such calls."""
Audience: TypeAlias = Literal["PUBLIC", "PRO", "SNP", "CPTS"]
"""Who may be given a slot: codes of TRE_R314-TypeCreneau (ANS)."""
Mode: TypeAlias = Literal["AMB", "HH", "VR"]
"""How care is given: at the practice, at the patient's home, remotely (HL7 v3-ActCode)."""

VIDEO: Mode = "VR"


class Rules(BaseModel):
    """Base of the files of rules: an unknown key is a mistake, nothing changes after the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mobility(Rules):
    """How a patient can move, and the modes of care that this leaves."""

    label: str
    modes: frozenset[Mode] = Field(min_length=1)


class TriageScale(Rules):
    """A scale of severity, from the most to the least urgent level."""

    label: str
    levels: dict[str, str] = Field(min_length=1)


class Catalogue(Rules):
    """Every code that may come in or go out, with its label for a screen."""

    version: str
    origins: dict[Origin, str]
    audiences: dict[Audience, str]
    modes: dict[Mode, str]
    mobility: dict[str, Mobility]
    triage_scales: dict[str, TriageScale]
    red_flags: dict[str, str]
    redirects: dict[str, str]
    acts: dict[str, str]
    accessibility: dict[str, str]
    languages: dict[str, str]
    tariff_sectors: dict[str, str]
    genders: dict[str, str]
    conditions: dict[str, str]
    vital_signs: dict[str, str]
    minimum_data: dict[str, str]
    reasons: dict[str, str]
    misfits: dict[str, str]
