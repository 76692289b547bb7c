"""Alarms that the patient or a hospital told: by no platform."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("alarm", sa.Column("source", sa.Text, nullable=False, server_default="telemonitoring"))
    op.alter_column("alarm", "source", server_default=None)
    op.alter_column("alarm", "ref_id", nullable=True)
    op.alter_column("alarm", "episode_index", nullable=True)
    op.create_check_constraint("ck_alarm_source", "alarm", "source IN ('telemonitoring', 'patient', 'hospital')")
    op.create_check_constraint("ck_alarm_ref", "alarm", "(source = 'telemonitoring') = (ref_id IS NOT NULL)")
    op.create_index(
        "ux_alarm_not_taken",
        "alarm",
        ["enrolment_id", "code"],
        unique=True,
        postgresql_where=sa.text("source <> 'telemonitoring' AND state = 'raised'"),
    )
