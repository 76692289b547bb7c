"""Surveys, their links and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl
from pathways.migrations.columns import days, ids, instants, numbers, reference, stamped, texts

revision = "0010"
down_revision = "0009"

SERVICE = "pathways"


def upgrade() -> None:
    stamped(
        "survey",
        *texts("questionnaire", "respondent", "subject"),
        sa.Column("definition", JSONB, nullable=False),
        *texts("topic", "session_kind", nullable=True),
        *reference("survey", "session_id", "session", nullable=True),
        *days("opens_on", "closes_on"),
        *instants("closed_at", nullable=True),
        sa.CheckConstraint("opens_on <= closes_on", name="ck_survey_period"),
    )
    op.create_index("ix_survey_list", "survey", ["territory", "id"])
    ddl.tenant("survey", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("survey", "id")
    _link()
    _answer()


def _link() -> None:
    op.create_table(
        "survey_link",
        *ids("id"),
        *texts("territory", "issued_by"),
        *reference("survey_link", "survey_id", "survey"),
        *instants("issued_at"),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey_link"),
    )
    op.create_index("ix_survey_link_survey", "survey_link", ["territory", "survey_id"])
    # No history: when a link was used would tell which answer is whose.
    ddl.tenant("survey_link", SERVICE, grants="SELECT, INSERT, UPDATE")


def _answer() -> None:
    op.create_table(
        "survey_answer",
        *ids("id"),
        *texts("territory"),
        *reference("survey_answer", "survey_id", "survey"),
        *days("answered_on"),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("texts", sa.LargeBinary),
        *numbers("score", nullable=True),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="ck_survey_answer_score"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_answer"),
    )
    op.create_index("ix_survey_answer_survey", "survey_answer", ["territory", "survey_id", "id"])
    ddl.tenant("survey_answer", SERVICE, grants="SELECT, INSERT")
