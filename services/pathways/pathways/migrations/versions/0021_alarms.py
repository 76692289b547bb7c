"""Alarms of telemonitoring: platforms, references, alarms and hand-overs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, reference, stamped, texts

revision = "0021"
down_revision = "0020"

SERVICE = "pathways"
_ALL = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _platforms()
    _alarms()
    for table, hidden in (
        ("alarm_platform", ("secret", "previous")),
        ("alarm_ref", ()),
        ("alarm", ("episode_index",)),
    ):
        ddl.tenant(table, SERVICE, grants=_ALL)
        ddl.history(table, "id", hidden=hidden)
    ddl.tenant("alarm_message", SERVICE)
    ddl.tenant("alarm_handover", SERVICE, grants="SELECT, INSERT")


def _platforms() -> None:
    stamped(
        "alarm_platform",
        *texts("label"),
        *reference("alarm_platform", "group_id", "duty_group"),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("previous", sa.LargeBinary),
        *instants("previous_until", "closed_at", nullable=True),
    )
    op.create_index("ix_alarm_platform_list", "alarm_platform", ["territory", "id"])
    stamped(
        "alarm_ref",
        *_of("alarm_ref", "patient_id", "enrolment_id"),
        *reference("alarm_ref", "platform_id", "alarm_platform"),
        *instants("ended_at", nullable=True),
    )
    op.create_index("ix_alarm_ref_patient", "alarm_ref", ["territory", "patient_id"])
    standing = sa.text("ended_at IS NULL")
    pair = ["enrolment_id", "platform_id"]
    op.create_index("ux_alarm_ref_standing", "alarm_ref", pair, unique=True, postgresql_where=standing)
    op.create_table(
        "alarm_message",
        *ids("platform_id"),
        *texts("message_id", "territory"),
        *instants("received_at"),
        sa.PrimaryKeyConstraint("platform_id", "message_id", name="pk_alarm_message"),
    )
    op.create_index("ix_alarm_message_received", "alarm_message", ["received_at"])


def _alarms() -> None:
    stamped(
        "alarm",
        *reference("alarm", "ref_id", "alarm_ref"),
        *_of("alarm", "patient_id", "enrolment_id"),
        *texts("template", "code", "state"),
        *texts("acknowledged_by", "closed_by", "outcome", nullable=True),
        sa.Column("episode_index", sa.LargeBinary, nullable=False),
        *numbers("messages", "turn"),
        sa.Column("turns", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("within", sa.ARRAY(sa.Integer), nullable=False),
        *instants("last_at", "raised_at"),
        *instants("next_at", "unanswered_at", "acknowledged_at", "closed_at", nullable=True),
        sa.CheckConstraint("state IN ('raised', 'acknowledged', 'closed')", name="ck_alarm_state"),
    )
    op.create_index("ix_alarm_patient", "alarm", ["territory", "patient_id", "id"])
    op.create_index("ix_alarm_turns", "alarm", ["turns"], postgresql_using="gin")
    op.create_index("ix_alarm_next", "alarm", ["next_at"], postgresql_where=sa.text("state = 'raised'"))
    episode = ["ref_id", "code", "episode_index"]
    still_open = sa.text("state <> 'closed'")
    op.create_index("ux_alarm_episode", "alarm", episode, unique=True, postgresql_where=still_open)
    op.create_table(
        "alarm_handover",
        *ids("id"),
        *texts("territory", "reason"),
        *reference("alarm_handover", "alarm_id", "alarm"),
        *_of("alarm_handover", "enrolment_id"),
        *texts("rpps", nullable=True),
        *instants("at"),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_handover"),
    )
    op.create_index("ix_alarm_handover_enrolment", "alarm_handover", ["enrolment_id"])
    op.create_index("ix_alarm_handover_alarm", "alarm_handover", ["territory", "alarm_id", "id"])


def _of(table: str, *columns: str) -> list[Any]:
    keys = []
    for column in columns:
        other = column.removesuffix("_id")
        name = f"fk_{table}_territory_{column}"
        pair = ["territory", column]
        keys.append(sa.ForeignKeyConstraint(pair, [f"{other}.territory", f"{other}.id"], name=name))
    return [*ids(*columns), *keys]
