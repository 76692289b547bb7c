"""National rows as they were, and what was kept of a file with a warning."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class ProfessionalPast(Table, table=True):
    """A state of a person that an import ended: the row and its activities, from `valid_from` to `valid_until`.

    `import_id` is the run that had brought it. `found_under` holds `<commune> <facet>` of each of its search
    entries, so that a search as of a day reads an index too.
    """

    __tablename__ = "professional_past"
    __table_args__ = (Index(None, "valid_until"), Index(None, "found_under", postgresql_using="gin"))

    rpps: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    valid_from: datetime = instant()
    valid_until: datetime = instant()
    import_id: UUID | None = None
    found_under: list[str] = texts()
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class ImportWarning(Table, table=True):
    """A line that was kept although something about it is wrong."""

    __tablename__ = "import_warning"

    import_id: UUID = Field(primary_key=True, foreign_key="import_run.id")
    line: int = Field(primary_key=True)
    cause: str = Field(sa_type=Text, primary_key=True)
    source_column: str | None = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)


class StructurePast(Table, table=True):
    """A state of a structure that an import ended, from `valid_from` to `valid_until`, found by its commune."""

    __tablename__ = "structure_past"
    __table_args__ = (Index(None, "valid_until"), Index(None, "commune", "valid_until"))

    finess: str = Field(sa_type=Text, primary_key=True)
    version: int = Field(primary_key=True)
    valid_from: datetime = instant()
    valid_until: datetime = instant()
    import_id: UUID | None = None
    commune: str | None = Field(sa_type=Text)
    state: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
