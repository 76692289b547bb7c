"""Closing a call before any visit."""

from uuid import UUID

from contracts.snp_dispatch import CallCancelled
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.states import CALL, HOLD, held_now, step, waits_now
from snp_dispatch.store import calls, holds
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.problems import not_found, refusals


async def cancel_call(work: Work, caller: Caller, call_id: UUID, reason: str) -> None:
    """Cancels a call that waits or has proposals; releases its hold. Raises Problem 403, 404, 409.

    A booked call is closed by cancelling its booking (409 `call_not_open`).
    """
    call = await calls.lock(work, call_id)
    if call is None:
        raise not_found("call")
    access.own_call(caller, call["client"])
    with refusals():
        now_in = waits_now(call["state"], call["deadline"], work.now)
        state = step(CALL, now_in, "cancel", refusal="call_not_open")
    await _release(work, call_id, call["locked_slot"])
    version = await calls.set_state(work, call_id, state, reason)
    work.emit(CallCancelled(call_id=call_id, reason=tell.reason_code(reason)), version=version)


async def _release(work: Work, call_id: UUID, locked_slot: UUID | None) -> None:
    hold = await calls.active_hold(work, call_id)
    if hold is None:
        return
    if hold["slot_id"] != locked_slot:
        # Placed between two locks; to lock its slot now would break the order of locks.
        raise Problem(409, "call_busy", "A hold of this call was placed at the same moment; try again")
    action = "expire" if held_now("active", hold["expires_at"], work.now) == "expired" else "release"
    state = step(HOLD, "active", action, refusal="hold_not_active")
    version = await holds.end(work, hold["id"], hold["slot_id"], state)
    tell.holds_ended(work, [{**hold, "call_id": call_id, "state": state, "version": version}])
