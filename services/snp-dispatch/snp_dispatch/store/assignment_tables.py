"""Table of the batches that were carried out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant


class Assignment(Table, table=True):
    """All waiting calls were given free seats at once: who asked for it, and what became of each call."""

    __table_args__ = (Index("ix_assignment_calendar", "territory", "made_at", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    made_at: datetime = instant()
    made_by: str = Field(sa_type=Text, description="Subject of the token")
    policy_version: str = Field(sa_type=Text)
    calls: int
    slots: int
    booked: int
    outcome: dict[str, Any] = Field(sa_type=JSONB)
