"""The patient's own doctor (*médecin traitant*) is tried first; the answer proves it."""

from collections.abc import Sequence
from typing import Any

from kit.work import Work
from snp_dispatch.domain.matching import Need, Ranked, misfit
from snp_dispatch.store import effectors, survey
from snp_dispatch.store.rules import Rules

LOOKED_AT = 200
"""Slots of one doctor, at most."""


async def tried(work: Work, rules: Rules, need: Need, found: Sequence[Ranked]) -> dict[str, Any] | None:
    """What came of looking at the regular doctor's slots, as it is stored and answered; None when none is declared.

    `offered`: a slot of theirs is among what was found. `no_slot`: they have no free slot from the earliest start to
    the deadline, wherever it is. `not_fitting`: they have, but each breaks a constraint: `because` says which.
    `not_participating`: not in unscheduled care on this territory. `unknown`: the directory never told of them.
    """
    doctor = need.regular_doctor
    if doctor is None:
        return None
    outcome, because = await _outcome(work, rules, doctor, need, found)
    return {
        "rpps": doctor,
        "outcome": outcome,
        "because": because,
        "looked_at": work.now.isoformat(),
        "until": need.deadline.isoformat(),
    }


async def _outcome(work: Work, rules: Rules, doctor: str, need: Need, found: Sequence[Ranked]) -> tuple[str, list[str]]:
    if any(it.slot.effector == doctor for it in found):
        return "offered", []
    known = await effectors.find(work, doctor)
    if known is None:
        return "unknown", []
    if not (known["listed"] and known["participates"]):
        return "not_participating", []
    near = [(it.commune.code, it.km) for it in rules.gazetteer.around(need.commune, need.radius_km)]
    slots = await survey.survey(
        work, need.earliest, need.deadline, near, effector=doctor, anywhere=True, limit=LOOKED_AT
    )
    broken = {misfit(need, it.slot) for it in slots if it.seats == "free" and not it.slot.withdrawn} - {None}
    return ("not_fitting", sorted(str(code) for code in broken)) if broken else ("no_slot", [])
