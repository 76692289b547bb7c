"""A professional as the directory holds it, put together from the lines of the source."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from directory.domain.names import given_name_case, normalise
from directory.domain.nomenclature import Nomenclature
from directory.domain.rpps_file import RppsLine

_canonical = json.JSONEncoder(sort_keys=True).encode

_COURTESY = {"DR": "Dr", "PR": "Pr"}
"""Code of *civilité d'exercice* -> what stands before the name."""


@dataclass(frozen=True)
class Activity:
    """One place and way of practising (*activité*). Codes are those of the source; None where it is silent."""

    profession: str
    mode: str | None
    sector: str | None
    role: str | None
    section: str | None
    kind: str | None
    structure: str | None
    finess: str | None
    site_name: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    commune: str | None
    phone: str | None


@dataclass(frozen=True)
class Professional:
    """One person. `activities` is empty for someone registered who does not practise."""

    rpps: str
    title: str | None
    family_name: str
    given_name: str
    profession: str
    professions: tuple[str, ...]
    skills: tuple[str, ...]
    specialties: tuple[str, ...]
    activities: tuple[Activity, ...]

    @property
    def name(self) -> str:
        """As one would write it on a letter."""
        prefix = _COURTESY.get(self.title or "")
        return " ".join(part for part in (prefix, self.given_name, self.family_name) if part)

    @property
    def search_name(self) -> str:
        """Both names, normalised, after a space: a word of it is found by ` prefix`."""
        return f" {normalise(self.family_name)} {normalise(self.given_name)}".rstrip()

    def digest(self) -> bytes:
        """Equal for equal content. The order in which a file lists the places is not content."""
        places = sorted(_canonical(vars(activity)) for activity in self.activities)
        return hashlib.sha256(_canonical({**vars(self), "activities": places}).encode()).digest()


class Places(Protocol):
    """Finds the commune of an address (see `communes.CommuneIndex`)."""

    def resolve(self, code: str, postal_code: str, names: Iterable[str]) -> str | None: ...


def assemble(lines: Sequence[RppsLine], nomenclature: Nomenclature, places: Places) -> Professional:
    """One person from all of its lines (at least one), in the order of the file.

    Lines that differ in the skill only are one activity. Where lines disagree on a name, the spelling
    met most often stands; the person's profession is likewise the one met most often.
    """
    activities = dict.fromkeys(_activity(line, places) for line in lines if _practises(line))
    return Professional(
        rpps=lines[0].rpps,
        title=_most_frequent(line.title for line in lines) or None,
        family_name=_most_frequent(line.family_name for line in lines),
        given_name=_most_frequent(given_name_case(line.given_name) for line in lines),
        profession=_most_frequent(line.profession for line in lines),
        professions=tuple(sorted({line.profession for line in lines})),
        skills=tuple(sorted({line.skill for line in lines if line.skill})),
        specialties=nomenclature.specialties_of((line.profession, line.skill) for line in lines),
        activities=tuple(activities),
    )


def _practises(line: RppsLine) -> bool:
    """Someone registered without practising has one line without mode and without structure."""
    return bool(line.mode or line.structure or line.finess)


def _most_frequent(values: Iterable[str]) -> str:
    """Ties go to the first in alphabetical order, so that the order of lines does not matter."""
    said = list(values)
    if said.count(said[0]) == len(said):
        return said[0]
    counts = Counter(said)
    return min(counts, key=lambda value: (-counts[value], value))


def _activity(line: RppsLine, places: Places) -> Activity:
    city = line.commune_name or line.postal_line.removeprefix(line.postal_code).strip()
    commune = places.resolve(line.commune, line.postal_code, (line.commune_name, line.postal_line))
    return Activity(
        profession=line.profession,
        mode=line.mode or None,
        sector=line.sector or None,
        role=line.role or None,
        section=line.section or None,
        kind=line.kind_of_activity or None,
        structure=line.structure or None,
        finess=line.finess or None,
        site_name=line.site_name or line.sign or None,
        street=_street(line) or None,
        postal_code=line.postal_code or None,
        # Labels of communes vary from line to line: kept only where no code says more.
        city=(city or None) if commune is None else None,
        commune=commune,
        phone=line.phone or None,
    )


def _street(line: RppsLine) -> str:
    """The type of street sometimes stands in the street's name as well."""
    named = bool(line.street_type) and normalise(line.street_name).startswith(normalise(line.street_type) + " ")
    parts = (line.street_number, line.street_repetition, "" if named else line.street_type, line.street_name)
    return " ".join(part for part in parts if part)
