"""Facts, the projections of slots, calls and bookings, rebuilds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0001"
down_revision = None

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    ddl.create_plumbing(SERVICE)
    _facts()
    _slots()
    _calls()
    _bookings()
    _rebuilds()


def _facts() -> None:
    op.create_table(
        "fact",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("slot_id", sa.Uuid),
        sa.Column("call_id", sa.Uuid),
        sa.Column("booking_id", sa.Uuid),
        sa.Column("dimensions", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_fact"),
    )
    op.create_index("ix_fact_territory_kind_occurred_at", "fact", ["territory", "kind", "occurred_at"])
    op.create_index(
        "ix_fact_slot", "fact", ["territory", "slot_id", "kind"], postgresql_where=sa.text("slot_id IS NOT NULL")
    )
    op.create_index(
        "ix_fact_call", "fact", ["territory", "call_id", "kind"], postgresql_where=sa.text("call_id IS NOT NULL")
    )
    op.create_index(
        "ix_fact_booking", "fact", ["territory", "booking_id"], postgresql_where=sa.text("booking_id IS NOT NULL")
    )
    # Written once: nobody may change or remove a fact.
    ddl.tenant("fact", SERVICE, grants="SELECT, INSERT")


def _slots() -> None:
    op.create_table(
        "slot_fact",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("slot_id", sa.Uuid, nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("standing", sa.Boolean, nullable=False),
        sa.Column("booked", sa.Boolean, nullable=False),
        sa.Column("starts_at", INSTANT),
        sa.Column("effector_kind", sa.Text),
        sa.Column("effector_id", sa.Text),
        sa.Column("profession", sa.Text),
        sa.Column("specialties", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("audience", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("mode", sa.Text),
        sa.PrimaryKeyConstraint("territory", "slot_id", name="pk_slot_fact"),
    )
    op.create_index(
        "ix_slot_fact_standing",
        "slot_fact",
        ["territory", "starts_at"],
        postgresql_include=["effector_kind", "effector_id", "profession", "specialties", "audience", "booked"],
        postgresql_where=sa.text("standing"),
    )
    op.create_index(
        "ix_slot_fact_unpublished", "slot_fact", ["territory", "starts_at"], postgresql_where=sa.text("NOT published")
    )
    ddl.tenant("slot_fact", SERVICE)


def _calls() -> None:
    op.create_table(
        "call_fact",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("standing", sa.Boolean, nullable=False),
        sa.Column("booked", sa.Boolean, nullable=False),
        sa.Column("received_at", INSTANT),
        sa.Column("origin", sa.Text),
        sa.Column("profession", sa.Text),
        sa.Column("specialty", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("territory", "call_id", name="pk_call_fact"),
    )
    op.create_index(
        "ix_call_fact_standing",
        "call_fact",
        ["territory", "received_at"],
        postgresql_include=["origin", "outcome", "booked"],
        postgresql_where=sa.text("standing"),
    )
    op.create_index(
        "ix_call_fact_unreceived", "call_fact", ["territory", "received_at"], postgresql_where=sa.text("NOT standing")
    )
    ddl.tenant("call_fact", SERVICE)


def _bookings() -> None:
    op.create_table(
        "booking_fact",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("booking_id", sa.Uuid, nullable=False),
        sa.Column("slot_id", sa.Uuid, nullable=False),
        sa.Column("call_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("starts_at", INSTANT),
        sa.Column("call_received_at", INSTANT),
        sa.PrimaryKeyConstraint("territory", "booking_id", name="pk_booking_fact"),
    )
    op.create_index("ix_booking_fact_slot", "booking_fact", ["territory", "slot_id"])
    op.create_index("ix_booking_fact_call", "booking_fact", ["territory", "call_id"])
    ddl.tenant("booking_fact", SERVICE)


def _rebuilds() -> None:
    op.create_table(
        "rebuild",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("facts", sa.Integer),
        sa.Column("changed", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_rebuild"),
    )
    op.create_index("ix_rebuild_waiting", "rebuild", ["requested_at"], postgresql_where=sa.text("finished_at IS NULL"))
    ddl.tenant("rebuild", SERVICE)
