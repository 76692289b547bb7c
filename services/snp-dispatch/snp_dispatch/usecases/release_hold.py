"""Giving a held seat back."""

import hmac
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import HOLD, held_now, step
from snp_dispatch.store import holds
from snp_dispatch.store.rows import present
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.place_hold import digest
from snp_dispatch.usecases.problems import not_found, refusals


async def release_hold(work: Work, caller: Caller, hold_id: UUID, token: str | None) -> Record:
    """Ends a hold. Needs its token, unless the call is the caller's own or the caller is an operator.

    Raises Problem 404, 403 `hold_token_wrong`, 410 `hold_expired`, 409 `hold_not_active`.
    """
    seen, locked = await holds.get(work, hold_id), await holds.lock(work, hold_id)
    if seen is None or locked is None:
        raise not_found("hold")
    _allowed(caller, seen["client"], token, locked["token_digest"])
    if held_now(locked["state"], locked["expires_at"], work.now) == "expired":
        raise Problem(410, "hold_expired", "The hold's time has passed; the seat is free again")
    with refusals():
        state = step(HOLD, locked["state"], "release", refusal="hold_not_active")
    version = await holds.end(work, hold_id, locked["slot_id"], state)
    tell.holds_ended(work, [{**locked, "state": state, "version": version}])
    return present(await holds.get(work, hold_id))


def _allowed(caller: Caller, client: str, token: str | None, stored: bytes) -> None:
    if token is not None and hmac.compare_digest(digest(token), stored):
        return
    if token is not None or (caller.subject != client and caller.role != access.OPERATOR):
        raise Problem(403, "hold_token_wrong", "Send the token that the hold was placed with")
