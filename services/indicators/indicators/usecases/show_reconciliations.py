"""Show what reconciliations of the facts with their producers found."""

from datetime import date
from uuid import UUID

from indicators.store import reconciliations
from kit.problems import or_404
from kit.work import Record, Work


async def list_reconciliations(work: Work, after: UUID | None, limit: int) -> list[Record]:
    """The latest first, with the sums of each producer."""
    return await reconciliations.listed(work, after, limit)


async def list_differences(work: Work, run_id: UUID, after: tuple[date, str] | None, limit: int) -> list[Record]:
    """The types of the days of which another number was held than said. Raises Problem 404."""
    or_404(await reconciliations.find(work, run_id), "reconciliation_unknown")
    return await reconciliations.differences(work, run_id, after, limit)
