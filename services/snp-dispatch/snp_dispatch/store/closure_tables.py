"""The table of closed periods."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant


class Closure(Table, table=True):
    """A period in which an effector serves nobody on the territory. Availabilities make no slots in it."""

    __table_args__ = (Index("ix_closure_effector", "effector_id", "ends_at"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_type=Text, foreign_key="effector.id")
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    reason: str = Field(sa_type=Text)
    created_at: datetime = instant()
