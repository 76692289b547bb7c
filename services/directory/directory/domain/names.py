"""Names as people type them: accents, case, hyphens and postal abbreviations do not count."""

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_CEDEX_AND_NUMBERS = re.compile(r"\b(?:cedex|arrondissement|\d+(?:er|eme|e)?)\b")
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur", "ss": "sous"}
_ARTICLES = frozenset({"le", "la", "les", "l"})


def normalise(text: str) -> str:
    """Lower case, no accents, words parted by single spaces."""
    return _normalised(text)


@lru_cache(maxsize=1 << 14)
def _normalised(text: str) -> str:
    """Remembered: given names and words of addresses come back all the time."""
    plain = unicodedata.normalize("NFD", text.lower().translate(_LIGATURES))
    return _NOT_WORD.sub(" ", _ACCENTS.sub("", plain)).strip()


def normalise_place(text: str) -> str:
    """A commune's name with its abbreviations written out: `ST NICOLAS DE REDON` gives `saint nicolas de redon`."""
    return " ".join(_ABBREVIATIONS.get(word, word) for word in normalise(text).split())


@lru_cache(maxsize=1 << 16)
def place_key(text: str) -> str:
    """What two spellings of one commune share: no leading article, no CEDEX, no postal code, no arrondissement.

    `56350 ST VINCENT SUR OUST`, `Saint-Vincent-sur-Oust` and `ST VINCENT S/OUST CEDEX 2` give the same key.
    """
    words = _CEDEX_AND_NUMBERS.sub(" ", normalise_place(text)).split()
    return " ".join(words[1:] if words and words[0] in _ARTICLES else words)


def given_name_case(text: str) -> str:
    """First names come in capitals or not, from line to line: `ANNE-LISE` becomes `Anne-Lise`."""
    return text.title() if text.isupper() else text
