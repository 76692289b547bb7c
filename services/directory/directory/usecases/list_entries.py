"""Reading roles, care teams and the common directory of resources, as they are or as they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.as_of import standing_day
from directory.store import entries
from directory.store.entries import Entries
from directory.usecases.searched_name import person_name
from kit.work import Record, Work


@dataclass(frozen=True)
class Slice:
    """Which page, as of when; without a limit all there is."""

    until: datetime | None
    after: Sequence[object] | None
    limit: int | None


async def list_entries(
    work: Work, table: Entries, filters: Sequence[tuple[str, Any]], current: bool | None, page: Slice
) -> list[Record]:
    """Entries in the order in which they were made."""
    return await entries.listed(
        work, table, filters, current=current, until=page.until, after=page.after, limit=page.limit
    )


async def list_resources(
    work: Work,
    *,
    theme: str | None = None,
    kind: str | None = None,
    commune: str | None = None,
    text: str | None = None,
    holds: bool | None = None,
    current: bool | None = True,
    page: Slice,
) -> list[Record]:
    """Resources by name. A resource without communes serves the whole territory, so every commune finds it."""
    words = (person_name(text) or "").split()
    filters: list[tuple[str, Any]] = [
        ("? = ANY(themes)", theme),
        ("kind = ?", kind),
        ("(communes = '{}' OR ? = ANY(communes))", commune),
        *(("search_text LIKE ?", f"% {word}%") for word in words),
    ]
    if holds is not None:
        filters.append((f"valid_until {'>=' if holds else '<'} ?", standing_day(work.now, page.until)))
    return await entries.listed(
        work,
        "resource",
        filters,
        current=current,
        order=("search_name", "id"),
        until=page.until,
        after=page.after,
        limit=page.limit,
    )


async def resources_that_hold(work: Work, until: datetime | None = None, theme: str | None = None) -> list[Record]:
    """What a published version holds: the entries that hold, or held then, by name."""
    return await list_resources(work, theme=theme, holds=True, page=Slice(until, None, None))
