"""Turning a hold into a visit."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import HOLD, held_now, step
from snp_dispatch.store import holds
from snp_dispatch.usecases import tell
from snp_dispatch.usecases.place_hold import digest
from snp_dispatch.usecases.problems import not_found, refusals


async def confirm_hold(work: Work, hold_id: UUID, token: str) -> Record:
    """Books the seat that is held. The token is the authority: whoever has it may confirm.

    Raises Problem 404, 403 `hold_token_wrong`, 410 `hold_expired`, 409 `hold_not_active`.
    """
    return await confirm_by_digest(work, hold_id, digest(token))


async def confirm_by_digest(work: Work, hold_id: UUID, token_digest: bytes) -> Record:
    """The same, by the digest of the token. Raises the same."""
    row = await holds.confirm(work, hold_id, token_digest, work.new_id())
    if row is None:
        raise not_found("hold")
    if not row["token_right"]:
        raise Problem(403, "hold_token_wrong", "This token is not the one that the hold was placed with")
    if row["id"] is None:
        await _refuse(work, hold_id)
    tell.booking_confirmed(work, row)
    return row


async def _refuse(work: Work, hold_id: UUID) -> None:
    # Read again: the state may have changed while the statement waited for the slot.
    found = await holds.get(work, hold_id)
    state = held_now(found["state"], found["expires_at"], work.now) if found else "expired"
    if state == "expired":
        raise Problem(410, "hold_expired", "The hold's time has passed; the seat is free again")
    with refusals():
        step(HOLD, state, "confirm", refusal="hold_not_active")
    raise Problem(409, "call_not_open", "The call takes no slot any more")
