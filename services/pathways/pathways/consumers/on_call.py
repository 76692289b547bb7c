"""How a call that a step asked for ended without a visit."""

from contracts.envelope import Event
from contracts.snp_dispatch import CallCancelled, CallExpired, CallScreened
from kit.work import Work
from pathways.usecases.follow_visit import follow_visit


async def on_call_expired(event: Event[CallExpired], work: Work) -> None:
    await follow_visit(work, event.data.call_id, event.occurred_at, "expired")


async def on_call_cancelled(event: Event[CallCancelled], work: Work) -> None:
    await follow_visit(work, event.data.call_id, event.occurred_at, "cancelled")


async def on_call_screened(event: Event[CallScreened], work: Work) -> None:
    if event.data.outcome != "accepted":
        await follow_visit(work, event.data.call_id, event.occurred_at, "refused")
