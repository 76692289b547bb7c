"""From a stated call to what the screening looks at: the same for a call that comes in and for a replay."""

from collections.abc import Collection

from snp_dispatch.domain.policy import MinimumField
from snp_dispatch.domain.request import CallStated
from snp_dispatch.domain.screening import Findings
from snp_dispatch.domain.vital_signs import measured


def findings_of(stated: CallStated, contact_fields: Collection[str]) -> Findings:
    """`contact_fields`: which of name and phone came with the call; the contact itself is sealed or gone."""
    need = stated.need
    return Findings(
        origin=stated.origin,
        age=stated.patient.age,
        red_flags=need.red_flags,
        triage=(need.triage.scale, need.triage.level) if need.triage else None,
        senior_validation=need.senior_validation,
        patient_agrees=need.patient_agrees,
        vital_signs=measured(need.vital_signs),
        given=_given(stated, contact_fields),
    )


def _given(stated: CallStated, contact_fields: Collection[str]) -> frozenset[MinimumField]:
    held: dict[MinimumField, bool] = {
        "reason": bool((stated.need.reason or "").strip()),
        "regular_doctor": stated.patient.regular_doctor_rpps is not None,
        "patient_ref": stated.patient.ref is not None,
        "contact_name": "name" in contact_fields,
        "contact_phone": "phone" in contact_fields,
        "caller_organisation": bool((stated.caller.organisation or "").strip()),
        "caller_professional": stated.caller.professional_rpps is not None,
    }
    return frozenset(code for code, there in held.items() if there)
