"""A call that is given a visit directly, without a hold before: is it open, and then its lock."""

from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.states import AWAITING, CALL, step, waits_now
from snp_dispatch.store import calls, grants
from snp_dispatch.store.rows import Row
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import not_found, refusals


async def open_call(work: Work, caller: Caller, call_id: UUID) -> Row:
    """The call, which waits for a visit and holds nothing.

    Raises Problem 404 `call_not_found`, 403 `not_your_call`, 409 `call_not_open`, `call_busy`.
    """
    call = await calls.get(work, call_id)
    if call is None:
        raise not_found("call")
    access.own_call(caller, call["client"])
    state = waits_now(call["state"], call["deadline"], work.now)
    if state not in AWAITING:
        raise Problem(409, "call_not_open", f"The call takes no slot any more: {state}", state=state)
    if call["hold"]:
        raise Problem(409, "call_busy", "The call holds a seat: confirm or release it first")
    return call


async def take_call(work: Work, call_id: UUID) -> None:
    """Locks the call, after its slot, and says that it is booked. Raises Problem 409 `call_not_open`, `call_busy`."""
    locked = await grants.lock_call(work, call_id)
    if locked is None:
        raise Problem(409, "call_not_open", "The call takes no slot any more")
    if await calls.holds_now(work, call_id):
        raise Problem(409, "call_busy", "A hold of this call was placed at the same moment; try again")
    with refusals():
        state = step(CALL, locked["state"], "book", refusal="call_not_open")
    await calls.set_state(work, call_id, state)
