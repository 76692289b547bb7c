"""Reading one professional."""

from directory.store import professionals
from directory.usecases.search_professionals import Found, with_activities
from kit.problems import Problem
from kit.work import Record, Work


async def show_professional(work: Work, rpps: str) -> Found:
    """The entry of this RPPS number. Raises Problem 404."""
    return (await with_activities(work, [await find_professional(work, rpps)]))[0]


async def find_professional(work: Work, rpps: str) -> Record:
    """The row of this RPPS number. Raises Problem 404."""
    row = await professionals.find(work, rpps)
    if row is None:
        raise Problem(404, "professional_unknown", f"The directory has no professional with the RPPS number {rpps}")
    return row
