import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    ddl.create_plumbing("directory")
    op.create_table(
        "thing",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    # Lets a test make the commit itself fail: the check runs when the transaction ends.
    op.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.name = 'fails at commit' THEN RAISE EXCEPTION 'refused at commit'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    ddl.tenant("thing", "directory")
