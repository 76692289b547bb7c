"""Replaying the calls of a period against a candidate policy, before anybody depends on it. Writes nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import yaml
from pydantic import ValidationError

from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.replay import Decision, Verdict, differing, replay
from snp_dispatch.domain.request import CallStated
from snp_dispatch.store import past_calls
from snp_dispatch.store.rules import Rules

PAGE = 200
"""Calls between two waits, so that a replay never keeps other requests waiting for long."""
MOST = 20_000
"""Calls of one replay: some seconds, within the time that the gateway gives a request. Years of a single CPTS."""
DEEPEST = 20
"""Levels of a candidate: a policy has seven."""
NODES = 20_000
"""Values that a candidate may hold, aliases counted each time: a policy has some hundred."""

_NOT_YAML = (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError, TypeError, OverflowError)
"""What the parser raises for text that is none; for a tag on a value that it does not fit, the last ones."""


@dataclass(frozen=True)
class Change:
    """A call that would come out otherwise."""

    call_id: UUID
    received_at: datetime
    origin: str
    policy_version: str
    before: Decision
    after: Decision
    conditions: tuple[str, ...]


@dataclass
class Replayed:
    """What a replay found. `changes` holds the first ones, `changed` counts all."""

    policy: Policy
    calls: int = 0
    changed: int = 0
    conditions_only: int = 0
    outcomes: Counter[tuple[Verdict, Verdict]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)


async def dry_run(
    work: Work, rules: Rules, candidate: str | dict[str, Any], since: datetime, until: datetime, *, limit: int
) -> Replayed:
    """Replays the territory's calls received in [since, until). Raises Problem 422.

    422 `policy_invalid` names each wrong field; `period_empty`, `period_too_long` (over 20,000 calls).
    """
    if since >= until:
        raise field_problem("to", "period_empty", "`to` is not later than `from`")
    found = Replayed(read_candidate(rules, candidate))
    async for row in _calls(work, since, until):
        if found.calls == MOST:
            raise field_problem("to", "period_too_long", f"More than {MOST} calls: choose a shorter period")
        _compare(rules, found, row, limit)
    return found


async def _calls(work: Work, since: datetime, until: datetime) -> AsyncIterator[Record]:
    after = None
    while rows := await past_calls.page(work, since, until, after, PAGE):
        for row in rows:
            yield row
        after = (rows[-1]["received_at"], rows[-1]["id"])
        await asyncio.sleep(0)


def _compare(rules: Rules, found: Replayed, row: Record, limit: int) -> None:
    before = Decision(row["outcome"], row["redirect_to"], {it["code"]: it["outcome"] for it in row["conditions"]})
    after = replay(found.policy, rules.catalogue, _stated(row), row["contact_fields"], row["received_at"])
    conditions = differing(before, after)
    found.calls += 1
    found.outcomes[before.outcome, after.outcome] += 1
    if before.verdict == after.verdict:
        found.conditions_only += bool(conditions)
        return
    found.changed += 1
    if len(found.changes) < limit:
        told = (row["id"], row["received_at"], row["origin"], row["policy_version"])
        found.changes.append(Change(*told, before, after, conditions))


def _stated(row: Record) -> CallStated:
    return CallStated.model_validate(
        {name: row[name] for name in ("origin", "caller", "patient", "need", "constraints")}
    )


def read_candidate(rules: Rules, candidate: str | dict[str, Any]) -> Policy:
    """A policy from YAML text or JSON, judged as a file is at start. Raises Problem 422 `policy_invalid`."""
    content = _parsed(candidate) if isinstance(candidate, str) else candidate
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        raise _invalid([(".".join(map(str, it["loc"])), it["msg"]) for it in error.errors()]) from None
    if wrong := policy.check(rules.catalogue):
        raise _invalid([_unknown(line) for line in wrong])
    return policy


def _parsed(text: str) -> Any:
    try:
        _look_at_depth(text)
        content = yaml.safe_load(text)
        _count(content, NODES)
    except _NOT_YAML as error:
        raise _invalid([("", f"not YAML: {type(error).__name__}")]) from None
    return content


def _look_at_depth(text: str) -> None:
    """Raises ValueError for what is nested deeper than a policy: the parser takes seconds to give up on it."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError("nested too deep")


def _count(value: Any, left: int) -> int:
    """How many of `left` values remain; an alias may stand for a great many. Raises ValueError below none."""
    if left <= 0:
        raise ValueError("too many values")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    left -= 1
    for it in inner:
        left = _count(it, left)
    return left


def _unknown(line: str) -> tuple[str, str]:
    where, _, code = line.partition(": ")
    return where, f"unknown: {code}"


def _invalid(errors: list[tuple[str, str]]) -> Problem:
    fields = [
        {"field": f"policy.{where}".rstrip("."), "message": said, "code": "policy_invalid"} for where, said in errors
    ]
    return Problem(422, "policy_invalid", "The candidate is no policy; `errors` names the fields", errors=fields)
