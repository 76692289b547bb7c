"""What a call of the past would become under another policy, by the rules that decide today.

A candidate may also turn a call away at the door: a code that it does not know any more, a deadline that it does
not promise. Such a call is `not_taken`, with the field that would be refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from snp_dispatch.domain.catalogue import Catalogue
from snp_dispatch.domain.findings import findings_of
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.request import CallStated, CodeUnknown, check_codes
from snp_dispatch.domain.screening import Outcome, screen
from snp_dispatch.domain.window import WindowRefused, window

Verdict: TypeAlias = Literal[Outcome, "not_taken"]


@dataclass(frozen=True)
class Decision:
    """How a call comes out. `conditions`: code -> outcome."""

    outcome: Verdict
    redirect_to: str | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    refused_field: str | None = None

    @property
    def verdict(self) -> tuple[Verdict, str | None]:
        return self.outcome, self.redirect_to


def replay(
    policy: Policy, catalogue: Catalogue, stated: CallStated, contact_fields: list[str], received_at: datetime
) -> Decision:
    """The decision on the same call, received at the same moment, under this policy."""
    limits = stated.constraints
    try:
        kind = check_codes(policy, catalogue, stated)
        window(received_at, policy.delay_of(kind, stated.origin), limits.not_before, limits.deadline)
    except (CodeUnknown, WindowRefused) as refused:
        return Decision("not_taken", refused_field=refused.field)
    decided = screen(policy, findings_of(stated, contact_fields))
    return Decision(decided.outcome, decided.redirect_to, {it.code: it.outcome for it in decided.conditions})


def differing(before: Decision, after: Decision) -> tuple[str, ...]:
    """Codes of the conditions that come out otherwise; a condition that was not known then was not required."""
    if after.outcome == "not_taken":
        return ()
    return tuple(
        code for code, outcome in after.conditions.items() if before.conditions.get(code, "not_required") != outcome
    )
