"""What the routes on surveys take and answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pathways.api.fields import Body, Code
from pathways.domain.questionnaires import Respondent, Subject


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class SurveyIn(Body):
    """What is asked of whom, about what, until when."""

    model_config = _example(
        questionnaire="pathway-patient",
        respondent="patient",
        subject="pathway",
        topic="oncology",
        opens_on="2026-11-23",
        closes_on="2026-12-31",
    )

    questionnaire: Code = Field(description="See /v1/questionnaires")
    respondent: Respondent
    subject: Subject
    topic: Code | None = Field(default=None, description="Of a pathway; that of a session comes by itself")
    session_id: UUID | None = Field(default=None, description="Of a survey about a session")
    opens_on: date
    closes_on: date


class SurveyOut(BaseModel):
    """A survey as it stands."""

    id: UUID
    questionnaire: str
    respondent: str
    subject: str
    topic: str | None
    session_id: UUID | None
    session_kind: str | None
    opens_on: date
    closes_on: date
    closed_at: datetime | None
    version: int


class LinksIn(Body):
    """How many links: one for each person who is asked."""

    model_config = _example(count=20)

    count: int = Field(ge=1, le=1000)


class LinksOut(BaseModel):
    """Addresses, each of one answer. They are shown here once, and kept nowhere."""

    paths: list[str]


class ResultsOut(BaseModel):
    """What came of it. Score and answers are null below `min_answers`; the score is a mean from 0 to 100."""

    issued: int
    answered: int
    rate: float | None = Field(description="Response rate in percent; null without links")
    min_answers: int
    score: float | None
    answers: dict[str, dict[str, int]] | None
    texts: dict[str, list[str]] | None = Field(description="What was written, in no order that leads to anybody")
