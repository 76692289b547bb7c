"""Search of a *médecin traitant*: which patient comes first, and which doctor is asked, with the reasons.

Source: projet de santé, fiche action F1.1 (priority: ALD, 70 and over, CSS, precarity).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Reason = Literal[
    "near",
    "takes_such_patients",
    "place_left",
    "does_not_accept",
    "statement_lapsed",
    "takes_other_patients",
    "no_place_left",
    "too_far",
    "place_unknown",
    "asked_before",
    "patient_objects",
]
"""Why a doctor is asked (the first three), or is not."""
_FOR: frozenset[Reason] = frozenset({"near", "takes_such_patients", "place_left"})
_ADULT = 18


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Part):
    """What makes a search more pressing. With `min_age` it is seen by the age, and not told."""

    code: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    label: str
    points: int = Field(ge=1, le=100)
    min_age: int | None = Field(default=None, ge=0, le=130)
    accepted_as: str | None = None


class SearchRules(_Part):
    """The file `doctor-search.yaml`."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    first_from: int = Field(ge=1)
    second_from: int = Field(ge=1)
    answer_hours: int = Field(ge=1, le=24 * 60)
    farthest_km: float = Field(gt=0, le=200)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        codes = [it.code for it in self.criteria]
        if len(set(codes)) < len(codes):
            raise ValueError("criteria: a code is there twice")
        if self.second_from >= self.first_from:
            raise ValueError("second_from: below first_from")
        return self

    @property
    def told(self) -> list[str]:
        """Codes that a request may name."""
        return [it.code for it in self.criteria if it.min_age is None]

    def holding(self, told: Collection[str], age: int) -> list[Criterion]:
        """The criteria that hold of a patient."""
        return [it for it in self.criteria if (it.code in told if it.min_age is None else age >= it.min_age)]

    def priority(self, held: Iterable[Criterion]) -> int:
        """1 comes first, 3 last."""
        points = sum(it.points for it in held)
        return 1 if points >= self.first_from else 2 if points >= self.second_from else 3


@dataclass(frozen=True)
class Doctor:
    """What is known of a doctor: where they practise, what they said last. `capacity` None: not said."""

    rpps: str
    communes: tuple[str, ...]
    accepts: bool
    valid_until: date
    patients: tuple[str, ...]
    capacity: int | None
    taken: int
    proposed: int

    @property
    def places(self) -> int:
        """How many more may be proposed; of who has not said how many they take, one at a time."""
        return 1 - self.proposed if self.capacity is None else self.capacity - self.taken


@dataclass(frozen=True)
class Wanted:
    """What a search asks of a doctor. `kinds` are codes of acceptance.yaml that the patient is."""

    commune: str
    age_from: int
    kinds: frozenset[str]
    asked: frozenset[str]
    refused: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """A doctor before a search: how far, and why or why not."""

    rpps: str
    km: float | None
    places: int
    reasons: tuple[Reason, ...]

    @property
    def fits(self) -> bool:
        return set(self.reasons) <= _FOR


Distance = Callable[[str, str], float | None]


def ranked(
    rules: SearchRules, wanted: Wanted, doctors: Iterable[Doctor], distance: Distance, today: date
) -> list[Candidate]:
    """Those who can be asked first: the nearest, then who has most places. Then the others, each with why not."""
    found = [_judged(rules, wanted, it, distance, today) for it in doctors]
    far = float("inf")
    return sorted(found, key=lambda it: (not it.fits, far if it.km is None else it.km, -it.places, it.rpps))


def _judged(rules: SearchRules, wanted: Wanted, doctor: Doctor, distance: Distance, today: date) -> Candidate:
    known = [km for commune in doctor.communes if (km := distance(wanted.commune, commune)) is not None]
    km = min(known, default=None)
    against: list[tuple[Reason, bool]] = [
        ("does_not_accept", not doctor.accepts),
        ("statement_lapsed", doctor.valid_until < today),
        ("takes_other_patients", not _takes(doctor, wanted)),
        ("no_place_left", doctor.places < 1),
        ("place_unknown", km is None),
        ("too_far", km is not None and km > rules.farthest_km),
        ("asked_before", doctor.rpps in wanted.asked),
        ("patient_objects", doctor.rpps in wanted.refused),
    ]
    reasons = tuple(reason for reason, holds in against if holds)
    return Candidate(doctor.rpps, km, doctor.places, reasons or ("near", "takes_such_patients", "place_left"))


def _takes(doctor: Doctor, wanted: Wanted) -> bool:
    kinds = set(wanted.kinds) | {"nearby"}
    if wanted.commune in doctor.communes:
        kinds.add("own-commune")
    if wanted.age_from < _ADULT:
        kinds.add("children")
    return not doctor.patients or bool(kinds & set(doctor.patients))
