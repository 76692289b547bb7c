"""Telling that slots opened to more audiences because their time came. A job of the worker."""

from contracts.slots import SlotReleased
from kit.work import Work
from snp_dispatch.store import slots

BATCH = 500


async def release_slots(work: Work) -> int:
    """Tells `slot.released` once for each growth of an audience, also for a slot that nobody looks at.

    Nothing waits for this: searches and holds go by the time themselves (`store/audience.py`).
    """
    opened = await slots.open_due(work, BATCH)
    for row in opened:
        payload = SlotReleased(
            slot_id=row["id"],
            audience=tuple(sorted(row["audience"])),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
        )
        work.emit(payload, version=row["version"], territory=row["territory"])
    return len(opened)
