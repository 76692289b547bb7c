"""Looking for slots for a need: proposals with their reasons, and what each constraint costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from kit.work import Work
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.matching import Need, Proposal, Ranked, explain, rank
from snp_dispatch.domain.policy import Policy
from snp_dispatch.store import search
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.search import Question

SHOWN, SPARE = 15, 60
"""Slots that a search brings: some more than ten, because the query's cost is not rounded as the domain's is."""
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
    """Free slots for the need, best first; with `spare` many more than are shown, as a race may take the first."""
    if not need.modes:
        return []
    found = await search.find(work, _question(rules, need), policy.weights, limit=SPARE if spare else SHOWN)
    return rank(need, policy.weights, found, work.now)


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
        slots = await search.count(work, _question(rules, wider), COUNTED) if wider.modes else 0
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
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "mode": slot.mode,
        "cost": proposal.cost,
        "cost_parts": proposal.cost_parts,
        "reasons": list(proposal.reasons),
    }


def practitioner(number: str, name: str, *, is_person: bool) -> dict[str, str | None]:
    """Who serves: a professional has an RPPS number, a structure a FINESS number."""
    return {"rpps": number if is_person else None, "finess": None if is_person else number, "name": name}


def place(rules: Rules, commune: str) -> dict[str, str]:
    """Where care is given."""
    return {"commune": commune, "name": rules.gazetteer.name(commune)}


def need_of(call: Mapping[str, Any], need: Mapping[str, Any], patient: Mapping[str, Any], now: datetime) -> Need:
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
        regular_doctor=patient["regular_doctor_rpps"],
    )


def _question(rules: Rules, need: Need) -> Question:
    return Question(need, rules.gazetteer.around(need.commune, need.radius_km))


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
    return wider
