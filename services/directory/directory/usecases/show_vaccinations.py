"""Reading what was imported about vaccination."""

from datetime import date, datetime
from uuid import UUID

from directory.store import vaccinations
from directory.store.vaccinations import By
from kit import rows
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def show_import(work: Work, import_id: UUID) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, "vaccination_import", import_id), "import_unknown")


async def list_imports(work: Work, after: UUID | None, limit: int) -> list[Record]:
    """The latest first."""
    return await rows.listed(work, "vaccination_import", [], after=after, latest_first=True, limit=limit)


async def list_campaigns(work: Work, after: str | None, limit: int) -> list[Record]:
    """By name."""
    return await vaccinations.campaigns(work, after, limit)


async def show_coverage(
    work: Work, campaign: str, by: By, *, weeks: tuple[date | None, date | None], until: datetime | None
) -> list[Record]:
    """Raises Problem 404."""
    if await vaccinations.of_communes(work, campaign) is None:
        raise Problem(404, "campaign_unknown", "Nothing was imported of this campaign")
    return await vaccinations.coverage(work, campaign, by, weeks=weeks, until=until)
