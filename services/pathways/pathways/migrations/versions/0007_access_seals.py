"""The record of accesses is sealed in batches; its rows go only when their batch is purged, its seals never."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0007"
down_revision = "0006"

SERVICE = "pathways"

# The grants let the system role fill in the batch and purge; this says of which rows, whoever asks.
_GUARD = """
CREATE FUNCTION guard_access_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.batch IS NULL AND NEW.batch IS NOT NULL
       AND to_jsonb(NEW) - 'batch' = to_jsonb(OLD) - 'batch' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM access_seal s
        WHERE s.territory = OLD.territory AND s.number = OLD.batch AND s.purged_at IS NOT NULL) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an access that was recorded stays as it is' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "access_seal",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.Column("row_digests", sa.LargeBinary),
        sa.Column("purged_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("territory", "number", name="pk_access_seal"),
    )
    ddl.tenant("access_seal", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE (purged_at, row_digests) ON access_seal TO pathways_system")
    op.execute("ALTER TABLE access_record ADD COLUMN batch integer")
    op.create_index(
        "ix_access_record_unsealed", "access_record", ["territory", "id"], postgresql_where=sa.text("batch IS NULL")
    )
    op.create_index("ix_access_record_territory_batch", "access_record", ["territory", "batch"])
    op.create_index("ix_access_record_territory_id", "access_record", ["territory", "id"])
    op.execute(_GUARD)
    op.execute(
        "CREATE TRIGGER access_record_guard BEFORE UPDATE OR DELETE ON access_record "
        "FOR EACH ROW EXECUTE FUNCTION guard_access_record()"
    )
    op.execute("GRANT UPDATE (batch), DELETE ON access_record TO pathways_system")
