"""What an erasure or a purge leaves: that it took place, of what class, how many rows. No identity, no id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class ErasureProof(Table, table=True):
    """One erasure, or one purge of the record of accesses. `patient_digest` answers who asks about a known id."""

    __tablename__ = "erasure_proof"
    __table_args__ = (Index(None, "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    at: datetime = instant()
    class_: str = Field(sa_column=Column("class", Text, nullable=False))
    reason: str = string()
    rules_version: str = string()
    patient_digest: bytes | None = Field(sa_column=Column(LargeBinary))
    row_counts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
