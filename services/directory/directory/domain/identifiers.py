"""National identifiers of persons and structures."""

import re

_RPPS = re.compile(r"[0-9]{11}\Z")
_FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}\Z")
COMMUNE_PATTERN = r"^(?:[013-9]\d|2[0-9AB])\d{3}$"
"""INSEE code of a commune (COG): five characters, Corsica as 2A and 2B."""


def luhn_holds(digits: str) -> bool:
    """The check of ISO/IEC 7812: the last digit is the key of the others."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def looks_like_rpps(value: str) -> bool:
    """Eleven digits; the key is another matter."""
    return _RPPS.match(value) is not None


def looks_like_finess(value: str) -> bool:
    """Nine characters, Corsica with a letter. The key is not checked: published examples of the ANS break it."""
    return _FINESS.match(value) is not None
