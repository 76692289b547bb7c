"""Keep events as facts and bring the projections up to them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from indicators.domain.facts import Fact
from indicators.store import facts, projections
from indicators.usecases.note_late_facts import note_late_facts
from kit.work import Work


async def record_facts(work: Work, told: Sequence[Fact]) -> None:
    """Facts of one territory, once in effect: events that are facts already change nothing.

    A row is derived once, however many of the facts concern it.
    """
    if not await facts.add(work, told, arrived_at=work.now):
        return
    territory = told[0].territory
    projected = [it for it in told if it.kind.partition(".")[0] in ("slot", "call", "booking")]
    bookings = _named(projected, "booking_id")
    slots, calls = _named(projected, "slot_id", "from_slot_id"), _named(projected, "call_id")
    await projections.lock(work, territory, slots, calls)
    for projection, ids in ((projections.BOOKINGS, bookings), (projections.SLOTS, slots), (projections.CALLS, calls)):
        if ids:
            await projections.refresh(work, projection, territory, ids)
    await note_late_facts(work, told)


def _named(told: Iterable[Fact], *members: str) -> list[UUID]:
    return sorted({found for fact in told for member in members if (found := fact.identifier(member))})
