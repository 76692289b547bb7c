"""Every rule of the screening, as a table."""

from dataclasses import replace
from typing import Any

import pytest

from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.screening import CONDITIONS, Compared, Condition, Findings, Screening, screen

ED = Findings("ed", 40, (), ("FRENCH", "5"), senior_validation=True, patient_agrees=True)
NUMBER = Findings("single_number", 40, (), None, senior_validation=False, patient_agrees=True)
SAS = replace(NUMBER, origin="sas")
PROFESSIONAL = replace(NUMBER, origin="professional")

CASES = [
    # findings, outcome, redirect, conditions that failed
    (ED, "accepted", None, ()),
    (replace(ED, triage=("FRENCH", "4")), "accepted", None, ()),
    (replace(ED, triage=("CCMU", "1")), "accepted", None, ()),
    (replace(ED, triage=("CCMU", "2")), "accepted", None, ()),
    (replace(ED, triage=("FRENCH", "3B")), "refused", None, ("triage_level",)),
    (replace(ED, triage=("FRENCH", "3A")), "refused", None, ("triage_level",)),
    (replace(ED, triage=("FRENCH", "1")), "refused", None, ("triage_level",)),
    (replace(ED, triage=("CCMU", "P")), "refused", None, ("triage_level",)),
    (replace(ED, triage=None), "refused", None, ("triage_assessed",)),
    (replace(ED, senior_validation=False), "refused", None, ("senior_validation",)),
    (replace(ED, patient_agrees=False), "refused", None, ("patient_agreement",)),
    (
        replace(ED, senior_validation=False, patient_agrees=False),
        "refused",
        None,
        ("senior_validation", "patient_agreement"),
    ),
    (replace(ED, red_flags=("chest_pain",)), "redirected", "ed_stay", ("no_red_flag",)),
    # A red flag goes before a refusal: the patient is told where to go, not only "no".
    (
        replace(ED, red_flags=("convulsions",), patient_agrees=False),
        "redirected",
        "ed_stay",
        ("no_red_flag", "patient_agreement"),
    ),
    (NUMBER, "accepted", None, ()),
    (replace(NUMBER, triage=("FRENCH", "3B")), "accepted", None, ()),
    (replace(NUMBER, triage=("FRENCH", "2")), "refused", None, ("triage_level",)),
    (replace(NUMBER, patient_agrees=False), "refused", None, ("patient_agreement",)),
    (replace(NUMBER, red_flags=("stroke_signs",)), "redirected", "15", ("no_red_flag",)),
    (SAS, "accepted", None, ()),
    (replace(SAS, red_flags=("chest_pain", "heavy_bleeding")), "redirected", "15", ("no_red_flag",)),
    (PROFESSIONAL, "accepted", None, ()),
    (replace(PROFESSIONAL, red_flags=("asthma_attack",)), "redirected", "15", ("no_red_flag",)),
]


@pytest.mark.parametrize(("findings", "outcome", "redirect", "failed"), CASES)
def test_screening(
    policy: Policy, findings: Findings, outcome: str, redirect: str | None, failed: tuple[str, ...]
) -> None:
    decision = screen(policy, findings)
    assert (decision.outcome, decision.redirect_to, decision.failed) == (outcome, redirect, failed)


def test_every_condition_is_kept_in_order(policy: Policy) -> None:
    told = {it.code: it.outcome for it in screen(policy, NUMBER).conditions}
    assert tuple(told) == CONDITIONS
    assert told == {
        "no_red_flag": "passed",
        "triage_assessed": "not_required",
        "triage_level": "not_required",
        "vital_signs_assessed": "not_required",
        "vital_signs": "not_required",
        "senior_validation": "not_required",
        "patient_agreement": "passed",
        "minimum_data": "not_required",
    }


# ---- red flags: every sign of the mission's domain notes 3.2, none forgotten

NAMED_IN_THE_NOTES = {
    "chest_pain", "respiratory_distress", "stroke_signs", "heavy_bleeding", "loss_of_consciousness", "asthma_attack",
    "sensory_or_motor_deficit", "sudden_unusual_headache", "convulsions", "poorly_tolerated_fever",
    "sudden_pelvic_pain", "abdominal_pain_with_fever", "testicular_pain", "joint_pain_with_fever", "acute_limb_pain",
}  # fmt: skip


@pytest.mark.parametrize("flag", sorted(NAMED_IN_THE_NOTES))
@pytest.mark.parametrize(("findings", "to"), [(ED, "ed_stay"), (NUMBER, "15"), (SAS, "15"), (PROFESSIONAL, "15")])
def test_every_red_flag_stops_the_flow(policy: Policy, flag: str, findings: Findings, to: str) -> None:
    assert flag in policy.red_flags
    decision = screen(policy, replace(findings, red_flags=(flag,)))
    assert (decision.outcome, decision.redirect_to) == ("redirected", to)
    assert decision.conditions[0].detail == (Compared("need.red_flags", ok=False, value=flag),)


