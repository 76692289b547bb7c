"""Table of the grants between neighbouring territories."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text
from sqlmodel import Field

from snp_dispatch.store.base import Table, codes, instant


class TerritoryGrant(Table, table=True):
    """A territory (`territory`) opens some of its slots to the calls of another for a time."""

    __tablename__ = "territory_grant"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("territory <> to_territory", name="neighbours"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        Index("ix_territory_grant_received", "to_territory", "territory"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text, description="Opens its slots")
    to_territory: str = Field(sa_type=Text, description="May use them")
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    professions: list[str] = codes()
    audience: list[str] = codes()
    granted_by: str = Field(sa_type=Text)
    granted_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None, nullable=True)
    revoked_by: str | None = Field(default=None, sa_type=Text)
