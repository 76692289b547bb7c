"""Grants between territories: a neighbour's slots, one neighbour at a time and only when a transaction asks for it."""

from alembic import op

from kit.ddl import tenant

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None

SERVICE, APP = "snp-dispatch", "snp_dispatch_app"
# `app.neighbour` is unset unless a use case has checked an active grant: every other statement sees its territory only.
# The grant is looked up here without its times, so that a visit booked under it can be cancelled after it.
GRANTED = """
    territory = current_setting('app.neighbour', true) AND EXISTS (
        SELECT FROM territory_grant g
         WHERE g.territory = current_setting('app.neighbour', true)
           AND g.to_territory = current_setting('app.territory', true))
"""
STATEMENTS = (
    """
    CREATE TABLE territory_grant (
        id uuid NOT NULL,
        territory text NOT NULL,
        to_territory text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        professions text[] NOT NULL,
        audience text[] NOT NULL,
        granted_by text NOT NULL,
        granted_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_by text,
        CONSTRAINT pk_territory_grant PRIMARY KEY (id),
        CONSTRAINT ck_territory_grant_period CHECK (starts_at < ends_at),
        CONSTRAINT ck_territory_grant_neighbours CHECK (territory <> to_territory),
        CONSTRAINT ck_territory_grant_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
    )
    """,
    "CREATE INDEX ix_territory_grant_received ON territory_grant (to_territory, territory)",
    """
    ALTER TABLE booking
        ADD COLUMN grant_id uuid CONSTRAINT fk_booking_grant_id_territory_grant REFERENCES territory_grant (id),
        ADD COLUMN slot_territory text
    """,
    "CREATE INDEX ix_booking_grant ON booking (grant_id, starts_at, id) WHERE grant_id IS NOT NULL",
)
POLICIES = (
    f"""
    CREATE POLICY territory_grant_received ON territory_grant FOR SELECT TO {APP}
        USING (to_territory = current_setting('app.territory', true))
    """,
    f"CREATE POLICY slot_granted ON slot FOR SELECT TO {APP} USING ({GRANTED})",
    f"CREATE POLICY slot_granted_taken ON slot FOR UPDATE TO {APP} USING ({GRANTED}) WITH CHECK ({GRANTED})",
    f"CREATE POLICY participation_granted ON participation FOR SELECT TO {APP} USING ({GRANTED})",
    f"CREATE POLICY pause_granted ON pause FOR SELECT TO {APP} USING ({GRANTED})",
    f"CREATE POLICY seat_claim_granted ON seat_claim TO {APP} USING ({GRANTED}) WITH CHECK ({GRANTED})",
    f"""
    CREATE POLICY booking_lent ON booking FOR SELECT TO {APP}
        USING (slot_territory = current_setting('app.territory', true))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # A grant is revoked, never removed.
    tenant("territory_grant", SERVICE, "SELECT, INSERT, UPDATE")
    for policy in POLICIES:
        op.execute(policy)
