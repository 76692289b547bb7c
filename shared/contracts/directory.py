"""Payloads that the directory owns. Professionals and structures are public reference data (RPPS, FINESS)."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Payload


class Activity(Payload):
    """One place where a professional practises (*activité*); mode is L self-employed, S salaried or B volunteer."""

    commune: str | None = Field(description="INSEE code; null when the source does not resolve")
    mode: str | None
    sector: str | None = Field(default=None, description="Sector code, TRE_R02 (SA07 private practice ...)")
    finess: str | None = None
    profession: str | None = Field(default=None, description="Practised here; a person may have two professions")


class ProfessionalUpdated(Payload):
    """A professional's national entry as it now stands (whole state, not a difference). Territory `fr`."""

    rpps: str
    family_name: str
    given_name: str
    profession: str = Field(description="Code of TRE_G15, for instance 10 for a doctor")
    skills: tuple[str, ...] = Field(description="Codes of savoir-faire, TRE_R38, for instance SM54")
    specialties: tuple[str, ...] = Field(
        description="Our codes derived from profession and skills, for instance general-practice"
    )
    activities: tuple[Activity, ...]
    listed: bool = Field(description="False when the last full source no longer names this person")


class StructureUpdated(Payload):
    """A structure (hospital site, MSP, health centre) as it now stands. Territory `fr`."""

    finess: str
    name: str
    commune: str | None
    listed: bool


class ParticipationChanged(Payload):
    """A professional takes part in unscheduled care (SNP) on this territory, or no longer does."""

    rpps: str
    participates: bool


class ImportCompleted(Payload):
    """A run over a national source file ended. Counts are of source lines, then of persons."""

    import_id: UUID
    source: Literal["rpps"]
    lines_read: int
    lines_rejected: int
    added: int
    changed: int
    unchanged: int
