"""Whether a call may be given a town slot, by the territory's policy; every condition is kept.

A red flag (*signe d'alerte*) stops the flow: nothing is booked and the caller is told where to turn. A
level outside the policy, a missing senior agreement or a patient who does not agree refuses the call.
Sources: mission domain notes 3.2 (red flags) and 3.3 (redirection from the emergency department).
"""

from dataclasses import dataclass
from typing import Literal

from snp_dispatch.domain.policy import OriginRules, Policy

Result = Literal["passed", "failed", "not_required"]
Outcome = Literal["accepted", "refused", "redirected"]

CONDITIONS = ("no_red_flag", "triage_assessed", "triage_level", "senior_validation", "patient_agreement")
"""Codes of the conditions, in the order in which they are told."""


@dataclass(frozen=True)
class Findings:
    """What the caller assessed. `red_flags` empty means assessed, none found."""

    origin: str
    red_flags: tuple[str, ...]
    triage: tuple[str, str] | None
    """Scale and level."""
    senior_validation: bool
    patient_agrees: bool


@dataclass(frozen=True)
class Condition:
    """One condition of the policy and how it came out."""

    code: str
    outcome: Result


@dataclass(frozen=True)
class Screening:
    """The decision and everything it rests on."""

    outcome: Outcome
    conditions: tuple[Condition, ...]
    redirect_to: str | None = None

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(it.code for it in self.conditions if it.outcome == "failed")


def screen(policy: Policy, findings: Findings) -> Screening:
    """Applies the policy to the findings. All conditions are looked at, even after one failed."""
    rules = policy.rules_of(findings.origin)
    results: dict[str, Result] = {
        "no_red_flag": _passed(not findings.red_flags),
        "triage_assessed": _passed(findings.triage is not None) if rules.triage_required else "not_required",
        "triage_level": _level(rules, findings.triage),
        "senior_validation": _passed(findings.senior_validation) if rules.senior_validation else "not_required",
        "patient_agreement": _passed(findings.patient_agrees) if rules.patient_agreement else "not_required",
    }
    conditions = tuple(Condition(code, results[code]) for code in CONDITIONS)
    if findings.red_flags:
        return Screening("redirected", conditions, rules.redirect)
    return Screening("refused" if "failed" in results.values() else "accepted", conditions)


def _passed(holds: bool) -> Result:
    return "passed" if holds else "failed"


def _level(rules: OriginRules, triage: tuple[str, str] | None) -> Result:
    if triage is None:
        return "not_required"
    scale, level = triage
    return _passed(level in rules.levels.get(scale, frozenset()))
