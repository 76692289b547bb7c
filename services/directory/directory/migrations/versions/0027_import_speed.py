"""Imports of the whole country: what the last file said of each person, staging that is not logged, whom to tell."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0027"
down_revision = "0026"

SERVICE = "directory"


def upgrade() -> None:
    _staging()
    _source()
    _following()
    _names()


def _staging() -> None:
    """Lines are read by person: one index less on the way in. A crash of the server empties it, a run notices."""
    op.execute("TRUNCATE rpps_staging")
    op.drop_constraint("pk_rpps_staging", "rpps_staging")
    op.drop_index("ix_rpps_staging_rpps_line", "rpps_staging")
    op.create_primary_key("pk_rpps_staging", "rpps_staging", ["rpps", "line"])
    op.execute("ALTER TABLE rpps_staging SET UNLOGGED")


def _source() -> None:
    op.create_table(
        "person_source",
        sa.Column("rpps", sa.Text, nullable=False),
        sa.Column("digest", sa.Uuid, nullable=False),
        sa.Column("unresolved", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("rpps", name="pk_person_source"),
    )
    ddl.reference("person_source", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE ON person_source TO directory_system")


def _following() -> None:
    op.create_table(
        "followed_department",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("persons_up_to", sa.Text),
        sa.Column("structures_up_to", sa.Text),
        sa.PrimaryKeyConstraint("department", name="pk_followed_department"),
    )
    ddl.reference("followed_department", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE ON followed_department TO directory_system")


def _names() -> None:
    """How many persons have a word, where they are many; words by their beginning."""
    op.add_column("name_word", sa.Column("persons", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_name_word_beginning", "name_word", ["word"], postgresql_ops={"word": "text_pattern_ops"})
    op.create_index(
        "ix_name_word_common",
        "name_word",
        ["word"],
        postgresql_ops={"word": "text_pattern_ops"},
        postgresql_where=sa.text("persons > 0"),
    )
    op.execute("GRANT UPDATE ON name_word TO directory_system")
