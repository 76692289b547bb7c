"""Another policy for one test."""

from typing import Any

import pytest
from dispatch_stage import HERE, Dispatch

from snp_dispatch.domain.policy import PolicyVersions


def policy_says(dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """The policy of HERE with some of its members changed, for the rest of the test."""
    policy = dispatch.rules.policy(HERE, dispatch.clock.now())
    assert policy is not None
    changed = policy.model_copy(update=changes)
    monkeypatch.setitem(dispatch.rules.policies, HERE, PolicyVersions.of([changed]))
