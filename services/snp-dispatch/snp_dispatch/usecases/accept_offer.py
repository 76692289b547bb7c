"""The caller takes the seat that was kept for a waiting call."""

from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import held_now
from snp_dispatch.store import calls, waitlist
from snp_dispatch.usecases import access
from snp_dispatch.usecases.confirm_hold import confirm_by_digest
from snp_dispatch.usecases.problems import not_found


async def accept_seat(work: Work, caller: Caller, call_id: UUID) -> Record:
    """Books the seat that the waitlist offered to the call.

    Raises Problem 403, 404, 409 `nothing_offered`, 410 `hold_expired` when the offer's time has passed.
    """
    call = await calls.get(work, call_id)
    if call is None:
        raise not_found("call")
    access.own_call(caller, call["client"])
    offer = await waitlist.last_offer(work, call_id)
    state = held_now(offer["state"], offer["expires_at"], work.now) if offer else None
    if state == "expired":
        raise Problem(410, "hold_expired", "The offer's time has passed; the call is still on the waitlist")
    if offer is None or state != "active":
        raise Problem(409, "nothing_offered", "No seat is kept for this call now")
    return await confirm_by_digest(work, offer["id"], offer["token_digest"])
