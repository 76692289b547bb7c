"""Looking for slots for a need: proposals with their reasons, and what each constraint costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from kit.work import Work
from snp_dispatch.domain.catalogue import VIDEO, Catalogue
from snp_dispatch.domain.distances import STRAIGHT_LINE
from snp_dispatch.domain.geography import Neighbour
from snp_dispatch.domain.matching import (
    MAX_PROPOSALS,
    NOBODY,
    Candidate,
    Need,
    Proposal,
    Ranked,
    explain,
    most_extra,
    rank,
    search_again,
)
from snp_dispatch.domain.policy import Policy
from snp_dispatch.store import history, search
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.search import Question

SPARE, SORTED_OUT, ALL = 60, 20, 20_000
"""Slots that a search brings: for a race that may take the first; when more than wait and way makes the cost; and
when the ten best were not certainly among these."""
COUNTED = 100
"""Slots. A relaxation that opens more says `at_least`."""


@dataclass(frozen=True)
class Relaxation:
    """What the answer would be with one constraint wider: `slots` more than now."""

    constraint: str
    to: Any
    slots: int
    at_least: bool


def allowed_modes(catalogue: Catalogue, asked: tuple[str, ...], mobility: str) -> frozenset[str]:
    """The modes that the caller accepts and the patient's mobility leaves."""
    return frozenset(asked) & catalogue.mobility[mobility].modes


async def find(work: Work, rules: Rules, policy: Policy, need: Need, *, spare: bool = False) -> list[Ranked]:
    """Free slots for the need, best first; with `spare` many more than are shown, as a race may take the first.

    The first ten are the ten best of all: where wishes, practice or fairness could bring forward a slot that the
    first search left behind, a second one brings all that may come before the tenth.
    """
    if not need.modes:
        return []
    need = await informed(work, policy, need)
    question = _question(rules, work.territory, need)
    limit = SPARE if spare else SORTED_OUT if most_extra(policy.weights, need) else MAX_PROPOSALS
    found = await search.find(work, question, policy.weights, limit=limit)
    ranked = await _ranked(work, rules, policy, need, found.slots)
    stop = search_again(need, policy.weights, ranked, found.unseen)
    if stop is None:
        return ranked
    found = await search.find(work, question, policy.weights, limit=ALL, stop=stop)
    return await _ranked(work, rules, policy, need, found.slots)


async def informed(work: Work, policy: Policy, need: Need) -> Need:
    """The need with the practices of the regular doctor, and who saw the patient lately."""
    if not (need.regular_doctor and policy.weights.not_same_practice) and need.patient_ref is None:
        return need
    sites, seen_by = await history.known(work, need.regular_doctor, need.patient_ref, policy.continuity_days)
    return replace(need, regular_sites=sites, seen_by=seen_by)


async def _ranked(work: Work, rules: Rules, policy: Policy, need: Need, slots: Sequence[Candidate]) -> list[Ranked]:
    carried = await loads(work, policy, slots)
    distances = rules.distances(work.territory)
    known = [
        replace(slot, load=carried.get(slot.effector, 0.0), travel=distances.between(need.commune, slot.commune))
        for slot in slots
    ]
    return rank(need, policy.weights, known, work.now)


async def loads(work: Work, policy: Policy, slots: Sequence[Candidate]) -> dict[str, float]:
    """What the effectors of some slots carry already; nothing is read where fairness does not weigh."""
    if not (slots and policy.weights.fairness):
        return {}
    return await history.loads(work, policy.fairness, {slot.effector for slot in slots})


async def relaxations(
    work: Work, rules: Rules, policy: Policy, need: Need, *, found: int, modes: frozenset[str]
) -> list[Relaxation]:
    """How many more slots each constraint, taken alone, keeps away; only when few were found.

    `modes` are those that the patient's mobility leaves.
    """
    if found >= policy.relaxations.below:
        return []
    counted = []
    for constraint, to, wider in _wider(work.now, policy, need, modes):
        slots = await search.count(work, wider, _near(rules, wider), COUNTED) if wider.modes else 0
        counted.append(Relaxation(constraint, to, max(0, slots - found), slots >= COUNTED))
    return counted


def shapes(rules: Rules, need: Need, ranked: list[Ranked]) -> list[dict[str, Any]]:
    """The proposals that are shown, ten at most, as they are answered and stored (JSON values)."""
    return [_shape(rules, it) for it in explain(need, ranked)]


