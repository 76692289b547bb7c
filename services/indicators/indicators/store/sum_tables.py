"""Sums of months, of which figures are counted instead of the rows."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


class MonthSum(Table, table=True):
    """What stands of one source in one whole month of a territory, put together (docs/adr/0056).

    Without `entries` it is wanted and not made yet. `shape` says by which SELECT it was made: one that another
    release made otherwise is not read.
    """

    __tablename__ = "month_sum"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_month_sum_wanted", "territory", "source", "since", postgresql_where=text("entries IS NULL")),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    since: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))
    until: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    shape: str = Field(sa_type=Text)
    entries: list[dict[str, Any]] | None = Field(sa_column=Column(JSONB, nullable=True))
