"""Tables of prevention campaigns, synthesis sheets and their visits, expert patients. Tenant rows, with history."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class PreventionCampaign(Table, table=True):
    """A campaign (*campagne de prévention*): aimed at whom, from when to when."""

    __tablename__ = "prevention_campaign"
    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", "period"),
        CheckConstraint("population >= 1", "population"),
        Index("ix_prevention_campaign_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    kind: str = string()
    title: str = string()
    aimed_at: str = string()
    population: int | None
    population_source: str | None = string(default=None)
    opens_on: date
    closes_on: date
    closed_at: datetime | None = instant(nullable=True)
    codes_version: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class CampaignEntry(Table, table=True):
    """How many were invited by a channel on a day, or took part. One that was wrong is withdrawn."""

    __tablename__ = "campaign_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('invited', 'took_part')", "kind"),
        CheckConstraint("people >= 1", "people"),
        Index("ix_campaign_entry_campaign", "territory", "campaign_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    campaign_id: UUID = Field(foreign_key="prevention_campaign.id")
    kind: str = string()
    day: date
    channel: str = string()
    people: int
    withdrawn_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class SynthesisSheet(Table, table=True):
    """A sheet (*fiche de synthèse*) as it is being written; `number` is its published version, 0 before the first."""

    __tablename__ = "synthesis_sheet"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", "state"),
        Index("ix_synthesis_sheet_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    title: str = string()
    topic: str | None = string(default=None)
    theme: str | None = string(default=None)
    body: str = string()
    state: str = string()
    number: int
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class SheetVersion(Table, table=True):
    """A version as it was published: numbered, never changed."""

    __tablename__ = "sheet_version"
    __table_args__ = (UniqueConstraint("sheet_id", "number", name="uq_sheet_version_sheet_id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    sheet_id: UUID = Field(foreign_key="synthesis_sheet.id")
    number: int
    title: str = string()
    body: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class DocumentVisit(Table, table=True):
    """Visits of a day: of the list (`subject` is `space`) or of a sheet (its id). Counts only, no visitor."""

    __tablename__ = "document_visit"
    __table_args__ = (Index("ix_document_visit_untold", "day", postgresql_where=text("NOT told")),)

    territory: str = string(primary_key=True)
    day: date = Field(primary_key=True)
    subject: str = string(primary_key=True)
    visits: int
    told: bool


class ExpertRole(Table, table=True):
    """A patient who agreed to be *référent* or *expert*, on a topic, until it ends."""

    __tablename__ = "expert_role"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        CheckConstraint("role IN ('referent', 'expert')", "role"),
        Index(
            "uq_expert_role_standing",
            "territory",
            "patient_id",
            "role",
            "topic",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_expert_role_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    role: str = string()
    topic: str | None = string(default=None)
    ended_at: datetime | None = instant(nullable=True)
    end_reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