@pytest.mark.parametrize(("scale", "levels"), [("FRENCH", "1 2 3A 3B 4 5"), ("CCMU", "D 5 4 3 2 1 P")])
@pytest.mark.parametrize("findings", [ED, NUMBER])
def test_a_level_is_held_against_those_of_the_policy(
    policy: Policy, scale: str, levels: str, findings: Findings
) -> None:
    allowed = policy.rules_of(findings.origin).levels[scale]
    for level in levels.split():
        condition = told(screen(policy, replace(findings, triage=(scale, level))), "triage_level")
        assert (condition.outcome == "passed") is (level in allowed)
        assert condition.detail[0].allowed == tuple(sorted(allowed))


# ---- vital signs

VITALS = [
    # age, what was measured, does it allow a town slot
    (40, {}, True),
    (40, {"spo2_percent": 98, "systolic_mmhg": 120, "heart_rate_per_min": 70, "gcs": 15}, True),
    (40, {"spo2_percent": 95}, True),
    (40, {"spo2_percent": 94}, False),
    (40, {"systolic_mmhg": 100}, True),
    (40, {"systolic_mmhg": 99}, False),
    (40, {"systolic_mmhg": 181}, False),
    (40, {"heart_rate_per_min": 111}, False),
    (40, {"heart_rate_per_min": 49}, False),
    (40, {"respiratory_rate_per_min": 23}, False),
    (40, {"temperature_celsius": 39}, True),
    (40, {"temperature_celsius": 39.1}, False),
    (40, {"gcs": 14}, False),
    (40, {"glucose_mmol_l": 3.0}, False),
    # The same figure means another thing at another age.
    (0, {"heart_rate_per_min": 150}, True),
    (17, {"heart_rate_per_min": 150}, False),
    (3, {"respiratory_rate_per_min": 30}, True),
    (30, {"respiratory_rate_per_min": 30}, False),
    (0, {"temperature_celsius": 38.5}, False),
    (1, {"temperature_celsius": 38.5}, True),
    (11, {"heart_rate_per_min": 120}, True),
    (12, {"heart_rate_per_min": 120}, False),
    (130, {"heart_rate_per_min": 70}, True),
]


@pytest.mark.parametrize(("age", "signs", "fits"), VITALS)
@pytest.mark.parametrize("findings", [ED, NUMBER, SAS, PROFESSIONAL])
def test_vital_signs(policy: Policy, findings: Findings, age: int, signs: dict[Any, float], *, fits: bool) -> None:
    decision = screen(policy, replace(findings, age=age, vital_signs=signs))
    assert (decision.outcome, decision.failed) == (("accepted", ()) if fits else ("refused", ("vital_signs",)))


def test_what_was_measured_is_kept_with_its_bounds(policy: Policy) -> None:
    decision = screen(policy, replace(ED, vital_signs={"spo2_percent": 91, "gcs": 15}))
    assert told(decision, "vital_signs").detail == (
        Compared("need.vital_signs.spo2_percent", ok=False, value=91, min=95),
        Compared("need.vital_signs.gcs", ok=True, value=15, min=15),
    )


def test_what_a_policy_requires_must_have_been_measured(policy: Policy) -> None:
    strict = asking(policy, "ed", vital_signs={"required": ["spo2_percent", "gcs"]})
    decision = screen(strict, replace(ED, vital_signs={"gcs": 15}))
    assert decision.failed == ("vital_signs_assessed",)
    missing = told(decision, "vital_signs_assessed").detail
    assert missing == (Compared("need.vital_signs.spo2_percent", ok=False),)
    assert screen(strict, replace(ED, vital_signs={"gcs": 15, "spo2_percent": 97})).outcome == "accepted"
    assert screen(strict, NUMBER).outcome == "accepted"


# ---- minimum data


def test_missing_data_are_named(policy: Policy) -> None:
    strict = asking(policy, "single_number", minimum_data=["reason", "contact_phone", "regular_doctor"])
    decision = screen(strict, replace(NUMBER, given=frozenset({"reason"})))
    assert (decision.outcome, decision.failed) == ("refused", ("minimum_data",))
    missing = [it.field for it in told(decision, "minimum_data").detail]
    assert missing == ["patient.regular_doctor_rpps", "patient.contact.phone"]
    assert screen(strict, NUMBER).outcome == "accepted"
    assert told(screen(strict, NUMBER), "minimum_data").outcome == "passed"


def told(decision: Screening, code: str) -> Condition:
    return next(it for it in decision.conditions if it.code == code)


def asking(policy: Policy, origin: str, **rules: Any) -> Policy:
    """The policy, asking more of one origin."""
    content = policy.model_dump()
    content["origins"][origin].update(rules)
    return Policy.model_validate(content)
