"""How many persons each place has under each facet; words of names without one of their letters."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0034"
down_revision = "0033"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "facet_count",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("facet", sa.Text, nullable=False),
        sa.Column("persons", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("place", "facet", name="pk_facet_count"),
    )
    op.execute("INSERT INTO facet_count SELECT place, facet, count(*) FROM search_entry GROUP BY 1, 2")
    op.create_index("ix_facet_count_facet", "facet_count", ["facet", "persons"])
    ddl.reference("facet_count", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE ON facet_count TO directory_system")
    _typos()


def _typos() -> None:
    op.add_column("name_word", sa.Column("typos", sa.ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.execute(
        "UPDATE name_word SET typos = ARRAY(SELECT DISTINCT overlay(word PLACING '' FROM n FOR 1) "
        "FROM generate_series(1, length(word)) n UNION SELECT word) WHERE length(word) >= 3"
    )
    op.create_index(
        "ix_name_word_typos", "name_word", ["typos"], postgresql_using="gin", postgresql_with={"fastupdate": "off"}
    )
