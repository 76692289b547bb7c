"""To whom published lists are sent, and who received which version."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant


class DiffusionList(Table, table=True):
    """To whom lists are sent: professionals, establishments, CPAM, MSA ..."""

    __tablename__ = "diffusion_list"
    __table_args__ = (
        Index("uq_diffusion_list_name", "territory", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    ended_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class DiffusionRecipient(Table, table=True):
    """One recipient on a list, from a day on, up to another. `address` is sealed: an e-mail that is no channel's."""

    __tablename__ = "diffusion_recipient"
    __table_args__ = (
        CheckConstraint("kind IN ('professional', 'establishment', 'cpam', 'msa', 'other')", "kind"),
        CheckConstraint("owner_kind IN ('rpps', 'finess', 'partner', 'email')", "owner_kind"),
        Index(
            "uq_diffusion_recipient_person", "list_id", "recipient", unique=True, postgresql_where=text("until IS NULL")
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    list_id: UUID = Field(foreign_key="diffusion_list.id")
    recipient: UUID
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    owner_kind: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    address: bytes | None = Field(sa_type=LargeBinary)
    since: date
    until: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Diffusion(Table, table=True):
    """A version goes to a recipient, once. `message_id` is there when the job has handed it on."""

    __tablename__ = "diffusion"
    __table_args__ = (
        ForeignKeyConstraint(["publication_id"], ["publication.id"]),
        Index("ix_diffusion_waiting", "requested_at", postgresql_where=text("message_id IS NULL")),
    )

    territory: str = Field(sa_type=Text)
    publication_id: UUID = Field(primary_key=True)
    recipient: UUID = Field(primary_key=True)
    recipient_id: UUID = Field(foreign_key="diffusion_recipient.id")
    requested_at: datetime = instant()
    message_id: UUID | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
