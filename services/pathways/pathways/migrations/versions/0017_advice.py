"""On-call orders, absences, and advice between professionals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl
from pathways.migrations.columns import days, ids, instants, numbers, reference, stamped, texts

revision = "0017"
down_revision = "0016"

SERVICE = "pathways"
_ALL = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    stamped("duty_group", *texts("label"), sa.Column("members", JSONB, nullable=False))
    op.create_index("ix_duty_group_list", "duty_group", ["territory", "id"])
    stamped(
        "duty_absence",
        *texts("rpps"),
        *days("from_on", "until_on"),
        *instants("cancelled_at", nullable=True),
        sa.CheckConstraint("from_on <= until_on", name="ck_duty_absence_days"),
    )
    op.create_index("ix_duty_absence_rpps", "duty_absence", ["territory", "rpps", "until_on"])
    _advice()
    for table, hidden in (("duty_group", ()), ("duty_absence", ()), ("advice", ("question", "answer"))):
        ddl.tenant(table, SERVICE, grants=_ALL)
        ddl.history(table, "id", hidden=hidden)


def _advice() -> None:
    stamped(
        "advice",
        *texts("kind", "specialty", "asked_by", "state", "rules_version"),
        *texts("closed_by", "reason", nullable=True),
        *ids("patient_id", nullable=True),
        *reference("advice", "group_id", "duty_group", nullable=True),
        sa.Column("turns", sa.ARRAY(sa.Text), nullable=False),
        *numbers("turn"),
        *instants("asked_at", "due_at"),
        *instants("next_at", "overdue_at", "closed_at", nullable=True),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.CheckConstraint("state IN ('asked', 'answered', 'declined', 'withdrawn')", name="ck_advice_state"),
        sa.ForeignKeyConstraint(
            ["territory", "patient_id"], ["patient.territory", "patient.id"], name="fk_advice_territory_patient_id"
        ),
    )
    op.create_index("ix_advice_asker", "advice", ["territory", "asked_by", "id"])
    op.create_index("ix_advice_turns", "advice", ["turns"], postgresql_using="gin")
    op.create_index("ix_advice_patient", "advice", ["territory", "patient_id", "id"])
    asked = sa.text("state = 'asked'")
    op.create_index("ix_advice_next", "advice", ["next_at"], postgresql_where=asked)
