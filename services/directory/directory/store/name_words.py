"""Words of names that look like a misspelt one."""

from collections.abc import Sequence

from kit.work import Work

_SHORTEST = 3
"""Characters below which a word is only looked for as it was typed: too few trigrams to be like another."""

_LIKE = """
SELECT word FROM name_word WHERE word % $1 AND similarity(word, $1) >= 0.4
 ORDER BY similarity(word, $1) DESC, word LIMIT 12
"""
_ADD = """
INSERT INTO name_word
SELECT DISTINCT word FROM professional, unnest(string_to_array(trim(search_name), ' ')) word
 WHERE rpps = ANY($1) AND length(word) >= 3
ON CONFLICT DO NOTHING
"""


async def alike(work: Work, name: str) -> list[list[str]]:
    """For each word of a normalised name, the words that look like it, the likest first."""
    return [await _alike(work, word) for word in name.split()]


async def add(work: Work, persons: Sequence[str]) -> None:
    """The words of the names of these persons. System role."""
    await work.execute(_ADD, list(persons))


async def _alike(work: Work, word: str) -> list[str]:
    if len(word) < _SHORTEST:
        return [word]
    return [row["word"] for row in await work.fetch(_LIKE, word)]
