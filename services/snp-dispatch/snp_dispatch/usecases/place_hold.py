"""Keeping a seat for a call for a few minutes: the hot path."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.snp_dispatch import HoldPlaced
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.matching import MAX_ALTERNATIVES, Candidate
from snp_dispatch.domain.policy import Policy
from snp_dispatch.domain.states import AWAITING, waits_now
from snp_dispatch.store import calls, holds
from snp_dispatch.store.holds import NewHold
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, proposals, tell
from snp_dispatch.usecases.fitting import fitting
from snp_dispatch.usecases.problems import not_found, policy_of
from snp_dispatch.usecases.quotas import keep_to_quotas


@dataclass(frozen=True)
class Placed:
    """A hold that was placed."""

    id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: datetime
    fence: int


def digest(token: str) -> bytes:
    """What is stored of a hold's token. It is random and long, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).digest()


async def place_hold(work: Work, rules: Rules, caller: Caller, *, call_id: UUID, slot_id: UUID, token: str) -> Placed:
    """Holds a seat of a slot for a call; an earlier hold of the call is released, also one of the same slot.

    Raises Problem 404 `call_not_found`, `slot_not_found`; 403 `not_your_call`; 409 `call_not_open`,
    `slot_not_suitable` with the `reason`, `slot_taken` with at most five `alternatives`, `quota_reached`.
    """
    policy = policy_of(rules, work.territory, work.now)
    expires_at = work.now + policy.hold_time
    warn_at = policy.warn_at(expires_at, policy.hold_time)
    hold = NewHold(work.new_id(), call_id, slot_id, digest(token), expires_at, warn_at)
    row = await holds.place(work, hold)
    slot = _check(rules, policy, work.now, caller, row)
    if not row["placed"]:
        raise await _refused(work, rules, row)
    if row["quoted"]:
        await keep_to_quotas(work, rules, row["client_organisation"], slot)
    tell.holds_ended(work, row["ended"])
    placed = Placed(hold.id, call_id, slot_id, hold.expires_at, row["fence"])
    payload = HoldPlaced(
        hold_id=hold.id, call_id=call_id, slot_id=slot_id, expires_at=hold.expires_at, fence=placed.fence
    )
    work.emit(payload, version=tell.PLACED)
    return placed


def _check(rules: Rules, policy: Policy, now: datetime, caller: Caller, row: Row) -> Candidate:
    if row["call_id"] is None:
        raise not_found("call")
    access.own_call(caller, row["client"])
    if row["slot_id"] is None:
        raise not_found("slot")
    state = waits_now(row["call_state"], row["deadline"], now)
    if state not in AWAITING:
        raise _not_open(state)
    return fitting(rules, proposals.need_of(policy, row, row["need"], row["patient"], now), row)


def _not_open(state: str) -> Problem:
    return Problem(409, "call_not_open", f"The call takes no slot any more: {state}", state=state)


async def _refused(work: Work, rules: Rules, row: Row) -> Problem:
    if row["claimed"]:
        return Problem(409, "call_busy", "Another hold of this call was placed at the same moment")
    if row["seat_seen"] and not row["call_taken"]:
        # Either was taken while the statement waited: say which.
        changed = await calls.get(work, row["call_id"])
        if changed is not None and changed["state"] not in AWAITING:
            return _not_open(changed["state"])
    alternatives = await _alternatives(work, rules, row)
    return Problem(409, "slot_taken", "Somebody else has the slot", alternatives=alternatives)


async def _alternatives(work: Work, rules: Rules, row: Row) -> list[dict[str, Any]] | orjson.Fragment:
    """The next best of what was proposed and is still free; a new search only when nothing is left of it."""
    if row["alternatives"]:
        # As the database wrote it: a race has many losers, and none of them needs it parsed.
        return orjson.Fragment(row["alternatives"])
    policy = policy_of(rules, work.territory, work.now)
    need = proposals.need_of(policy, row, row["need"], row["patient"], work.now)
    found = await proposals.find(work, rules, policy, need)
    others = [it for it in found if it.slot.slot_id != row["slot_id"]]
    return proposals.shapes(rules, need, others)[:MAX_ALTERNATIVES]
