"""What time does: holds and calls end, contacts are forgotten. Jobs of the worker, across territories."""

from datetime import timedelta

from contracts.snp_dispatch import CallExpired
from kit.work import Work
from snp_dispatch.store import calls, contacts, holds, timers
from snp_dispatch.usecases import tell

BATCH = 500
FIRED_KEPT = timedelta(days=30)
"""Fired timers stay for whoever asks why something happened when it did."""


async def expire_holds(work: Work) -> int:
    """Ends holds whose time has passed. Nothing waits for this: a hold past its time holds nothing."""
    ended = await holds.expire(work, BATCH)
    for row in ended:
        tell.holds_ended(work, [row], row["territory"])
    return len(ended)


async def expire_calls(work: Work) -> int:
    """Closes calls whose deadline has passed without a visit."""
    expired = await calls.expire(work, BATCH)
    for row in expired:
        payload = CallExpired(call_id=row["id"], origin=row["origin"], deadline=row["deadline"])
        work.emit(payload, version=row["version"], territory=row["territory"])
    return len(expired)


async def purge_contacts(work: Work) -> int:
    """Deletes patients' contacts after the days of the policy."""
    return await contacts.purge(work)


async def purge_timers(work: Work) -> int:
    """Deletes timers that fired long ago."""
    return await timers.purge(work, work.now - FIRED_KEPT)
