"""Route of dry runs: what a policy would change, before it is activated."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from kit.http import WorkDep, no_effect, service_router
from snp_dispatch.api.params import PolicyWriter, RulesDep
from snp_dispatch.domain.catalogue import Origin
from snp_dispatch.domain.replay import Decision, Verdict
from snp_dispatch.domain.request import Stated
from snp_dispatch.usecases.dry_run import Change, Replayed, dry_run

router = service_router(tags=["policies"])


class DryRunIn(Stated):
    """A candidate and a period of past calls."""

    model_config = ConfigDict(populate_by_name=True)

    policy: Annotated[str, StringConstraints(min_length=1, max_length=50_000)] | dict[str, Any] = Field(
        description="The file `snp-policy.yaml` as YAML text, or the same as a JSON object"
    )
    since: AwareDatetime = Field(alias="from", description="First instant of receipt, with offset; included")
    until: AwareDatetime = Field(alias="to", description="Last instant of receipt, with offset; excluded")
    limit: int = Field(default=1000, ge=0, le=10_000, description="Changes that are listed; all are counted")


class DecisionOut(BaseModel):
    """How a call comes out. `not_taken`: the call would be refused as input, for `refused_field`."""

    outcome: Verdict
    redirect_to: str | None
    refused_field: str | None = None


class ConditionChangeOut(BaseModel):
    """A condition that comes out otherwise."""

    code: str
    before: str
    after: str


class ChangeOut(BaseModel):
    """A call that would come out otherwise. `policy_version` is the one it was decided under."""

    call_id: UUID
    received_at: datetime
    origin: Origin
    policy_version: str
    before: DecisionOut
    after: DecisionOut
    conditions: list[ConditionChangeOut]


class OutcomeCountOut(BaseModel):
    """Calls by outcome then and now."""

    before: Verdict
    after: Verdict
    calls: int


class DryRunOut(BaseModel):
    """What would change. `changes` lists the first `limit`, in order of receipt; `changed` counts all of them."""

    policy_version: str
    calls: int = Field(description="Calls replayed")
    changed: int = Field(description="Calls whose outcome, or place of redirection, would differ")
    conditions_only: int = Field(description="Calls with the same outcome for other conditions; not listed")
    outcomes: list[OutcomeCountOut]
    changes: list[ChangeOut]
    truncated: bool


@router.post("/policies/dry-run", operation_id="dryRunPolicy", summary="What a policy would change for past calls")
@no_effect
async def post_dry_run(*, caller: PolicyWriter, work: WorkDep, rules: RulesDep, body: DryRunIn) -> DryRunOut:
    """Replays the calls of the period by the production rules and compares with what was decided then.

    Nothing is written, so no Idempotency-Key. 422 `policy_invalid` names each wrong field of the candidate;
    `period_empty`, `period_too_long` (over 20,000 calls). Offers are not replayed: slots of then are gone.
    """
    return _answer(await dry_run(work, rules, body.policy, body.since, body.until, limit=body.limit))


def _answer(found: Replayed) -> DryRunOut:
    return DryRunOut(
        policy_version=found.policy.version,
        calls=found.calls,
        changed=found.changed,
        conditions_only=found.conditions_only,
        outcomes=[
            OutcomeCountOut(before=before, after=after, calls=calls)
            for (before, after), calls in sorted(found.outcomes.items())
        ],
        changes=[_change(it) for it in found.changes],
        truncated=found.changed > len(found.changes),
    )


def _change(change: Change) -> ChangeOut:
    return ChangeOut(
        call_id=change.call_id,
        received_at=change.received_at,
        origin=change.origin,  # type: ignore[arg-type]
        policy_version=change.policy_version,
        before=_decision(change.before),
        after=_decision(change.after),
        conditions=[
            ConditionChangeOut(
                code=code,
                before=change.before.conditions.get(code, "not_required"),
                after=change.after.conditions[code],
            )
            for code in change.conditions
        ],
    )


def _decision(decision: Decision) -> DecisionOut:
    return DecisionOut(outcome=decision.outcome, redirect_to=decision.redirect_to, refused_field=decision.refused_field)
