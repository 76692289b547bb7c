"""Newsletters that were sent, and the register of technical problems."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from directory.store.base import Table, instant


class Newsletter(Table, table=True):
    """A newsletter as it was sent. Who got it: the messages of the batch of this id."""

    __tablename__ = "newsletter"
    __table_args__ = (Index("ix_newsletter_recent", "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    recipients: int
    sent_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class TechnicalIssue(Table, table=True):
    """A technical problem that somebody reported. `number` counts on the territory, from 1."""

    __tablename__ = "technical_issue"
    __table_args__ = (
        Index("uq_technical_issue_number", "territory", "number", unique=True),
        Index("ix_technical_issue_reporter", "territory", "reporter_kind", "reporter"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    number: int
    title: str = Field(sa_type=Text)
    description: str = Field(sa_type=Text)
    severity: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    reporter_kind: str | None = Field(sa_type=Text)
    reporter: str | None = Field(sa_type=Text)
    created_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class IssueAnswer(Table, table=True):
    """What was answered to a reported problem, by whom; never changed."""

    __tablename__ = "issue_answer"
    __table_args__ = (Index("ix_issue_answer_issue", "territory", "issue_id", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    issue_id: UUID
    text: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    at: datetime = instant()
    by: str = Field(sa_type=Text)
    by_reporter: bool


class Unsubscription(Table, table=True):
    """An address that is no channel and wants no more newsletters. `address` is a keyed digest."""

    __tablename__ = "unsubscription"
    __table_args__ = (Index("uq_unsubscription_address", "territory", "address", unique=True),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    address: bytes = Field(sa_type=LargeBinary)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
