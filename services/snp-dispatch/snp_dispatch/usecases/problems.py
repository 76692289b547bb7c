"""Refusals of the domain as answers of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from kit.problems import Problem, field_problem
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.states import StepRefused
from snp_dispatch.store.rules import Rules


def not_found(kind: str) -> Problem:
    """404 for a thing that is not in the caller's territory."""
    return Problem(404, f"{kind}_not_found", f"No such {kind} in this territory")


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a refused change of state into a 409 with its code."""
    try:
        yield
    except StepRefused as refused:
        raise Problem(409, refused.code, refused.detail, state=refused.state) from None


def known_commune(rules: Rules, field: str, code: str) -> None:
    """Raises Problem 422 `commune_unknown` for a code that is no commune of today."""
    if code not in rules.gazetteer:
        raise field_problem(field, "commune_unknown", f"{code} is not a commune of today")


def policy_of(rules: Rules, territory: str, now: datetime) -> Policy:
    """The policy in force. Raises Problem 409 `no_policy` for a territory without one: it takes no calls yet."""
    policy = rules.policy(territory, now)
    if policy is None:
        raise Problem(409, "no_policy", f"{territory} has no policy for unscheduled care yet")
    return policy
