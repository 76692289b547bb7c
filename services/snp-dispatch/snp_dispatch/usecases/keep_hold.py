"""A hold while it lives: more time once, another holder, a warning before its end. The token is the authority."""

import hmac
from uuid import UUID

from contracts.snp_dispatch import HoldExpiring, HoldExtended, HoldTransferred
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import HOLD, held_now, step
from snp_dispatch.store import hold_terms, holds
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.place_hold import digest
from snp_dispatch.usecases.problems import not_found, policy_of, refusals

BATCH = 500


async def extend_hold(work: Work, rules: Rules, hold_id: UUID, token: str) -> Record:
    """Adds the policy's `hold_seconds` to the hold's time, once.

    Raises Problem 404, 403 `hold_token_wrong`, 410 `hold_expired`, 409 `hold_not_active`,
    `hold_extended_already`.
    """
    hold = await _alive(work, hold_id, token, "extend")
    if hold["extended_at"] is not None:
        raise Problem(409, "hold_extended_already", "A hold is extended once: confirm it, or let it go")
    policy = policy_of(rules, work.territory, work.now)
    until = hold["expires_at"] + policy.hold_time
    kept = await hold_terms.extend(work, hold_id, hold["slot_id"], until, policy.warn_at(until, policy.hold_time))
    work.emit(HoldExtended(**_ids(kept), expires_at=until), version=kept["version"])
    return kept


async def transfer_hold(work: Work, hold_id: UUID, token: str, *, new_token: str, to: str | None) -> Record:
    """Hands the hold over (to a secretary, to a link for the patient): the old token is dead from now on.

    Raises Problem 404, 403 `hold_token_wrong`, 410 `hold_expired`, 409 `hold_not_active`.
    """
    await _alive(work, hold_id, token, "transfer")
    kept = await hold_terms.transfer(work, hold_id, digest(new_token), to)
    work.emit(HoldTransferred(**_ids(kept), fence=kept["fence"]), version=kept["version"])
    return kept


async def warn_holders(work: Work) -> int:
    """Job: tells `hold.expiring` once before each end of a hold. One whose time has passed is not warned."""
    due = await hold_terms.warn(work, BATCH)
    for row in due:
        if row["lives"]:
            payload = HoldExpiring(**_ids(row), expires_at=row["expires_at"])
            work.emit(payload, version=row["version"], territory=row["territory"])
    return len(due)


async def _alive(work: Work, hold_id: UUID, token: str, action: str) -> Record:
    hold = await holds.lock(work, hold_id)
    if hold is None:
        raise not_found("hold")
    if not hmac.compare_digest(digest(token), hold["token_digest"]):
        raise Problem(403, "hold_token_wrong", "Send the token that the hold was placed with")
    if held_now(hold["state"], hold["expires_at"], work.now) == "expired":
        raise Problem(410, "hold_expired", "The hold's time has passed; the seat is free again")
    with refusals():
        step(HOLD, hold["state"], action, refusal="hold_not_active")
    return hold


def _ids(hold: Record) -> dict[str, UUID]:
    return {"hold_id": hold["id"], "call_id": hold["call_id"], "slot_id": hold["slot_id"]}
