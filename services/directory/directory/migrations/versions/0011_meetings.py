"""Meetings of the association, attendance, votes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0011"
down_revision = "0010"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "attendance",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("(status = 'represented') = (holder_id IS NOT NULL)", name="ck_attendance_holder"),
        sa.CheckConstraint("status IN ('present', 'represented', 'excused', 'absent')", name="ck_attendance_status"),
        sa.PrimaryKeyConstraint("territory", "meeting_id", "member_id", name="pk_attendance"),
    )
    op.create_table(
        "ballot",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("college", sa.Integer(), nullable=True),
        sa.Column("options", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name="ck_ballot_state"),
        sa.PrimaryKeyConstraint("territory", "id", name="pk_ballot"),
    )
    op.create_index("ix_ballot_meeting", "ballot", ["territory", "meeting_id"])
    op.create_table(
        "ballot_box",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("college", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.CheckConstraint("votes >= 0", name="ck_ballot_box_votes"),
        sa.PrimaryKeyConstraint("territory", "ballot_id", "college", "choice", name="pk_ballot_box"),
    )
    op.create_table(
        "ballot_voter",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("college", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.Column("choices", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("NOT secret OR choices IS NULL", name="ck_ballot_voter_secret"),
        sa.PrimaryKeyConstraint("territory", "ballot_id", "member_id", name="pk_ballot_voter"),
    )
    op.create_table(
        "meeting",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("agenda", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('convened', 'held', 'cancelled')", name="ck_meeting_state"),
        sa.PrimaryKeyConstraint("territory", "id", name="pk_meeting"),
    )
    op.create_index("ix_meeting_start", "meeting", ["territory", "starts_at", "id"])
    for table in ("meeting", "attendance", "ballot", "ballot_voter", "ballot_box"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("meeting", "id")
    ddl.history("attendance", "meeting_id", "member_id")
    ddl.history("ballot", "id")
    # The roll of a secret vote has no choices; its counters (ballot_box) have no history, which would tell their order.
    ddl.history("ballot_voter", "ballot_id", "member_id")
