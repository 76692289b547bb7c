"""The records of the FINESS file under way, between reading and merging."""

from sqlalchemy import Index, Text
from sqlmodel import Field

from directory.store.base import Table


class FinessStaging(Table, table=True):
    """One record: its number in the file, what it is, whom it is of, and what it says as JSON."""

    __tablename__ = "finess_staging"
    __table_args__ = (Index(None, "finess", "line"),)

    line: int = Field(primary_key=True)
    finess: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    facts: str = Field(sa_type=Text)
