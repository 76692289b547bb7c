"""What is known of a patient: as little as the pathway needs."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Sex = Literal["female", "male", "other", "unknown"]
IdentityStatus = Literal["provisional", "retrieved", "validated", "qualified"]
"""*Provisoire, récupérée, validée, qualifiée* (RNIV): how far the identity was checked."""

WITH_INS: frozenset[IdentityStatus] = frozenset({"retrieved", "qualified"})
"""Only an identity that the INSi service answered for carries a matricule."""

_MATRICULE = re.compile(r"[1-478][0-9]{2}[0-9]{2}(?:[0-9]{2}|2[AB])[0-9]{8}\Z")
_OLDEST = 90


@dataclass(frozen=True)
class Identity:
    """Who the patient is. It is stored sealed, never as columns."""

    family_name: str
    given_name: str
    birth_date: date
    phone: str | None = None
    ins: str | None = None


def age_band(birth_date: date, on: date) -> str:
    """Ten years wide, for instance `60-69`; `90+` at the top."""
    age = age_on(birth_date, on)
    if age >= _OLDEST:
        return f"{_OLDEST}+"
    decade = max(age, 0) // 10 * 10
    return f"{decade}-{decade + 9}"


def age_on(birth_date: date, on: date) -> int:
    """In completed years."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def department(commune: str) -> str:
    """The *département* of an INSEE code of commune: two characters, three overseas."""
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def name_key(family_name: str, given_name: str, birth_date: date) -> str:
    """What makes two entries the same person: accents, case, hyphens and spaces do not count."""
    return "|".join((letters(family_name), letters(given_name), birth_date.isoformat()))


def looks_like_ins(matricule: str) -> bool:
    """Fifteen characters whose last two are the key of the others (97 less the rest of the division by 97)."""
    if not _MATRICULE.match(matricule):
        return False
    # Corsica: 2A counts as 19 and 2B as 18 (INSEE).
    number = int(matricule[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(matricule[13:])


def letters(name: str) -> str:
    """Lower case, without accents, hyphens and spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in plain if letter.isalnum())
