"""Newsletters and the register of technical problems."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0015"
down_revision = "0014"

SERVICE = "directory"


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _instant(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _changed() -> list[sa.Column[Any]]:
    return [sa.Column("version", sa.Integer, nullable=False), _instant("changed_at"), *_texts("changed_by")]


def upgrade() -> None:
    op.create_table(
        "newsletter",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "subject", "text"),
        sa.Column("recipients", sa.Integer, nullable=False),
        _instant("sent_at"),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_newsletter"),
    )
    op.create_index("ix_newsletter_recent", "newsletter", ["territory", "id"])
    op.create_table(
        "technical_issue",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("title", "description", "severity", "state"),
        *_texts("reporter_kind", "reporter", nullable=True),
        _instant("created_at"),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_technical_issue"),
    )
    op.create_index("uq_technical_issue_number", "technical_issue", ["territory", "number"], unique=True)
    op.create_index("ix_technical_issue_reporter", "technical_issue", ["territory", "reporter_kind", "reporter"])
    op.create_table(
        "issue_answer",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        sa.Column("issue_id", sa.Uuid, nullable=False),
        *_texts("text", "state"),
        _instant("at"),
        *_texts("by"),
        sa.Column("by_reporter", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issue_answer"),
    )
    op.create_index("ix_issue_answer_issue", "issue_answer", ["territory", "issue_id", "id"])
    for table in ("newsletter", "technical_issue"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")
    ddl.tenant("issue_answer", SERVICE, grants="SELECT, INSERT")
