"""Practitioners who volunteer to be asked: whom a waiting call is offered to, and in which order."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from snp_dispatch.domain.matching import Candidate, Need, misfit

How: TypeAlias = Literal["one_by_one", "broadcast"]
DeclineReason: TypeAlias = Literal["busy", "away", "too_far", "out_of_scope", "other"]


@dataclass(frozen=True)
class Terms:
    """How a call is offered: to one after the other or to all at once, each with so many minutes to answer."""

    how: How
    minutes: int
    radius_km: float

    def until(self, now: datetime) -> datetime:
        """Until when who is asked now may answer."""
        return now + timedelta(minutes=self.minutes)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Choice:
    """A volunteer who may be asked, with the modes in which they could see the patient."""

    effector_id: str
    modes: tuple[str, ...]
    distance_km: float | None
    load: float = 0.0


def asked_now(volunteer: Mapping[str, Any], local: datetime) -> bool:
    """Whether the volunteer agreed to be asked at this hour, and has not had enough this week."""
    hours = volunteer["starts"] <= local.time() < volunteer["ends"]
    return hours and local.isoweekday() in volunteer["weekdays"] and volunteer["taken"] < volunteer["max_per_week"]


def choice(need: Need, terms: Terms, volunteer: Mapping[str, Any], sample: Candidate) -> Choice | None:
    """The volunteer as a choice for the need; None when a slot of theirs could not fit it.

    `sample` is such a slot. An act is not asked of it: the offer names it, and who accepts does it.
    """
    reach = min(volunteer["radius_km"], max(need.radius_km, terms.radius_km))
    asked = replace(need, radius_km=reach, act=None)
    modes = tuple(mode for mode in volunteer["modes"] if misfit(asked, replace(sample, mode=mode)) is None)
    return Choice(volunteer["effector_id"], modes, sample.distance_km) if modes else None


def in_order(choices: Iterable[Choice]) -> list[Choice]:
    """The nearest first; of two as near, who carries less."""
    return sorted(choices, key=lambda it: (it.distance_km or 0.0, it.load, it.effector_id))
