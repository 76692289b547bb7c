"""Whether two entries may be the same person. Names are compared without accents, case, hyphens and spaces."""

from difflib import SequenceMatcher
from typing import Literal

from pathways.domain.patient import Identity, letters

Likeness = Literal["close_name", "swapped_names", "same_phone"]
DuplicateState = Literal["suspected", "merged", "dismissed"]
_CLOSE = 0.8
"""Share of letters in common, in order: `Dupond` and `Dupont` have 0.83."""


def likeness(one: Identity, other: Identity) -> Likeness | None:
    """Why two people of one birth date may be one; None when nothing says so, or two identifiers tell them apart."""
    if one.ins and other.ins and one.ins != other.ins:
        return None
    mine, theirs = _names(one), _names(other)
    if mine == theirs[::-1]:
        return "swapped_names"
    if SequenceMatcher(None, " ".join(mine), " ".join(theirs)).ratio() >= _CLOSE:
        return "close_name"
    return "same_phone" if one.phone and one.phone == other.phone else None


def _names(it: Identity) -> tuple[str, str]:
    return letters(it.family_name), letters(it.given_name)
