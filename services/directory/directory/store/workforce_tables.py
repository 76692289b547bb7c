"""Who of a territory is self-employed, counted day by day. Tenant rows, written once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class WorkforceCount(Table, table=True):
    """Self-employed professionals of the territory on a day; kept when it changed."""

    __tablename__ = "workforce_count"
    __table_args__ = (Index("uq_workforce_count_day", "territory", "day", unique=True),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    day: date
    self_employed: list[str] = texts()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
