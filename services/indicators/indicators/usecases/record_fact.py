"""Keep an event as a fact and bring the projections up to it."""

from indicators.domain.facts import Fact
from indicators.store import facts, projections
from kit.work import Work


async def record_fact(work: Work, fact: Fact) -> None:
    """Once in effect: an event that is a fact already changes nothing."""
    if not await facts.add(work, [fact], arrived_at=work.now):
        return
    entity = fact.kind.partition(".")[0]
    slot, left, call, booking = (fact.identifier(it) for it in ("slot_id", "from_slot_id", "call_id", "booking_id"))
    if entity not in ("slot", "call", "booking"):
        return
    slots = sorted({it for it in (slot, left) if it})
    await projections.lock(work, fact.territory, *slots, call)
    if entity == "booking" and booking:
        await projections.refresh(work, projections.BOOKINGS, fact.territory, [booking])
    if slots:
        await projections.refresh(work, projections.SLOTS, fact.territory, slots)
    if call:
        await projections.refresh(work, projections.CALLS, fact.territory, [call])
