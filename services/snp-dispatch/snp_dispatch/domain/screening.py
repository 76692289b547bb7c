"""Whether a call may be given a town slot, by the territory's policy; every condition is kept.

A red flag (*signe d'alerte*) stops the flow: nothing is booked and the caller is told where to turn. A
level outside the policy, a vital sign out of range, a missing senior agreement, a patient who does not
agree or data that the policy asks for and nobody gave refuse the call. This applies a policy that doctors
validated; it does not diagnose (docs/intended-use.md).
Sources: mission domain notes 3.2 (red flags) and 3.3 (redirection from the emergency department).
"""

from dataclasses import dataclass, field
from typing import Literal

from snp_dispatch.domain.policy import MinimumField, OriginRules, Policy
from snp_dispatch.domain.vital_signs import VITAL_SIGNS, VitalSign

Result = Literal["passed", "failed", "not_required"]
Outcome = Literal["accepted", "refused", "redirected"]

CONDITIONS = (
    "no_red_flag",
    "triage_assessed",
    "triage_level",
    "vital_signs_assessed",
    "vital_signs",
    "senior_validation",
    "patient_agreement",
    "minimum_data",
)
"""Codes of the conditions, in the order in which they are told."""

PATHS: dict[MinimumField, str] = {
    "reason": "need.reason",
    "regular_doctor": "patient.regular_doctor_rpps",
    "patient_ref": "patient.ref",
    "contact_name": "patient.contact.name",
    "contact_phone": "patient.contact.phone",
    "caller_organisation": "caller.organisation",
    "caller_professional": "caller.professional_rpps",
}
"""What a policy may ask for, and the field of the request that gives it."""


@dataclass(frozen=True)
class Findings:
    """What the caller assessed and gave. `red_flags` empty means assessed, none found."""

    origin: str
    age: int
    """Years."""
    red_flags: tuple[str, ...]
    triage: tuple[str, str] | None
    """Scale and level."""
    senior_validation: bool
    patient_agrees: bool
    vital_signs: dict[VitalSign, float] = field(default_factory=dict)
    given: frozenset[MinimumField] = frozenset(PATHS)
    """Which of the data that a policy may ask for came with the call."""


@dataclass(frozen=True)
class Compared:
    """One value that a condition looked at, and what it was held against. Never a free text or an identity."""

    field: str
    ok: bool
    value: str | float | None = None
    """None: it was not given."""
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Condition:
    """One condition of the policy, how it came out and what was compared."""

    code: str
    outcome: Result
    detail: tuple[Compared, ...] = ()


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
    conditions = (
        _no_red_flag(findings),
        _asked("triage_assessed", rules.triage_required, findings.triage is not None),
        _triage_level(rules, findings.triage),
        _vital_signs_assessed(rules, findings),
        _vital_signs(rules, findings),
        _asked("senior_validation", rules.senior_validation, findings.senior_validation),
        _asked("patient_agreement", rules.patient_agreement, findings.patient_agrees),
        _minimum_data(rules, findings),
    )
    if findings.red_flags:
        return Screening("redirected", conditions, rules.redirect)
    failed = any(it.outcome == "failed" for it in conditions)
    return Screening("refused" if failed else "accepted", conditions)


def _passed(holds: bool) -> Result:
    return "passed" if holds else "failed"


def _asked(code: str, required: bool, holds: bool) -> Condition:
    return Condition(code, _passed(holds) if required else "not_required")


def _no_red_flag(findings: Findings) -> Condition:
    found = tuple(Compared("need.red_flags", ok=False, value=flag) for flag in findings.red_flags)
    return Condition("no_red_flag", _passed(not found), found)


def _triage_level(rules: OriginRules, triage: tuple[str, str] | None) -> Condition:
    if triage is None:
        return Condition("triage_level", "not_required")
    scale, level = triage
    allowed = tuple(sorted(rules.levels.get(scale, frozenset())))
    compared = Compared("need.triage.level", ok=level in allowed, value=level, allowed=allowed)
    return Condition("triage_level", _passed(compared.ok), (compared,))


def _vital_signs_assessed(rules: OriginRules, findings: Findings) -> Condition:
    """Every sign that the policy requires was measured; `detail` names those that were not."""
    required = rules.vital_signs.required
    missing = [code for code in VITAL_SIGNS if code in required and code not in findings.vital_signs]
    detail = tuple(Compared(f"need.vital_signs.{code}", ok=False) for code in missing)
    return Condition("vital_signs_assessed", _passed(not missing) if required else "not_required", detail)


def _vital_signs(rules: OriginRules, findings: Findings) -> Condition:
    """Every sign that was measured lies in its range for the age, whether or not it was required."""
    ranges = rules.vital_signs.ranges_at(findings.age)
    detail = tuple(
        Compared(f"need.vital_signs.{code}", ranges[code].holds(value), value, ranges[code].min, ranges[code].max)
        for code, value in findings.vital_signs.items()
        if code in ranges
    )
    outcome = _passed(all(it.ok for it in detail)) if detail else "not_required"
    return Condition("vital_signs", outcome, detail)


def _minimum_data(rules: OriginRules, findings: Findings) -> Condition:
    """Everything that the policy asks for was given; `detail` names the fields that were not."""
    missing = tuple(
        Compared(path, ok=False)
        for code, path in PATHS.items()
        if code in rules.minimum_data and code not in findings.given
    )
    return Condition("minimum_data", _passed(not missing) if rules.minimum_data else "not_required", missing)
