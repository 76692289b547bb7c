"""National identifiers of persons and structures."""

import re
from functools import lru_cache

_RPPS = re.compile(r"[0-9]{11}\Z")
_ADELI = re.compile(r"[0-9][0-9AB][0-9A-Z][0-9]{6}\Z")
NATIONAL_ID_PATTERN = r"^(?:[0-9]{11}|[0-9][0-9AB][0-9A-Z][0-9]{6})$"
"""An RPPS number, or an ADELI number for those who have no other."""
_FINESS = re.compile(r"[0-9][0-9A-Z][0-9]{7}\Z")
_DOUBLED = str.maketrans("0123456789", "0246813579")
COMMUNE_PATTERN = r"^(?:[013-9]\d|2[0-9AB])\d{3}$"
"""INSEE code of a commune (COG): five characters, Corsica as 2A and 2B."""


def luhn_holds(digits: str) -> bool:
    """The check of ISO/IEC 7812: the last digit is the key of the others."""
    # Of the doubled digits, the sum of the digits: computed for every line of the country.
    doubled = digits[-2::-2].translate(_DOUBLED)
    return sum(map(int, digits[::-2] + doubled)) % 10 == 0


def looks_like_rpps(value: str) -> bool:
    """Eleven digits; the key is another matter."""
    return _RPPS.match(value) is not None


def looks_like_adeli(value: str) -> bool:
    """Nine characters, the département first: Corsica with a letter. It has no key that files keep to."""
    return _ADELI.match(value) is not None


@lru_cache(maxsize=64)
def is_suspect(national_id: str) -> bool:
    """An RPPS number that does not end with its key: somebody mistyped it, or the source did.

    Remembered for a moment: the lines of one person follow each other.
    """
    return looks_like_rpps(national_id) and not luhn_holds(national_id)


def looks_like_finess(value: str) -> bool:
    """Nine characters, Corsica with a letter. The key is not checked: published examples of the ANS break it."""
    return _FINESS.match(value) is not None
