"""The words of names: few beside the persons who have them, so that a misspelt one is looked up among words."""

from sqlalchemy import ARRAY, Column, Index, Integer, Text, text
from sqlmodel import Field

from directory.store.base import Table


class NameWord(Table, table=True):
    """A word that stands in the name of somebody, or once did. National; the import adds to it.

    `persons`: how many have it, counted at the end of an import where they are many, else 0.
    `typos`: itself and what is left of it without one letter; two words at one typing error have one in common.
    """

    __tablename__ = "name_word"
    __table_args__ = (
        Index("ix_name_word_word", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
        Index("ix_name_word_beginning", "word", postgresql_ops={"word": "text_pattern_ops"}),
        Index(
            "ix_name_word_common",
            "word",
            postgresql_ops={"word": "text_pattern_ops"},
            postgresql_where=text("persons > 0"),
        ),
        Index("ix_name_word_typos", "typos", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    word: str = Field(sa_type=Text, primary_key=True)
    persons: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    typos: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False, server_default="{}"))
