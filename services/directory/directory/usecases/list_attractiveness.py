"""Reading internship offers, trainees, projects to settle and contacts for a spouse's job."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.store import attractiveness
from kit.work import Record, Work


async def list_offers(
    work: Work, *, wanted: Mapping[str, Any], on: date | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Internship offers, the latest start first."""
    return await attractiveness.offers(work, wanted=wanted, on=on, after=after, limit=limit)


async def list_trainees(
    work: Work, *, on: date | None, until: datetime | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Trainees, the latest start first, or as it was known before `until`."""
    return await attractiveness.trainees(work, wanted={}, on=on, after=after, limit=limit, until=until)


async def list_installations(
    work: Work, *, wanted: Mapping[str, Any], until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """Projects to settle, the newest first, or as they were before `until`."""
    return await attractiveness.installations(work, wanted=wanted, after=after, limit=limit, until=until)


async def list_contacts(work: Work, *, field: str | None, after: tuple[str, UUID] | None, limit: int) -> list[Record]:
    """Contacts for a spouse's job, by name."""
    return await attractiveness.spouse_contacts(work, field=field, after=after, limit=limit)
