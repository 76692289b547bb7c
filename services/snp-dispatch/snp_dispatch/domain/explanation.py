"""Why a slot was not proposed to a call: the first constraint it breaks, its seat, or its cost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from snp_dispatch.domain.matching import Candidate, Need, Ranked, misfit, order, priced
from snp_dispatch.domain.policy import Weights

SHOWN = 20
"""Slots that are told one by one; the others are counted."""
TAKEN, HELD, LATER, COSTLIER = "taken", "held", "published_later", "costlier"


@dataclass(frozen=True)
class Considered:
    """A slot near enough in place and time to be thought of. `seats` as they are now."""

    slot: Candidate
    seats: Literal["free", "held", "taken"]
    published_at: datetime


@dataclass(frozen=True)
class NotChosen:
    """One slot: the reason, and for a broken constraint what the slot has against what was asked."""

    ranked: Ranked
    reason: str
    has: Any
    asked: Any


@dataclass(frozen=True)
class Explanation:
    """How many slots stood back for each reason, and the nearest to being chosen, one by one."""

    counts: dict[str, int]
    details: Sequence[NotChosen]


def explain_others(
    need: Need, weights: Weights, others: Iterable[Considered], received_at: datetime, outer_km: float
) -> Explanation:
    """Of the slots that were not proposed, by the same rule as the proposals. Those that fit come first, by cost."""
    told = [_not_chosen(need, weights, it, received_at, outer_km) for it in others]
    told.sort(key=lambda it: (misfit(need, it.ranked.slot) is not None, order(it.ranked)))
    counted = Counter(it.reason for it in told)
    return Explanation(dict(sorted(counted.items(), key=lambda it: (-it[1], it[0]))), told[:SHOWN])


def why_not(need: Need, it: Considered, received_at: datetime) -> str:
    """The code of the first reason: a constraint, no seat, offered only after the call came, or a higher cost."""
    if broken := misfit(need, it.slot):
        return broken
    if it.seats != "free":
        return it.seats
    return LATER if it.published_at > received_at else COSTLIER


def _not_chosen(need: Need, weights: Weights, it: Considered, received_at: datetime, outer_km: float) -> NotChosen:
    reason = why_not(need, it, received_at)
    has, asked = compared(need, it.slot, reason, outer_km)
    return NotChosen(priced(need, weights, it.slot, received_at), reason, has, asked)


def compared(need: Need, slot: Candidate, reason: str, outer_km: float) -> tuple[Any, Any]:
    """What the slot has and what was asked, as JSON values; two nulls where there is nothing to compare."""
    values: dict[str, tuple[Any, Any]] = {
        "audience": (sorted(slot.audience), sorted(need.audiences)),
        "profession": (slot.profession, need.profession),
        "specialty": (sorted(slot.specialties), need.specialty),
        "mode": (slot.mode, sorted(need.modes)),
        "too_early": (slot.starts_at.isoformat(), need.earliest.isoformat()),
        "after_deadline": (slot.starts_at.isoformat(), need.deadline.isoformat()),
        "too_far": (slot.distance_km if slot.distance_km is not None else f"> {outer_km:g}", need.radius_km),
        "act": (sorted(slot.acts), need.act),
        "age": ([slot.min_age, slot.max_age], need.age),
        "own_patients_only": (slot.effector, need.regular_doctor),
        "language": (sorted(slot.languages), sorted(need.languages)),
        "accessibility": (sorted(slot.accessibility), sorted(need.accessibility)),
        "tariff_sector": (slot.tariff_sector, sorted(need.tariff_sectors)),
        "gender": (slot.gender, need.gender),
    }
    return values.get(reason, (None, None))
