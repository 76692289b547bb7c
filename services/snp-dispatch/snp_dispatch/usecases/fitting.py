"""Whether a slot fits a call, asked in the same way wherever a call gets one."""

from kit.problems import Problem
from snp_dispatch.domain.matching import Candidate, Need, misfit
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules


def fitting(rules: Rules, need: Need, row: Row) -> Candidate:
    """The slot of the row, for `candidate`. Raises Problem 409 `slot_not_suitable` with the `reason`."""
    slot = candidate(rules, row)
    if reason := misfit(need, slot):
        raise unsuitable(rules, reason)
    return slot


def unsuitable(rules: Rules, reason: str) -> Problem:
    """409 for a slot that breaks a hard constraint, with its code and what it means."""
    return Problem(409, "slot_not_suitable", rules.catalogue.misfits[reason], reason=reason)


def candidate(rules: Rules, row: Row) -> Candidate:
    """A slot as the matching rule sees it: `row` has its columns, its effector's, and the call's `patient`."""
    return Candidate(
        slot_id=row["slot_id"],
        effector=row["effector_id"],
        effector_name=row["effector_name"],
        is_person=row["effector_kind"] == "person",
        profession=row["profession"],
        specialties=frozenset(row["specialties"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        commune=row["commune"],
        distance_km=rules.gazetteer.distance(row["patient"]["commune"], row["commune"]),
        mode=row["mode"],
        audience=frozenset(row["audience"]),
        participates=row["participates"],
        withdrawn=row["withdrawn_at"] is not None,
        paused=row["paused"],
        acts=frozenset(row["acts"]),
        min_age=row["min_age"],
        max_age=row["max_age"],
        own_patients_only=row["own_patients_only"],
        languages=frozenset(row["languages"]),
        accessibility=frozenset(row["access"]),
        tariff_sector=row["tariff_sector"],
        gender=row["gender"],
    )
