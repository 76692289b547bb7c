"""Every rule of the screening, as a table."""

from dataclasses import replace

import pytest

from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.screening import CONDITIONS, Findings, screen

ED = Findings("ed", (), ("FRENCH", "5"), senior_validation=True, patient_agrees=True)
NUMBER = Findings("single_number", (), None, senior_validation=False, patient_agrees=True)
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
        "senior_validation": "not_required",
        "patient_agreement": "passed",
    }
