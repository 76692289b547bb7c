"""The register of members, today or as it was."""

from datetime import date, datetime
from uuid import UUID

from directory.domain.as_of import standing_day
from directory.store import members
from directory.store.members import MemberFilter
from directory.usecases.find_member import MemberView, opened
from kit.crypto import Keyring
from kit.work import Record, Work


async def list_members(
    work: Work, keyring: Keyring, chosen: MemberFilter, *, until: datetime | None, after: UUID | None, limit: int
) -> list[MemberView]:
    """In the order of entry in the register, one more than `limit` when there are more."""
    year = standing_day(work.now, until).year
    rows = await members.search(work, chosen, year=year, until=until, after=after, limit=limit + 1)
    return [MemberView(row, opened(row, keyring)) for row in rows]


async def count_members(work: Work, until: datetime | None) -> tuple[date, list[Record]]:
    """The day, and how many stood then by kind, college, category and profession."""
    day = standing_day(work.now, until)
    return day, await members.counts(work, day, until)
