"""Words of names that look like a misspelt one."""

from collections.abc import Iterable

from kit.work import Work

_SHORTEST = 3
"""Characters below which a word is only looked for as it was typed: too few trigrams to be like another."""

_COMMON = 1_000
"""Persons from which on the number of those who have a word is kept."""
_MANY = 4_000
"""Persons from which on it is quicker to go through everybody in order until a page is full."""
_MANY_WORDS = 100
"""So many words begin with one or two letters that they are common whoever has them."""

_LIKE = """
SELECT word FROM name_word WHERE word % $1 ORDER BY similarity(word, $1) DESC, word LIMIT 12
"""
_LIKENESS = "SELECT set_config('pg_trgm.similarity_threshold', '0.4', true)"
"""Of trigrams, 0 to 1; for the transaction. The index itself leaves out what is less alike."""

_COUNT = f"""
WITH counted AS (
    SELECT word, count(*)::integer AS persons FROM professional, unnest(string_to_array(ltrim(search_name), ' ')) word
     WHERE listed AND length(word) >= {_SHORTEST} GROUP BY word HAVING count(*) >= {_COMMON})
UPDATE name_word w SET persons = coalesce(c.persons, 0)
  FROM name_word o LEFT JOIN counted c USING (word)
 WHERE w.word = o.word AND o.persons <> coalesce(c.persons, 0)
"""


async def alike(work: Work, name: str) -> list[list[str]]:
    """For each word of a normalised name, the words that look like it, the likest first."""
    await work.execute(_LIKENESS)
    return [await _alike(work, word) for word in name.split()]


async def common(work: Work, name: str) -> bool:
    """Whether a normalised name is the beginning of words that many persons have. Two words: few have both."""
    if " " in name:
        return False
    persons = await work.fetchval(
        "SELECT coalesce(sum(persons), 0) FROM name_word WHERE word LIKE $1 AND persons > 0", f"{name}%"
    )
    if persons >= _MANY or len(name) >= _SHORTEST:
        return bool(persons >= _MANY)
    words = "SELECT count(*) FROM (SELECT FROM name_word WHERE word LIKE $1 LIMIT $2) w"
    return bool(await work.fetchval(words, f"{name}%", _MANY_WORDS) >= _MANY_WORDS)


async def count_common(work: Work) -> None:
    """Counts anew how many persons have each word, where they are many. Reads every name. System role."""
    await work.execute(_COUNT)


async def add(work: Work, words: Iterable[str]) -> None:
    """Words of names. System role."""
    wanted = [word for word in words if len(word) >= _SHORTEST]
    await work.execute("INSERT INTO name_word SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", wanted)


async def _alike(work: Work, word: str) -> list[str]:
    if len(word) < _SHORTEST:
        return [word]
    return [row["word"] for row in await work.fetch(_LIKE, word)]
