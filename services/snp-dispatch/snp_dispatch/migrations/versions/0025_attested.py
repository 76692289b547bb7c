"""What a territory attests of effectors."""

from alembic import op

from kit.ddl import tenant

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None

# As for slots and participation (0017): a neighbour's rows, when a transaction that holds a grant asks for them.
GRANTED = """
    territory = current_setting('app.neighbour', true) AND EXISTS (
        SELECT FROM territory_grant g
         WHERE g.territory = current_setting('app.neighbour', true)
           AND g.to_territory = current_setting('app.territory', true))
"""
STATEMENTS = (
    """
    CREATE TABLE attested (
        territory text NOT NULL,
        effector_id text NOT NULL,
        gender text,
        languages text[],
        tariff_sector text,
        accessibility text[],
        version integer NOT NULL,
        CONSTRAINT pk_attested PRIMARY KEY (territory, effector_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("attested", "snp-dispatch")
    op.execute(f"CREATE POLICY attested_granted ON attested FOR SELECT TO snp_dispatch_app USING ({GRANTED})")
    op.execute(
        "DO $$ BEGIN IF current_setting('server_version_num')::int >= 170000 THEN "
        "EXECUTE 'GRANT MAINTAIN ON attested TO snp_dispatch_system'; END IF; END $$"
    )
