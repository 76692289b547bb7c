"""The matching rule: which slots fit a need (hard constraints), and in which order they are proposed (cost).

    cost = wait_per_hour * hours until the slot starts
         + distance_per_km * km between the patient's commune and the place, or travel_per_minute * minutes where
           a travel time is known (nothing for a video visit)
         + not_regular_doctor, when the patient has a regular doctor (médecin traitant) and it is not theirs
         + not_same_practice, when it is not at the practice of the regular doctor either
         + not_seen_before, when others have seen this patient lately and this one has not
         + the points of each wish that is not met (language, accessibility, tariff sector, gender): all of them
           when it is known not to be met, half of them when nothing is known
         + fairness * the share of a full load that this practitioner carries already (never more than `fairness`)

The lowest cost comes first; equal costs go by start, distance, slot id, so that the same question always gets
the same answer. The weights are the territory's (`snp-policy.yaml`). The same function checks a slot that a
caller picks by hand, so that what is shown can also be held.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from uuid import UUID

from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.distances import Travel
from snp_dispatch.domain.policy import Criteria, Weights

MAX_PROPOSALS, MAX_ALTERNATIVES = 10, 5
HOUR_SECONDS = 3600
NOBODY: frozenset[str] = frozenset()
ALL_HARD = Criteria()


@dataclass(frozen=True)
class Need:
    """What is looked for: the hard constraints, and what the cost looks at.

    `languages` and `tariff_sectors`: any one of them suits. `accessibility`: all of it is needed.
    `regular_sites`: the practices (FINESS) of the regular doctor. `seen_by`: effectors who saw this patient lately.
    """

    profession: str
    specialty: str | None
    audiences: frozenset[str]
    modes: frozenset[str]
    earliest: datetime
    deadline: datetime
    commune: str
    radius_km: float
    regular_doctor: str | None = None
    act: str | None = None
    age: int | None = None
    languages: frozenset[str] = NOBODY
    accessibility: frozenset[str] = NOBODY
    tariff_sectors: frozenset[str] = NOBODY
    gender: str | None = None
    criteria: Criteria = ALL_HARD
    patient_ref: str | None = None
    regular_sites: frozenset[str] = NOBODY
    seen_by: frozenset[str] = NOBODY


@dataclass(frozen=True)
class Candidate:
    """A slot as the rule sees it. `effector` is an RPPS or a FINESS number.

    Empty languages and accessibility, and no tariff sector or gender, mean that nothing is known. `load` is the
    effector's share of a full load (domain/fairness.py).
    """

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
    acts: frozenset[str] = NOBODY
    min_age: int | None = None
    max_age: int | None = None
    own_patients_only: bool = False
    languages: frozenset[str] = NOBODY
    accessibility: frozenset[str] = NOBODY
    tariff_sector: str | None = None
    gender: str | None = None
    sites: frozenset[str] = NOBODY
    load: float = 0.0
    travel: Travel | None = None


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
    return next(_broken(need, slot), None)


def _broken(need: Need, slot: Candidate) -> Iterator[str]:
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
        # An act is a matter of equipment: a slot that does not tell it is not thought to have it.
        "act": need.act is not None and need.act not in slot.acts,
        "age": not _age_suits(need.age, slot),
        "own_patients_only": slot.own_patients_only and slot.effector != need.regular_doctor,
    }
    yield from (code for code, is_broken in broken.items() if is_broken)
    # What is not known is not met.
    yield from (name for name, met in wishes(need, slot) if need.criteria.is_hard(name) and not met)


def _age_suits(age: int | None, slot: Candidate) -> bool:
    youngest, oldest = slot.min_age or 0, 200 if slot.max_age is None else slot.max_age
    return age is None or youngest <= age <= oldest


def wishes(need: Need, slot: Candidate) -> Iterator[tuple[str, bool | None]]:
    """What the caller asks of who serves, by the policy's name of it: whether it is met; None when nobody knows."""
    if need.languages:
        yield "language", bool(slot.languages & need.languages) if slot.languages else None
    if need.accessibility:
        yield "accessibility", need.accessibility <= slot.accessibility if slot.accessibility else None
    if need.tariff_sectors:
        yield "tariff_sector", slot.tariff_sector in need.tariff_sectors if slot.tariff_sector else None
    if need.gender:
        yield "gender", slot.gender == need.gender if slot.gender else None


def cents(points: float) -> float:
    """Points to the hundredth, half up: store/search.py rounds by the same operations, so that both order alike."""
    return floor(points * 100 + 0.5) / 100


def cost_parts(weights: Weights, need: Need, slot: Candidate, now: datetime) -> dict[str, float]:
    """Points by cause; their sum is the cost. Causes that do not concern the need are left out."""
    seconds = max((slot.starts_at - now).total_seconds(), 0.0)
    own = slot.effector == need.regular_doctor
    parts = {
        "wait": cents(weights.wait_per_hour * seconds / HOUR_SECONDS),
        **_trip(weights, slot),
        "not_regular_doctor": weights.not_regular_doctor if need.regular_doctor and not own else 0.0,
    }
    if need.regular_sites and weights.not_same_practice:
        parts["not_same_practice"] = 0.0 if own or slot.sites & need.regular_sites else weights.not_same_practice
    if need.seen_by and weights.not_seen_before:
        parts["not_seen_before"] = 0.0 if slot.effector in need.seen_by else weights.not_seen_before
    for name, met in wishes(need, slot):
        if not need.criteria.is_hard(name):
            parts[name] = cents(need.criteria.points(name) * (0.5 if met is None else 1 - met))
    if weights.fairness:
        parts["fairness"] = cents(weights.fairness * min(1.0, slot.load))
    return parts


