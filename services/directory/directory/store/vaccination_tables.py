"""Tables of vaccinated people and population by age band, as imported, and of communications sent. With history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class VaccinationImport(Table, table=True):
    """One file: where it comes from, what it changed, the lines that were refused (the first thousand)."""

    __tablename__ = "vaccination_import"
    __table_args__ = (
        CheckConstraint("kind IN ('vaccinated', 'population')", "kind"),
        Index("ix_vaccination_import_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    campaign: str | None = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    lines: int
    added: int
    changed: int
    unchanged: int
    masked: int
    refused: int
    refusals: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class VaccinatedCount(Table, table=True):
    """People newly vaccinated in a week; null is masked by the source. `place` empty: the whole territory."""

    __tablename__ = "vaccinated_count"

    territory: str = Field(sa_type=Text, primary_key=True)
    campaign: str = Field(sa_type=Text, primary_key=True)
    place: str = Field(sa_type=Text, primary_key=True)
    age_band: str = Field(sa_type=Text, primary_key=True)
    week: date = Field(primary_key=True)
    count: int | None
    import_id: UUID = Field(foreign_key="vaccination_import.id")
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class PopulationCount(Table, table=True):
    """People of an age band; null is masked by the source. `place` empty: the whole territory."""

    __tablename__ = "population_count"

    territory: str = Field(sa_type=Text, primary_key=True)
    place: str = Field(sa_type=Text, primary_key=True)
    age_band: str = Field(sa_type=Text, primary_key=True)
    count: int | None
    import_id: UUID = Field(foreign_key="vaccination_import.id")
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisCommunication(Table, table=True):
    """What was said to many about crises, once. To whom: the messages of its batch."""

    __tablename__ = "crisis_communication"
    __table_args__ = (Index("ix_crisis_communication_list", "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    plan_id: UUID | None = Field(foreign_key="crisis_plan.id")
    activation_id: UUID | None = Field(foreign_key="crisis_activation.id")
    lists: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    recipients: int
    professionals: int
    sent_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
