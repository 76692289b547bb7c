"""What a missed visit is worth, told by the dispatch: it waits for the next batch of payments."""

from contracts.envelope import Event
from contracts.snp_dispatch import CompensationValued
from directory.usecases.keep_claim import keep_claim
from kit.work import Work


async def on_compensation_valued(event: Event[CompensationValued], work: Work) -> None:
    """Newer than what is known, or nothing changes."""
    await keep_claim(work, event.data, event.aggregateversion)
