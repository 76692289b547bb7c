"""Visits that steps need, asked for in the dispatch."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, stamped, texts

revision = "0018"
down_revision = "0017"

SERVICE = "pathways"
_INDEXES = (
    ("ux_step_visit_live", ["step_id"], "state IN ('wanted', 'asked', 'booked')"),
    ("ix_step_visit_step_id", ["step_id", "id"], None),
    ("ix_step_visit_enrolment_id", ["enrolment_id"], None),
    ("ix_step_visit_wanted", ["id"], "state = 'wanted'"),
    ("ix_step_visit_told", ["id"], "state IN ('asked', 'booked')"),
)


def upgrade() -> None:
    op.execute("ALTER TABLE step ADD COLUMN visit text")
    # What the kept version of the pathway says. A step that is late already is not asked for after the fact.
    op.execute(
        "UPDATE step SET visit = spec -> 'needs_visit' ->> 'asked' "
        "FROM enrolment e JOIN template_version kept ON kept.territory = e.territory AND kept.template = e.template "
        "AND kept.version = e.template_version "
        "CROSS JOIN LATERAL jsonb_array_elements(kept.body -> 'steps') AS s (spec) "
        "WHERE e.id = step.enrolment_id AND spec ->> 'code' = step.code AND spec ->> 'needs_visit' IS NOT NULL"
    )
    stamped(
        "step_visit",
        *ids("step_id", "enrolment_id"),
        sa.Column("attempt", sa.SmallInteger, nullable=False),
        *texts("state"),
        *instants("due_at"),
        *instants("deadline", nullable=True),
        *texts("call_end", "reason", nullable=True),
        *ids("booking_id", nullable=True),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name="fk_step_visit_step_id_step"),
        sa.CheckConstraint(
            "state IN ('wanted', 'asked', 'booked', 'fulfilled', 'missed', 'cancelled', 'expired', 'refused', "
            "'withdrawn')",
            name="ck_step_visit_state",
        ),
    )
    for name, columns, where in _INDEXES:
        op.create_index(
            name,
            "step_visit",
            columns,
            unique=name.startswith("ux"),
            postgresql_where=sa.text(where) if where else None,
        )
    ddl.tenant("step_visit", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("step_visit", "id")
    op.execute("GRANT DELETE ON step_visit TO pathways_system")
    op.add_column("enrolment_booking", sa.Column("call_id", sa.Uuid))
    op.add_column("enrolment_booking", sa.Column("ended_by", sa.Text))
    op.create_index("ix_enrolment_booking_call_id", "enrolment_booking", ["call_id"])
