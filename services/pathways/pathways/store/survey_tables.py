"""Tables of surveys. A link and an answer have only their survey in common: neither says who, nor when exactly."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class Survey(Table, table=True):
    """A questionnaire put to somebody about something. `definition` is the questionnaire as it was then."""

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", "period"),
        Index("ix_survey_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    questionnaire: str = string()
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    respondent: str = string()
    subject: str = string()
    topic: str | None = string(default=None)
    session_id: UUID | None = Field(default=None, foreign_key="session.id")
    session_kind: str | None = string(default=None)
    opens_on: date
    closes_on: date
    closed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class SurveyLink(Table, table=True):
    """A link that answers once. It does not say who has it, nor when it was used (docs/adr: anonymous surveys)."""

    __tablename__ = "survey_link"
    __table_args__ = (Index("ix_survey_link_survey", "territory", "survey_id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    survey_id: UUID = Field(foreign_key="survey.id")
    issued_at: datetime = instant()
    issued_by: str = string()
    answered: bool


class SurveyAnswer(Table, table=True):
    """What somebody answered, on a day. Its id is random; what they wrote is sealed. Never changed."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", "score"),
        Index("ix_survey_answer_survey", "territory", "survey_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    survey_id: UUID = Field(foreign_key="survey.id")
    answered_on: date
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    texts: bytes | None = Field(sa_column=Column(LargeBinary))
    score: int | None