def _shape(rules: Rules, proposal: Proposal) -> dict[str, Any]:
    slot = proposal.slot
    return {
        "slot_id": str(slot.slot_id),
        "practitioner": practitioner(slot.effector, slot.effector_name, is_person=slot.is_person),
        "place": place(rules, slot.commune),
        "distance_km": slot.distance_km,
        "travel": travel(slot),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "mode": slot.mode,
        "cost": proposal.cost,
        "cost_parts": proposal.cost_parts,
        "reasons": list(proposal.reasons),
    }


def travel(slot: Candidate) -> dict[str, Any] | None:
    """The way to a slot and where its figures come from; None for a video visit."""
    if slot.mode == VIDEO or slot.distance_km is None:
        return None
    if slot.travel is None:
        return {"km": slot.distance_km, "minutes": None, "source": STRAIGHT_LINE}
    return vars(slot.travel)


def practitioner(number: str, name: str, *, is_person: bool) -> dict[str, str | None]:
    """Who serves: a professional has an RPPS number, a structure a FINESS number."""
    return {"rpps": number if is_person else None, "finess": None if is_person else number, "name": name}


def place(rules: Rules, commune: str) -> dict[str, str]:
    """Where care is given."""
    return {"commune": commune, "name": rules.gazetteer.name(commune)}


def wished(
    policy: Policy, need: Mapping[str, Any], constraints: Mapping[str, Any], patient: Mapping[str, Any]
) -> dict[str, Any]:
    """What a need asks of a slot and of who serves, as fields of `Need`, from the JSON of a call."""
    return {
        "act": need.get("act"),
        "age": patient["age"],
        "languages": frozenset(constraints.get("languages", ())),
        "accessibility": frozenset(constraints.get("accessibility", ())),
        "tariff_sectors": frozenset(constraints.get("tariff_sectors", ())),
        "gender": constraints.get("practitioner_gender"),
        "criteria": policy.criteria,
        "patient_ref": patient["ref"],
        "regular_doctor": patient["regular_doctor_rpps"],
    }


def need_of(
    policy: Policy, call: Mapping[str, Any], need: Mapping[str, Any], patient: Mapping[str, Any], now: datetime
) -> Need:
    """The need of a stored call, as it stands now."""
    return Need(
        profession=need["profession"],
        specialty=need["specialty"],
        audiences=frozenset(call["audiences"]),
        modes=frozenset(call["modes"]),
        earliest=max(now, call["earliest"]),
        deadline=call["deadline"],
        commune=patient["commune"],
        radius_km=call["radius_km"],
        **wished(policy, need, call["constraints"], patient),
    )


def _near(rules: Rules, need: Need) -> tuple[Neighbour, ...]:
    return rules.gazetteer.around(need.commune, need.radius_km)


def _question(rules: Rules, territory: str, need: Need) -> Question:
    near, distances = _near(rules, need), rules.travel_times.get(territory)
    if distances is None:
        return Question(need, near, [None] * len(near))
    ways = (distances.between(need.commune, it.commune.code) for it in near)
    return Question(need, near, [way.minutes if way else None for way in ways])


def _wider(now: datetime, policy: Policy, need: Need, modes: frozenset[str]) -> list[tuple[str, Any, Need]]:
    """Each constraint that can be relaxed: its field in the request, the wider value, the need with it."""
    far, later = policy.reach.outer_km, need.earliest + timedelta(hours=policy.relaxations.horizon_hours)
    wider: list[tuple[str, Any, Need]] = []
    if need.radius_km < far:
        wider.append(("max_distance_km", far, replace(need, radius_km=far)))
    if need.modes != modes:
        wider.append(("modes", sorted(modes), replace(need, modes=modes)))
    if need.earliest > now:
        wider.append(("not_before", None, replace(need, earliest=now)))
    if later > need.deadline:
        wider.append(("deadline", later.isoformat(), replace(need, deadline=later)))
    return wider + _without(need)


def _without(need: Need) -> list[tuple[str, Any, Need]]:
    """Each thing that is asked of who serves and may be given up; a wish that only costs points closes nothing."""
    hard = need.criteria.is_hard
    asked: tuple[tuple[str, bool, dict[str, Any]], ...] = (
        ("act", need.act is not None, {"act": None}),
        ("languages", bool(need.languages) and hard("language"), {"languages": NOBODY}),
        ("accessibility", bool(need.accessibility) and hard("accessibility"), {"accessibility": NOBODY}),
        ("tariff_sectors", bool(need.tariff_sectors) and hard("tariff_sector"), {"tariff_sectors": NOBODY}),
        ("practitioner_gender", need.gender is not None and hard("gender"), {"gender": None}),
    )
    return [(name, None, replace(need, **change)) for name, closes, change in asked if closes]
