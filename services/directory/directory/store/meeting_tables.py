"""Meetings of the association, attendance, votes. A secret vote is a roll of who voted and a box of counts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class Meeting(Table, table=True):
    """A meeting of a body (*assemblée générale*, *conseil d'administration* ...)."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("state IN ('convened', 'held', 'cancelled')", "state"),
        Index("ix_meeting_start", "territory", "starts_at", "id"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    starts_at: datetime = instant()
    place: str | None = Field(default=None, sa_type=Text)
    agenda: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Attendance(Table, table=True):
    """A line of the attendance sheet."""

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("status IN ('present', 'represented', 'excused', 'absent')", "status"),
        CheckConstraint("(status = 'represented') = (holder_id IS NOT NULL)", "holder"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    meeting_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    status: str = Field(sa_type=Text)
    holder_id: UUID | None = None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Ballot(Table, table=True):
    """A question put to the vote. `terms` are the rules and shares as they were when it was opened."""

    __tablename__ = "ballot"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", "state"),
        Index("ix_ballot_meeting", "territory", "meeting_id"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    meeting_id: UUID
    item: int
    question: str = Field(sa_type=Text)
    secret: bool
    seats: int | None = None
    college: int | None = None
    options: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_type=Text)
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class BallotVoter(Table, table=True):
    """The roll (*liste d'émargement*): a member whose vote counts, and whether it was cast. `choices` of open votes."""

    __tablename__ = "ballot_voter"
    __table_args__ = (CheckConstraint("NOT secret OR choices IS NULL", "secret"),)

    territory: str = Field(sa_type=Text, primary_key=True)
    ballot_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    college: int
    holder_id: UUID
    secret: bool
    voted: bool
    choices: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class BallotBox(Table, table=True):
    """The urn of a secret vote: one counter a college and choice. No row a vote, no time, no history."""

    __tablename__ = "ballot_box"
    __table_args__ = (CheckConstraint("votes >= 0", "votes"),)

    territory: str = Field(sa_type=Text, primary_key=True)
    ballot_id: UUID = Field(primary_key=True)
    college: int = Field(primary_key=True)
    choice: str = Field(sa_type=Text, primary_key=True)
    votes: int
