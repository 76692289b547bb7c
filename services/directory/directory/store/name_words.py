"""Words of names that look like a misspelt one."""

from collections.abc import Iterable, Sequence

from kit.work import Work

_SHORTEST = 3
"""Characters below which a word is only looked for as it was typed: too few trigrams to be like another."""
_COMMON = 1_000
"""Persons from which on the number of those who have a word is kept."""
_MANY = 12_000
"""Persons from which on it is quicker to go through everybody in order until a page is full.

Given names, that is: the persons of a family name stand side by side in that order, anywhere in it.
"""
_MANY_WORDS, _TOO_MANY_WORDS = 200, 3_000
"""Words from which on a beginning is that of many persons, and too long a list to look them up by: in a name of one
word, and in one of several, where the index leaves few persons who have them all."""

IN_A_NAME = "string_to_array(ltrim(p.search_name), ' ')"
"""The words of the name of a professional `p`, as they are indexed."""

_TYPOS = """ARRAY(SELECT DISTINCT overlay(w.word PLACING '' FROM n FOR 1) FROM generate_series(1, length(w.word)) n
             UNION SELECT w.word)"""
"""A word, and what is left of it without one of its letters: two words at one typing error have one in common."""
_LIKEST = "ORDER BY similarity(o.word, $1) DESC, o.word LIMIT 12"
_TYPED = f"SELECT o.word FROM name_word o, (SELECT $1::text AS word) w WHERE o.typos && {_TYPOS} {_LIKEST}"
_LIKE = f"SELECT o.word FROM name_word o WHERE o.word % $1 {_LIKEST}"
_ADD = f"""
INSERT INTO name_word (word, typos)
SELECT w.word, CASE WHEN length(w.word) >= {_SHORTEST} THEN {_TYPOS} ELSE '{{}}' END FROM unnest($1::text[]) w (word)
 WHERE NOT EXISTS (SELECT FROM name_word o WHERE o.word = w.word) ON CONFLICT DO NOTHING
"""
_LIKENESS = "SELECT set_config('pg_trgm.similarity_threshold', '0.4', true)"
"""Of trigrams, 0 to 1; for the transaction. The index itself leaves out what is less alike."""

_COUNT = f"""
WITH counted AS (
    SELECT word, count(*)::integer AS persons FROM professional p, unnest({IN_A_NAME}) word
     WHERE listed GROUP BY word HAVING count(*) >= {_COMMON})
UPDATE name_word w SET persons = coalesce(c.persons, 0)
  FROM name_word o LEFT JOIN counted c USING (word)
 WHERE w.word = o.word AND o.persons <> coalesce(c.persons, 0)
"""

Words = list[str] | None
"""The words that one typed word stands for; None when they are too many to list."""


async def alike(work: Work, name: str) -> list[Words]:
    """For each word of a normalised name, the words that look like it; of a short one, those that begin with it."""
    await work.execute(_LIKENESS)
    words = name.split()
    return [await _beginning(work, word) if len(word) < _SHORTEST else await _alike(work, word) for word in words]


async def beginning(work: Work, name: str) -> list[Words]:
    """For each word of a normalised name, the words that begin with it."""
    words = name.split()
    limit = _MANY_WORDS if len(words) == 1 else _TOO_MANY_WORDS
    return [await _beginning(work, word, limit) for word in words]


async def common(work: Work, words: Sequence[Words]) -> bool:
    """Whether names that begin so are those of many. Of two words, few persons have both, unless both are short."""
    if all(listed is None for listed in words):
        return True
    if len(words) > 1:
        return False
    persons = await work.fetchval(
        "SELECT coalesce(sum(persons), 0) FROM name_word WHERE word = ANY($1) AND persons > 0", words[0]
    )
    return bool(persons >= _MANY)


async def count_common(work: Work) -> None:
    """Counts anew how many persons have each word, where they are many. Reads every name. System role."""
    await work.execute(_COUNT)


async def add(work: Work, words: Iterable[str]) -> None:
    """Words of names. System role."""
    await work.execute(_ADD, list(words))


async def _beginning(work: Work, word: str, limit: int = _MANY_WORDS) -> Words:
    rows = await work.fetch("SELECT word FROM name_word WHERE word LIKE $1 LIMIT $2", f"{word}%", limit)
    return None if len(rows) == limit else [row["word"] for row in rows]


async def _alike(work: Work, word: str) -> list[str]:
    """At one typing error; where there is none, those that have most of its trigrams."""
    rows = await work.fetch(_TYPED, word) or await work.fetch(_LIKE, word)
    return [row["word"] for row in rows]
