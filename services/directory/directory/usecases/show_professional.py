"""Reading one professional."""

from datetime import datetime

from directory.store import professionals
from directory.usecases.search_professionals import Found, with_activities
from kit.problems import Problem
from kit.work import Record, Work


async def show_professional(work: Work, rpps: str, until: datetime | None = None) -> Found:
    """The entry of this national id, as it was before `until` when given. Raises Problem 404."""
    return (await with_activities(work, [await find_professional(work, rpps, until)], until))[0]


async def find_professional(work: Work, rpps: str, until: datetime | None = None) -> Record:
    """The row of this national id. Raises Problem 404, also for one who was not known yet."""
    row = await professionals.find(work, rpps, until)
    if row is None:
        raise Problem(
            404,
            "professional_unknown",
            f"The directory has no professional with the number {rpps}" + (" then" if until else ""),
        )
    return row
