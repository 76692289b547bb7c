"""Turning a hold into a visit."""

import hmac
from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import HOLD, held_now, step
from snp_dispatch.store import holds
from snp_dispatch.store.rows import present
from snp_dispatch.usecases import tell
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.place_hold import digest
from snp_dispatch.usecases.problems import not_found, refusals


async def confirm_hold(work: Work, hold_id: UUID, token: str, fence: int | None = None) -> Record:
    """Books the seat that is held. The token is the authority: whoever has it may confirm.

    With `fence`, only while that is still the hold's: a holder who was overtaken is refused.

    Raises Problem 404, 403 `hold_token_wrong`, 410 `hold_expired`, 409 `hold_not_active`, `hold_fence_stale`,
    `call_not_open`, `already_booked` (one_visit.py).
    """
    return await confirm_by_digest(work, hold_id, digest(token), fence)


async def confirm_by_digest(work: Work, hold_id: UUID, token_digest: bytes, fence: int | None = None) -> Record:
    """The same, by the digest of the token. Raises the same."""
    row = await holds.confirm(work, hold_id, token_digest, work.new_id(), fence)
    if row is None:
        raise not_found("hold")
    if row["id"] is None:
        await _refuse(work, hold_id, token_digest, fence)
    await refuse_second_visit(work, row["call_id"], row["patient_ref"])
    tell.booking_confirmed(work, row)
    return row


async def _refuse(work: Work, hold_id: UUID, token_digest: bytes, fence: int | None) -> None:
    # Read again: the hold may have changed while the statement waited for the slot.
    found = present(await holds.get(work, hold_id))
    if not hmac.compare_digest(found["token_digest"], token_digest):
        raise Problem(403, "hold_token_wrong", "This token is not the hold's, or it was handed over since")
    state = held_now(found["state"], found["expires_at"], work.now)
    if state == "expired":
        raise Problem(410, "hold_expired", "The hold's time has passed; the seat is free again")
    with refusals():
        step(HOLD, state, "confirm", refusal="hold_not_active")
    if fence not in (None, found["fence"]):
        raise Problem(409, "hold_fence_stale", "Somebody holds it since: read the hold again", fence=found["fence"])
    raise Problem(409, "call_not_open", "The call takes no slot any more")
