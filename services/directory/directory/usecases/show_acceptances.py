"""Who accepts new patients: one professional, and the list of a territory, today or as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from directory.domain.acceptance import Rules
from directory.domain.as_of import standing_day
from directory.store import acceptances
from directory.store.acceptances import Filters
from directory.usecases.known_codes import check_profession
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, within
from directory.usecases.search_professionals import with_activities
from directory.usecases.show_professional import find_professional
from kit.problems import field_problem
from kit.work import Record, Work


@dataclass(frozen=True)
class Standing:
    """What was said, None when nothing was; `today` is the day for which it is asked."""

    row: Record | None
    today: date

    @property
    def holds(self) -> bool:
        return self.row is not None and bool(self.row["valid_until"] >= self.today)


async def show_acceptance(work: Work, rpps: str, until: datetime | None) -> Standing:
    """Of one professional on the caller's territory. Raises Problem 404."""
    await find_professional(work, rpps)
    return Standing(await acceptances.find(work, rpps, until=until), standing_day(work.now, until))


@dataclass(frozen=True)
class Listed:
    """An acceptance with where the professional practises."""

    row: Record
    activities: Sequence[Record]


async def list_acceptances(
    work: Work,
    reference: Reference,
    rules: Rules,
    filters: Filters,
    *,
    where: Where,
    until: datetime | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Listed]:
    """By name, up to `limit`. Raises Problem 422 for unknown codes."""
    check_profession(reference.nomenclature, filters.profession, filters.specialty)
    if filters.patients is not None and filters.patients not in rules.labels:
        raise field_problem("patients", "patients_unknown", f"Known here: {', '.join(rules.labels)}")
    filters = replace(filters, communes=await within(work, where, reference))
    rows = await acceptances.several(work, filters, until, after, limit)
    return [Listed(found.person, found.activities) for found in await with_activities(work, rows)]
