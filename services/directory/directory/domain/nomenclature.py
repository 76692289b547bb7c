"""The codes that the directory knows and the specialties derived from them (`nomenclature.yaml`)."""

import hashlib
from collections.abc import Iterable
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator


class Specialty(BaseModel):
    """One of our codes: a profession with any of some skills (*savoir-faire*)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    profession: str
    skills: frozenset[str]


class Nomenclature(BaseModel):
    """A versioned list of codes and French labels. Sources wander in their labels: everything keys on codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    sources: tuple[str, ...] = ()
    professions: dict[str, str]
    skills: dict[str, str]
    modes: dict[str, str]
    sectors: dict[str, str]
    specialties: dict[str, Specialty]

    @model_validator(mode="after")
    def _specialties_use_known_codes(self) -> Self:
        for code, specialty in self.specialties.items():
            unknown = {specialty.profession} - self.professions.keys() | specialty.skills - self.skills.keys()
            if unknown:
                raise ValueError(f"specialties.{code}: unknown codes {', '.join(sorted(unknown))}")
        return self

    def profession_of(self, specialty: str) -> str:
        """The profession that a specialty belongs to. Raises KeyError."""
        return self.specialties[specialty].profession

    def specialties_of(self, qualifications: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Specialties of a person who has these pairs (profession, skill), in order of code."""
        found = {code for pair in qualifications for code in self._specialties_by_pair.get(pair, ())}
        return tuple(sorted(found))

    @cached_property
    def digest(self) -> str:
        """Equal when the same specialties follow from the same skills."""
        rules = sorted((code, it.profession, sorted(it.skills)) for code, it in self.specialties.items())
        return hashlib.sha256(repr(rules).encode()).hexdigest()

    @cached_property
    def _specialties_by_pair(self) -> dict[tuple[str, str], list[str]]:
        """Looked up for every person of the country."""
        codes: dict[tuple[str, str], list[str]] = {}
        for code, specialty in self.specialties.items():
            for skill in specialty.skills:
                codes.setdefault((specialty.profession, skill), []).append(code)
        return codes
