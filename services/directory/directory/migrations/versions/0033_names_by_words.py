"""Persons are found by the words of their names, not by the trigrams: fewer keys to write, fewer to read."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_index(
        "ix_professional_name_words",
        "professional",
        [sa.text("string_to_array(ltrim(search_name), ' ')")],
        postgresql_using="gin",
    )
    op.drop_index("ix_professional_search_name", "professional")
    # Short words stood in no list: they are found by their beginning too.
    op.execute(
        "INSERT INTO name_word (word) SELECT DISTINCT word FROM professional, "
        "unnest(string_to_array(ltrim(search_name), ' ')) word WHERE length(word) < 3 ON CONFLICT DO NOTHING"
    )
