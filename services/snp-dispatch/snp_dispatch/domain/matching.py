"""The matching rule: which slots fit a need (hard constraints), and in which order they are proposed (cost).

    cost = wait_per_hour * hours until the slot starts
         + distance_per_km * km between the patient's commune and the place (nothing for a video visit)
         + not_regular_doctor, when the patient has a regular doctor (médecin traitant) and it is not theirs

The lowest cost comes first; equal costs go by start, distance, effector, slot id, so that the same
question always gets the same answer. The weights are the territory's (`snp-policy.yaml`). The same
function checks a slot that a caller picks by hand, so that what is shown can also be held.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.policy import Weights

MAX_PROPOSALS, MAX_ALTERNATIVES = 10, 5
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Need:
    """What is looked for: the hard constraints, and what the cost looks at."""

    profession: str
    specialty: str | None
    audiences: frozenset[str]
    modes: frozenset[str]
    earliest: datetime
    deadline: datetime
    commune: str
    radius_km: float
    regular_doctor: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A slot as the rule sees it. `effector` is an RPPS or a FINESS number."""

    slot_id: UUID
    effector: str
    effector_name: str
    is_person: bool
    profession: str | None
    specialties: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    commune: str
    distance_km: float | None
    mode: str
    audience: frozenset[str]
    participates: bool = True
    withdrawn: bool = False
    paused: bool = False


@dataclass(frozen=True)
class Ranked:
    """A candidate with its cost and what the cost is made of."""

    slot: Candidate
    cost: float
    cost_parts: dict[str, float]


@dataclass(frozen=True)
class Proposal(Ranked):
    """A ranked candidate that is shown, with why it stands where it stands."""

    reasons: tuple[str, ...]


def misfit(need: Need, slot: Candidate) -> str | None:
    """The first hard constraint that the slot breaks, as a code; None when it fits."""
    far = slot.distance_km is None or slot.distance_km > need.radius_km
    broken = {
        "withdrawn": slot.withdrawn,
        "paused": slot.paused,
        "not_participating": not slot.participates,
        "audience": not slot.audience & need.audiences,
        "profession": slot.profession != need.profession,
        "specialty": need.specialty is not None and need.specialty not in slot.specialties,
        "mode": slot.mode not in need.modes,
        "too_early": slot.starts_at < need.earliest,
        "after_deadline": slot.starts_at > need.deadline,
        "too_far": slot.mode != VIDEO and far,
    }
    return next((code for code, is_broken in broken.items() if is_broken), None)


def cost_parts(weights: Weights, need: Need, slot: Candidate, now: datetime) -> dict[str, float]:
    """Points by cause; their sum is the cost."""
    hours = max(slot.starts_at - now, timedelta(0)) / HOUR
    km = 0.0 if slot.mode == VIDEO else slot.distance_km or 0.0
    stranger = need.regular_doctor is not None and slot.effector != need.regular_doctor
    return {
        "wait": round(weights.wait_per_hour * hours, 2),
        "distance": round(weights.distance_per_km * km, 2),
        "not_regular_doctor": weights.not_regular_doctor if stranger else 0.0,
    }


def rank(need: Need, weights: Weights, slots: Iterable[Candidate], now: datetime) -> list[Ranked]:
    """The fitting slots, best first. A slot that does not fit is left out."""
    fitting = [slot for slot in slots if misfit(need, slot) is None]
    priced = [(cost_parts(weights, need, slot, now), slot) for slot in fitting]
    return sorted((Ranked(slot, round(sum(parts.values()), 2), parts) for parts, slot in priced), key=_order)


def explain(need: Need, ranked: Sequence[Ranked]) -> list[Proposal]:
    """The proposals that are shown, ten at most, each with its reasons among all that were found."""
    first = min((it.slot.starts_at for it in ranked), default=None)
    nearest = min((it.slot.distance_km or 0.0 for it in ranked if it.slot.mode != VIDEO), default=None)
    return [
        Proposal(it.slot, it.cost, it.cost_parts, _reasons(need, it.slot, first, nearest))
        for it in ranked[:MAX_PROPOSALS]
    ]


REASONS = ("regular_doctor", "same_commune", "earliest", "nearest", "video", "within_deadline", "within_distance")
"""Codes of the reasons, in the order in which they are told."""

MISFITS = (
    "withdrawn", "paused", "not_participating", "audience", "profession", "specialty", "mode", "too_early",
    "after_deadline", "too_far",
)  # fmt: skip
"""Codes of the hard constraints, in the order in which they are checked."""


def _order(it: Ranked) -> tuple[float, datetime, float, str, UUID]:
    slot = it.slot
    return (it.cost, slot.starts_at, slot.distance_km or 0.0, slot.effector, slot.slot_id)


def _reasons(need: Need, slot: Candidate, first: datetime | None, nearest: float | None) -> tuple[str, ...]:
    at_a_distance = slot.mode != VIDEO
    holds = {
        "regular_doctor": need.regular_doctor is not None and slot.effector == need.regular_doctor,
        "same_commune": at_a_distance and slot.commune == need.commune,
        "earliest": slot.starts_at == first,
        "nearest": at_a_distance and slot.distance_km == nearest,
        "video": not at_a_distance,
        "within_deadline": True,
        "within_distance": at_a_distance,
    }
    return tuple(code for code in REASONS if holds[code])
