"""A professional starts or stops taking part in unscheduled care (*soins non programmés*) on a territory."""

from dataclasses import dataclass
from datetime import datetime

from contracts.directory import ParticipationChanged
from directory.store import participations
from directory.usecases.access import check_own
from directory.usecases.show_professional import find_professional
from directory.usecases.tell_followed import introduce
from kit.auth import Caller
from kit.versions import check_version, etag
from kit.work import Record, Work


@dataclass(frozen=True)
class Participation:
    """The choice as it stands. Without a choice nobody takes part: version 0."""

    rpps: str
    territory: str
    participates: bool
    version: int
    changed_at: datetime | None

    @property
    def etag(self) -> str:
        return etag(self.version)


async def show_participation(work: Work, rpps: str, until: datetime | None = None) -> Participation:
    """Whether this professional takes part on the caller's territory, or did before `until`. Raises Problem 404."""
    await find_professional(work, rpps)
    return _participation(work, rpps, await participations.find(work, rpps, until=until))


async def change_participation(
    work: Work, caller: Caller, rpps: str, participates: bool, if_match: str | None
) -> Participation:
    """Stores the choice and tells it, unless it stands so already. Raises Problem 403, 404 or 412.

    A coordinator chooses for anyone, a practitioner for themself.
    """
    check_own(caller, rpps)
    await find_professional(work, rpps)
    present = _participation(work, rpps, await participations.find(work, rpps, lock=True))
    check_version(if_match, present.version)
    if present.participates == participates:
        return present
    await introduce(work, rpps)
    row = await participations.change(work, rpps, participates, by=caller.subject)
    if row is not None:
        work.emit(ParticipationChanged(rpps=rpps, participates=participates), version=row["version"])
    return _participation(work, rpps, row or await participations.find(work, rpps))


def _participation(work: Work, rpps: str, row: Record | None) -> Participation:
    if row is None:
        return Participation(rpps, work.territory, participates=False, version=0, changed_at=None)
    return Participation(**row)
