"""Taking one slot off the offer."""

from uuid import UUID

from contracts.slots import SlotWithdrawn
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.store import slots
from snp_dispatch.store.rows import present
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.problems import not_found


async def withdraw_slot(work: Work, caller: Caller, slot_id: UUID, reason: str) -> Record:
    """Withdraws a slot that nobody holds or has booked. Raises Problem 403, 404 or 409."""
    slot = await slots.lock(work, slot_id)
    if slot is None:
        raise not_found("slot")
    access.own_agenda(caller, slot["effector_id"])
    if slot["withdrawn_at"] is not None:
        raise Problem(409, "slot_withdrawn", "The slot is withdrawn already")
    booked, held = await slots.claims(work, slot_id)
    if booked:
        raise Problem(409, "slot_booked", "A patient is booked: cancel the booking first")
    if held:
        raise Problem(409, "slot_held", "A caller holds the slot: try again when the hold has ended")
    await slots.withdraw(work, slot_id, reason)
    work.emit(SlotWithdrawn(slot_id=slot_id, reason=tell.reason_code(reason)), version=slot["version"] + 1)
    return present(await slots.get(work, slot_id))


def tell_withdrawn(work: Work, rows: list[Record], reason: str) -> None:
    """One event for each slot withdrawn in bulk."""
    for row in rows:
        work.emit(SlotWithdrawn(slot_id=row["id"], reason=tell.reason_code(reason)), version=row["version"])
