"""Tables of internships, trainees and installation projects. Tenant rows, with history."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class InternshipOffer(Table, table=True):
    """A professional offers to host trainees (*terrain de stage*)."""

    __tablename__ = "internship_offer"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", "period"),
        CheckConstraint("state IN ('open', 'closed')", "state"),
        Index("ix_internship_offer_list", "territory", "starts_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    host: str = Field(sa_type=Text, foreign_key="professional.rpps")
    profession: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    commune: str = Field(sa_type=Text)
    starts_on: date
    ends_on: date
    places: int
    housing: str = Field(sa_type=Text)
    note: str | None = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Trainee(Table, table=True):
    """A trainee who was hosted: by whom and when. Who they are stays with their host."""

    __tablename__ = "trainee"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", "period"),
        CheckConstraint("cardinality(hosts) > 0", "hosts"),
        Index("ix_trainee_list", "territory", "starts_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    offer_id: UUID | None = Field(sa_column=Column(Uuid, ForeignKey("internship_offer.id")))
    hosts: list[str] = texts()
    profession: str = Field(sa_type=Text)
    level: str = Field(sa_type=Text)
    starts_on: date
    ends_on: date
    cancelled: bool
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Installation(Table, table=True):
    """A professional who may settle on the territory. `sealed`: name, phone and e-mail, until the opening."""

    __tablename__ = "installation"
    __table_args__ = (Index("ix_installation_list", "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    profession: str = Field(sa_type=Text)
    specialty: str | None = Field(sa_type=Text)
    communes: list[str] = texts()
    stage: str = Field(sa_type=Text)
    spouse_job: str | None = Field(sa_type=Text)
    rpps: str | None = Field(sa_type=Text)
    commune: str | None = Field(sa_type=Text)
    opened_on: date | None
    sealed: bytes | None = Field(sa_column=Column(LargeBinary))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CandidateRead(Table, table=True):
    """Somebody (`changed_by`) read who may settle. Never changed; `/v1/history?entity=candidate_read` lists them."""

    __tablename__ = "candidate_read"
    __table_args__ = (Index(None, "installation_id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    installation_id: UUID = Field(foreign_key="installation.id")
    role: str | None = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class SpouseContact(Table, table=True):
    """An organisation that helps the spouse (*conjoint*) of somebody who settles to find work."""

    __tablename__ = "spouse_contact"
    __table_args__ = (Index("ix_spouse_contact_list", "territory", "name", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    fields: list[str] = texts()
    how: str = Field(sa_type=Text)
    ended_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
