"""Reading internship offers, trainees, projects to settle and contacts for a spouse's job."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kit import rows
from kit.work import Record, Work

_OPEN = "?::date BETWEEN starts_on AND ends_on"
_BY_START: dict[str, Any] = {"order": ("starts_on", "id"), "latest_first": True}


async def list_offers(
    work: Work, *, wanted: Mapping[str, Any], on: date | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Internship offers, the latest start first. `wanted`: values of columns, None asks nothing."""
    return await rows.listed(
        work, "internship_offer", [*_equal(wanted), (_OPEN, on)], **_BY_START, after=after, limit=limit
    )


async def list_trainees(
    work: Work, *, on: date | None, until: datetime | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Trainees, the latest start first, or as it was known before `until`."""
    return await rows.listed(work, "trainee", [(_OPEN, on)], **_BY_START, until=until, after=after, limit=limit)


async def list_installations(
    work: Work, *, wanted: Mapping[str, Any], until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """Projects to settle, the newest first, or as they were before `until`."""
    return await rows.listed(
        work, "installation", _equal(wanted), latest_first=True, until=until, after=after, limit=limit
    )


async def list_contacts(work: Work, *, field: str | None, after: tuple[str, UUID] | None, limit: int) -> list[Record]:
    """Contacts for a spouse's job that still hold, by name; of a field of work when named."""
    filters = [("ended_on IS NULL",), ("? = ANY (fields)", field)]
    return await rows.listed(work, "spouse_contact", filters, order=("name", "id"), after=after, limit=limit)


def _equal(wanted: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{column} = ?", value) for column, value in wanted.items()]
