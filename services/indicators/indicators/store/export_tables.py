"""Exports: runs, the files that they made, and every attempt to deliver them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


def _instant(nullable: bool = False) -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=nullable)


class ExportRun(Table, table=True):
    """One export of one period. Ordered by hand it has no schedule; of a schedule there is one for each due instant.

    It is taken when `next_at` has come, which is then the end of the lease; `claim` grows with every taking, so that
    who lost the lease changes nothing any more. A run that is over, or waits for the approval of its period (since
    `waits_since`), has no `next_at`. `inside`: it goes to the territory's own office, which sees what is `provisional`.
    At `purged_at` its files were given up.
    """

    __tablename__ = "export_run"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        UniqueConstraint("territory", "schedule", "due_at", name="uq_export_run_due"),
        Index("ix_export_run_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_export_run_listed", "territory", "state", "id"),
        Index("ix_export_run_aging", "built_at", postgresql_where=text("purged_at IS NULL")),
        Index(
            "ix_export_run_waiting",
            "territory",
            "period",
            postgresql_where=text("state = 'waiting_for_approval'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    schedule: str | None = Field(default=None, sa_type=Text)
    due_at: datetime | None = _instant(nullable=True)
    recipient: str | None = Field(default=None, sa_type=Text)
    what: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    formats: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    destination: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    codes: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    rules_version: str = Field(sa_type=Text)
    requested_by: str | None = Field(default=None, sa_type=Text)
    requested_at: datetime = _instant()
    state: str = Field(sa_type=Text)
    steps_done: int
    steps_total: int
    claim: int
    tries: int
    next_at: datetime | None = _instant(nullable=True)
    error: str | None = Field(default=None, sa_type=Text)
    built_at: datetime | None = _instant(nullable=True)
    delivered_at: datetime | None = _instant(nullable=True)
    receipt: str | None = Field(default=None, sa_type=Text)
    version: int
    purged_at: datetime | None = _instant(nullable=True)
    inside: bool = Field(sa_column=Column(Boolean, nullable=False, server_default="false"))
    waits_since: datetime | None = _instant(nullable=True)
    provisional: bool | None = None


class ExportFile(Table, table=True):
    """One file of a run. It is written once; `fetched_at` and `fetched_by` are of its first download."""

    __tablename__ = "export_file"
    __table_args__: ClassVar[tuple[Any, ...]] = (ForeignKeyConstraint(["run_id"], ["export_run.id"]),)

    run_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True, sa_type=Text)
    territory: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(sa_type=Text)
    blob: str = Field(sa_type=Text)
    fetched_at: datetime | None = _instant(nullable=True)
    fetched_by: str | None = Field(default=None, sa_type=Text)


class ExportDelivery(Table, table=True):
    """One attempt to deliver a run. Noted before anything is sent; one without an end was cut off."""

    __tablename__ = "export_delivery"
    __table_args__: ClassVar[tuple[Any, ...]] = (ForeignKeyConstraint(["run_id"], ["export_run.id"]),)

    run_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    begun_at: datetime = _instant()
    ended_at: datetime | None = _instant(nullable=True)
    outcome: str | None = Field(default=None, sa_type=Text)
    receipt: str | None = Field(default=None, sa_type=Text)
