"""Requests to derive the projections again, and what came out of them."""

from uuid import UUID

from sqlmodel import select

from indicators.store.tables import Rebuild
from kit.work import Work


async def add(work: Work, rebuild: Rebuild) -> None:
    (await work.orm()).add(rebuild)


async def find(work: Work, rebuild_id: UUID) -> Rebuild | None:
    """A rebuild of the caller's territory, or None."""
    found = await (await work.orm()).exec(
        select(Rebuild).where(Rebuild.id == rebuild_id, Rebuild.territory == work.territory)
    )
    return found.first()


async def take(work: Work) -> Rebuild | None:
    """The oldest one that waits, of any territory, locked until the end of the transaction."""
    waiting = select(Rebuild).where(Rebuild.finished_at.is_(None)).order_by(Rebuild.requested_at)  # type: ignore[union-attr,arg-type]
    found = await (await work.orm()).exec(waiting.limit(1).with_for_update(skip_locked=True))
    return found.first()
