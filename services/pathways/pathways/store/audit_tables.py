"""Seals over batches of the record of accesses."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class AccessSeal(Table, table=True):
    """A batch of accesses: how many rows, their digest, the seal before and this one (HMAC). It outlives its rows.

    `row_digests` (the beginning of each row's digest) goes when the rows are purged.
    """

    __tablename__ = "access_seal"

    territory: str = string(primary_key=True)
    number: int = Field(primary_key=True)
    sealed_at: datetime = instant()
    row_count: int
    newest_at: datetime = instant()
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seal: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    row_digests: bytes | None = Field(sa_column=Column(LargeBinary))
    purged_at: datetime | None = instant(nullable=True)
