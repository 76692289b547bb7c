"""The words of names, for misspelt ones."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0014"
down_revision = "0013"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "name_word", sa.Column("word", sa.Text, nullable=False), sa.PrimaryKeyConstraint("word", name="pk_name_word")
    )
    op.execute(
        "INSERT INTO name_word SELECT DISTINCT word FROM professional, "
        "unnest(string_to_array(trim(search_name), ' ')) word WHERE length(word) >= 3"
    )
    op.create_index(
        "ix_name_word_word", "name_word", ["word"], postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}
    )
    ddl.reference("name_word", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT ON name_word TO directory_system")
