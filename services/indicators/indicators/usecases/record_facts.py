"""Keep events as facts and bring the projections up to them."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from indicators.domain.campaigns import Campaigns
from indicators.domain.facts import Fact
from indicators.store import facts, month_sums, projections
from indicators.store.projections import Aggregate, Times
from indicators.usecases.note_late_facts import note_late_facts
from kit.work import Work

_PROJECTED = frozenset({"slot", "call", "booking"})
_SUMMED = frozenset(kind for kinds in month_sums.TOLD.values() for kind in kinds)


async def record_facts(
    work: Work, told: Sequence[Fact], campaigns: Mapping[str, Campaigns] = MappingProxyType({})
) -> None:
    """Facts of any territories that the transaction may write, once in effect: those kept already change nothing.

    A row is derived once, however many of the facts concern it. `campaigns` of the territories, by which a fact of one
    that is over is known to be late.
    """
    projected = [it for it in told if it.entity in _PROJECTED]
    if summed := {it.territory for it in told if it.kind in _SUMMED}.union(it.territory for it in projected):
        await projections.lock_territories(work, summed)
    if not await facts.add(work, told, arrived_at=work.now):
        return
    if projected:
        await _derive(work, projected)
    await note_late_facts(work, told, campaigns)


async def _derive(work: Work, projected: Sequence[Fact]) -> None:
    bookings = _named(projected, "booking_id")
    slots, calls = _named(projected, "slot_id", "from_slot_id"), _named(projected, "call_id")
    await projections.lock(work, (*slots, *calls))
    await projections.refresh(work, projections.BOOKINGS, bookings)
    await projections.refresh(work, projections.SLOTS, slots)
    await projections.refresh(work, projections.CALLS, calls)


def _named(told: Iterable[Fact], *members: str) -> dict[Aggregate, Times]:
    """The aggregates that the facts name, and between which instants these facts lie."""
    found: dict[Aggregate, Times] = {}
    for fact in told:
        for member in members:
            if identifier := fact.identifier(member):
                aggregate, at = (fact.territory, identifier), fact.occurred_at
                first, last = found.get(aggregate, (at, at))
                found[aggregate] = min(first, at), max(last, at)
    return found
