"""A neighbour's claim retires an expired hold of the lender; visits in slots of neighbours are found by their start."""

from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | None = None
depends_on: str | None = None

APP = "snp_dispatch_app"
# As for slots and claims (0017). What is written to a hold is its expiry, and nothing else.
GRANTED = """
    territory = current_setting('app.neighbour', true) AND EXISTS (
        SELECT FROM territory_grant g
         WHERE g.territory = current_setting('app.neighbour', true)
           AND g.to_territory = current_setting('app.territory', true))
"""
STATEMENTS = (
    f"CREATE POLICY hold_granted ON hold FOR SELECT TO {APP} USING ({GRANTED})",
    f"""
    CREATE POLICY hold_granted_ended ON hold FOR UPDATE TO {APP} USING ({GRANTED} AND state = 'active')
      WITH CHECK ({GRANTED} AND state = 'expired')
    """,
    """
    CREATE INDEX ix_booking_lent ON booking (starts_at) WHERE slot_territory IS NOT NULL AND state = 'confirmed'
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
