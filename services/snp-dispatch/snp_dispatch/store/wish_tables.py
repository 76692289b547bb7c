"""The table of visits that pathways ask for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant


class VisitWish(Table, table=True):
    """What pathways told of a visit that a step needs; the call has its id. Either telling may come first."""

    __tablename__ = "visit_wish"

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    wanted_at: datetime | None = instant(default=None, nullable=True)
    withdrawn_at: datetime | None = instant(default=None, nullable=True)
