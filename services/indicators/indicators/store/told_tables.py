"""Figures that somebody tells: imported files and their lines, entries with their proofs. Rows are never changed."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Double, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table

_WHOLE = ["territory", "figure", "period", "source", "number"]


def _instant() -> Any:
    return Field(sa_type=DateTime(timezone=True), nullable=False)


class FigureImport(Table, table=True):
    """A file that a source sent, for one period. `refusals`: number, cause and detail of the first bad lines."""

    __tablename__ = "figure_import"

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    lines: int
    added: int
    changed: int
    unchanged: int
    masked: int
    refused: int
    refusals: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    changed_at: datetime = _instant()
    changed_by: str = Field(sa_type=Text)


class ImportedFigure(Table, table=True):
    """What a source told of a figure in a period; the highest `number` stands, the others are what it told before."""

    __tablename__ = "imported_figure"

    territory: str = Field(primary_key=True, sa_type=Text)
    figure: str = Field(primary_key=True, sa_type=Text)
    period: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True)
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    value: float | None = Field(default=None, sa_type=Double)
    masked: bool
    import_id: UUID
    line: int


class ImportedPart(Table, table=True):
    """A commune of what a source told of a figure; told together with the whole, of which it has the `number`."""

    __tablename__ = "imported_part"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        ForeignKeyConstraint(_WHOLE, [f"imported_figure.{name}" for name in _WHOLE]),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    figure: str = Field(primary_key=True, sa_type=Text)
    period: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True)
    commune: str = Field(primary_key=True, sa_type=Text)
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    value: float | None = Field(default=None, sa_type=Double)
    masked: bool
    line: int


class ManualFigure(Table, table=True):
    """A figure that somebody entered, with its proof; the highest `number` stands, the others it corrects."""

    __tablename__ = "manual_figure"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        UniqueConstraint("territory", "figure", "period", "number", name="uq_manual_figure_number"),
        Index("ix_manual_figure_listed", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    figure: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    number: int
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    value: float = Field(sa_type=Double)
    comment: str = Field(sa_type=Text)
    proof_id: UUID
    proof_blob: str = Field(sa_type=Text)
    proof_name: bytes
    proof_type: str = Field(sa_type=Text)
    proof_size: int
    proof_digest: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = _instant()
    changed_by: str = Field(sa_type=Text)
