"""The rules in force on the caller's territory, and every code with its label."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import CallReader, RulesDep
from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.policy import Criteria, Fairness, NeedType, Policy, Reach, Weights
from snp_dispatch.domain.vital_signs import VitalRules
from snp_dispatch.usecases.problems import policy_of

router = service_router(tags=["policies"])

C = TypeVar("C", bound=str)


class CodeOut(BaseModel):
    code: str
    label: str


class MobilityOut(CodeOut):
    modes: list[str]


class ScaleOut(CodeOut):
    levels: list[CodeOut]


class OriginOut(CodeOut):
    """What the policy asks of calls from here. `levels`: scale -> levels that may be given a town slot."""

    audiences: list[str]
    redirect: CodeOut
    triage_required: bool
    senior_validation: bool
    patient_agreement: bool
    levels: dict[str, list[str]]
    vital_signs: VitalRules
    minimum_data: list[str]


class NextPolicyOut(BaseModel):
    """A version that is known and not yet in force."""

    version: str
    valid_from: date
    validated_by: str | None


class PolicyOut(BaseModel):
    """The policy in force. Decisions store its version. `validated_by` is null while it is a proposal.

    `next` is the version that comes into force on its `valid_from`, the calendar day on the territory.
    """

    territory: str
    version: str
    codes_version: str
    valid_from: date
    validated_by: str | None
    next: NextPolicyOut | None
    origins: list[OriginOut]
    needs: list[NeedType]
    red_flags: list[CodeOut]
    triage_scales: list[ScaleOut]
    mobility: list[MobilityOut]
    modes: list[CodeOut]
    audiences: list[CodeOut]
    redirects: list[CodeOut]
    acts: list[CodeOut]
    accessibility: list[CodeOut]
    vital_signs: list[CodeOut]
    minimum_data: list[CodeOut]
    languages: list[CodeOut]
    tariff_sectors: list[CodeOut]
    genders: list[CodeOut]
    conditions: list[CodeOut]
    reasons: list[CodeOut]
    misfits: list[CodeOut]
    reach: Reach
    weights: Weights
    criteria: Criteria
    fairness: Fairness
    continuity_days: int
    hold_seconds: int
    fulfil_minutes_before_start: int
    overbooking_per_slot: int
    contact_retention_days: int
    availability_horizon_days: int


@router.get("/policies/current", operation_id="getPolicy", summary="Policy and codes", responses=problem_responses(409))
async def get_policy(*, caller: CallReader, work: WorkDep, rules: RulesDep) -> PolicyOut:
    """Every code that a call may carry on this territory, with French labels, and the rules behind a decision."""
    policy, catalogue = policy_of(rules, work.territory, work.now), rules.catalogue
    alike = (
        "version", "valid_from", "validated_by", "needs", "reach", "weights", "criteria", "fairness",
        "continuity_days", "hold_seconds",
        "fulfil_minutes_before_start", "overbooking_per_slot", "contact_retention_days", "availability_horizon_days",
    )  # fmt: skip
    return PolicyOut(
        **{name: getattr(policy, name) for name in alike},
        territory=work.territory,
        next=_next(rules.next_policy(work.territory, work.now)),
        codes_version=catalogue.version,
        origins=_origins(policy, catalogue),
        red_flags=[CodeOut(code=code, label=catalogue.red_flags[code]) for code in policy.red_flags],
        triage_scales=[
            ScaleOut(code=code, label=scale.label, levels=_codes(scale.levels))
            for code, scale in catalogue.triage_scales.items()
        ],
        mobility=[
            MobilityOut(code=code, label=it.label, modes=sorted(it.modes)) for code, it in catalogue.mobility.items()
        ],
        modes=_codes(catalogue.modes),
        audiences=_codes(catalogue.audiences),
        redirects=_codes(catalogue.redirects),
        acts=_codes(catalogue.acts),
        accessibility=_codes(catalogue.accessibility),
        vital_signs=_codes(catalogue.vital_signs),
        minimum_data=_codes(catalogue.minimum_data),
        languages=_codes(catalogue.languages),
        tariff_sectors=_codes(catalogue.tariff_sectors),
        genders=_codes(catalogue.genders),
        conditions=_codes(catalogue.conditions),
        reasons=_codes(catalogue.reasons),
        misfits=_codes(catalogue.misfits),
    )


def _codes(labels: Mapping[C, str]) -> list[CodeOut]:
    return [CodeOut(code=code, label=label) for code, label in labels.items()]


def _next(policy: Policy | None) -> NextPolicyOut | None:
    if policy is None:
        return None
    return NextPolicyOut(version=policy.version, valid_from=policy.valid_from, validated_by=policy.validated_by)


def _origins(policy: Policy, catalogue: Catalogue) -> list[OriginOut]:
    return [
        OriginOut(
            code=code,
            label=catalogue.origins[code],
            audiences=sorted(rules.audiences),
            redirect=CodeOut(code=rules.redirect, label=catalogue.redirects[rules.redirect]),
            triage_required=rules.triage_required,
            senior_validation=rules.senior_validation,
            patient_agreement=rules.patient_agreement,
            levels={scale: sorted(levels) for scale, levels in rules.levels.items()},
            vital_signs=rules.vital_signs,
            minimum_data=sorted(rules.minimum_data),
        )
        for code, rules in policy.origins.items()
    ]