def _trip(weights: Weights, slot: Candidate) -> dict[str, float]:
    if slot.mode == VIDEO:
        return {"distance": 0.0}
    minutes = slot.travel.minutes if slot.travel else None
    return trip(weights, slot.distance_km or 0.0, minutes)


def trip(weights: Weights, km: float, minutes: float | None) -> dict[str, float]:
    """Points of the way to a place: of the minutes where they are known and weigh, else of the kilometres."""
    if minutes is None or weights.travel_per_minute is None:
        return {"distance": cents(weights.distance_per_km * km)}
    return {"distance": 0.0, "travel": cents(weights.travel_per_minute * minutes)}


def most_extra(weights: Weights, need: Need) -> float:
    """The most that anything but wait, way and regular doctor can add to a cost: what a search allows for."""
    asked = {
        "language": need.languages,
        "accessibility": need.accessibility,
        "tariff_sector": need.tariff_sectors,
        "gender": need.gender,
    }
    wished = (need.criteria.points(name) for name, value in asked.items() if value and not need.criteria.is_hard(name))
    practice = weights.not_same_practice if need.regular_sites else 0.0
    known = weights.not_seen_before if need.seen_by else 0.0
    return sum(wished) + practice + known + weights.fairness


def rank(need: Need, weights: Weights, slots: Iterable[Candidate], now: datetime) -> list[Ranked]:
    """The fitting slots, best first. A slot that does not fit is left out."""
    fitting = [slot for slot in slots if misfit(need, slot) is None]
    return sorted((priced(need, weights, slot, now) for slot in fitting), key=order)


def priced(need: Need, weights: Weights, slot: Candidate, now: datetime) -> Ranked:
    """The slot with its cost, whether it fits or not."""
    parts = cost_parts(weights, need, slot, now)
    return Ranked(slot, round(sum(parts.values()), 2), parts)


def order(it: Ranked) -> "Key":
    """The key that ranked slots are sorted by."""
    slot = it.slot
    return (it.cost, slot.starts_at, slot.distance_km or 0.0, slot.slot_id)


Key = tuple[float, datetime, float, UUID]
"""What ranked slots are sorted by: cost, start, kilometres, id."""


def search_again(need: Need, weights: Weights, ranked: Sequence[Ranked], unseen: Key | None) -> float | None:
    """Up to which price by wait and way to search again, or None when the ten best are certain.

    `unseen`: by wait and way alone, everything that was left behind comes after it. All of that belongs to others
    than the regular doctor, and nothing else makes a slot cheaper.
    """
    if unseen is None or len(ranked) < MAX_PROPOSALS:
        return None
    stranger = weights.not_regular_doctor if need.regular_doctor else 0.0
    tenth = order(ranked[MAX_PROPOSALS - 1])
    price, *rest = unseen
    return None if tenth <= (round(price + stranger, 2), *rest) else max(0.0, tenth[0] - stranger)


def explain(need: Need, ranked: Sequence[Ranked]) -> list[Proposal]:
    """The proposals that are shown, ten at most, each with its reasons among all that were found."""
    first = min((it.slot.starts_at for it in ranked), default=None)
    nearest = min((it.slot.distance_km or 0.0 for it in ranked if it.slot.mode != VIDEO), default=None)
    return [
        Proposal(it.slot, it.cost, it.cost_parts, _reasons(need, it, first, nearest)) for it in ranked[:MAX_PROPOSALS]
    ]


REASONS = (
    "regular_doctor", "same_practice", "seen_before", "same_commune", "earliest", "nearest", "video", "act",
    "language", "accessibility", "tariff_sector", "gender", "within_deadline", "within_distance",
)  # fmt: skip
"""Codes of the reasons, in the order in which they are told."""

MISFITS = (
    "withdrawn", "paused", "not_participating", "audience", "profession", "specialty", "mode", "too_early",
    "after_deadline", "too_far", "act", "age", "own_patients_only", "language", "accessibility", "tariff_sector",
    "gender",
)  # fmt: skip
"""Codes of the hard constraints, in the order in which they are checked."""


def _reasons(need: Need, it: Ranked, first: datetime | None, nearest: float | None) -> tuple[str, ...]:
    slot, at_a_distance = it.slot, it.slot.mode != VIDEO
    own = need.regular_doctor is not None and slot.effector == need.regular_doctor
    holds = {
        "regular_doctor": own,
        "same_practice": not own and it.cost_parts.get("not_same_practice") == 0,
        "seen_before": it.cost_parts.get("not_seen_before") == 0,
        "same_commune": at_a_distance and slot.commune == need.commune,
        "earliest": slot.starts_at == first,
        "nearest": at_a_distance and slot.distance_km == nearest,
        "video": not at_a_distance,
        "act": need.act is not None,
        **{name: met is True for name, met in wishes(need, slot)},
        "within_deadline": True,
        "within_distance": at_a_distance,
    }
    return tuple(code for code in REASONS if holds.get(code))
