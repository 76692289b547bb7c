"""The words of names: few beside the persons who have them, so that a misspelt one is looked up among words."""

from sqlalchemy import Index, Text
from sqlmodel import Field

from directory.store.base import Table


class NameWord(Table, table=True):
    """A word that stands in the name of somebody, or once did. National; the import adds to it."""

    __tablename__ = "name_word"
    __table_args__ = (
        Index("ix_name_word_word", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: str = Field(sa_type=Text, primary_key=True)
