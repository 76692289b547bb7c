"""What reconciliations found. Counts over all territories: their rows are of none."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


class Reconciliation(Table, table=True):
    """One comparison of what producers said with what was held. `producers`: each with its sums, null: no answer."""

    __tablename__ = "reconciliation"

    id: UUID = Field(primary_key=True)
    ran_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    since: date
    repaired: int
    complete: bool
    producers: list[Any] = Field(sa_column=Column(JSONB, nullable=False))


class ReconciliationDifference(Table, table=True):
    """A type of a day of which another number was held than said."""

    __tablename__ = "reconciliation_difference"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        ForeignKeyConstraint(["reconciliation_id"], ["reconciliation.id"], ondelete="CASCADE"),
    )

    reconciliation_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    type: str = Field(primary_key=True, sa_type=Text)
    said: int = Field(sa_type=BigInteger)
    held: int = Field(sa_type=BigInteger)
