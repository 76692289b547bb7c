"""Under what, and where, a professional is found."""

from collections.abc import Iterable

from directory.domain.nomenclature import Nomenclature
from directory.domain.professionals import Professional

ANYWHERE = ""
"""The place of everyone, with or without a practice."""

ANYONE = "*"


def facet(profession: str | None, specialty: str | None) -> str:
    """The narrowest facet of a search: a specialty implies its profession."""
    if specialty is not None:
        return f"s:{specialty}"
    return ANYONE if profession is None else f"p:{profession}"


def entries(person: Professional, nomenclature: Nomenclature) -> list[tuple[str, str]]:
    """Pairs (place, facet). At a place a person is found by what it practises there, not by its other profession."""
    practised: dict[str, set[str]] = {ANYWHERE: set(person.professions)}
    for activity in person.activities:
        if activity.commune is not None:
            practised.setdefault(activity.commune, set()).add(activity.profession)
    return [
        (place, found)
        for place, professions in practised.items()
        for found in _facets(person, professions, nomenclature)
    ]


def _facets(person: Professional, professions: set[str], nomenclature: Nomenclature) -> Iterable[str]:
    yield ANYONE
    for profession in professions:
        yield facet(profession, None)
    for specialty in person.specialties:
        if nomenclature.profession_of(specialty) in professions:
            yield facet(None, specialty)
