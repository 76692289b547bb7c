"""What a territory keeps by itself: roles, care teams, the common directory of resources. Tenant rows that end."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class RoleHeld(Table, table=True):
    """Somebody holds a role (*fonction*) in a period: a professional, or an organisation for those without RPPS."""

    __tablename__ = "role_held"
    __table_args__ = (
        CheckConstraint("(rpps IS NULL) <> (organisation IS NULL)", "holder"),
        CheckConstraint("since <= ended_on", "period"),
        Index("ix_role_held_order", "territory", "id"),
        Index("ix_role_held_rpps", "territory", "rpps"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    rpps: str | None = Field(sa_type=Text, foreign_key="professional.rpps")
    organisation: str | None = Field(sa_type=Text)
    finess: str | None = Field(sa_type=Text)
    subject: str | None = Field(sa_type=Text)
    since: date
    ended_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CareTeam(Table, table=True):
    """A care team (*équipe de soins*, article L1110-12)."""

    __tablename__ = "care_team"
    __table_args__ = (
        CheckConstraint("since <= ended_on", "period"),
        Index("ix_care_team_order", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    basis: str = Field(sa_type=Text)
    finess: str | None = Field(sa_type=Text)
    commune: str | None = Field(sa_type=Text)
    purpose: str | None = Field(sa_type=Text)
    since: date
    ended_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CareTeamMember(Table, table=True):
    """A professional is of a care team in a period, once at a time."""

    __tablename__ = "care_team_member"
    __table_args__ = (
        CheckConstraint("since <= ended_on", "period"),
        Index("ix_care_team_member_order", "territory", "id"),
        Index("ux_care_team_member", "team_id", "rpps", unique=True, postgresql_where=text("ended_on IS NULL")),
        Index("ix_care_team_member_rpps", "territory", "rpps"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    team_id: UUID = Field(foreign_key="care_team.id")
    rpps: str = Field(sa_type=Text, foreign_key="professional.rpps")
    role: str = Field(sa_type=Text)
    since: date
    ended_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Resource(Table, table=True):
    """An entry of the common directory of resources. `search_text` is name, purpose and public, normalised."""

    __tablename__ = "resource"
    __table_args__ = (Index("ix_resource_order", "territory", "search_name", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    search_name: str = Field(sa_type=Text)
    search_text: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    themes: list[str] = texts()
    purpose: str | None = Field(sa_type=Text)
    public: str | None = Field(sa_type=Text)
    communes: list[str] = texts()
    phone: str | None = Field(sa_type=Text)
    email: str | None = Field(sa_type=Text)
    website: str | None = Field(sa_type=Text)
    opening: str | None = Field(sa_type=Text)
    referral: str | None = Field(sa_type=Text)
    finess: str | None = Field(sa_type=Text)
    rpps: str | None = Field(sa_type=Text)
    attested_at: datetime = instant()
    attested_by: str = Field(sa_type=Text)
    valid_until: date
    ended_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
