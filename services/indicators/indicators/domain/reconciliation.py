"""What producers say they published against the facts that are kept, per type and day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

Counts = Mapping[tuple[date, str], int]
"""Of events, by day (UTC) and type."""


@dataclass(frozen=True)
class Difference:
    """A type of a day of which there are too few facts (`missing` above 0) or too many (below 0)."""

    day: date
    type: str
    produced: int
    kept: int

    @property
    def missing(self) -> int:
        return self.produced - self.kept


@dataclass(frozen=True)
class ProducerCount:
    """What one producer said that it published in all, and what is held of it. `said` is None: it did not answer."""

    producer: str
    said: int | None
    held: int


def by_producer(owners: Iterable[str], silent: Iterable[str], said: Counts, kept: Counts) -> list[ProducerCount]:
    """The sums of the producers that were asked, in the order of their names."""
    absent = set(silent)
    return [
        ProducerCount(owner, None if owner in absent else _sum(owner, said), _sum(owner, kept))
        for owner in sorted(owners)
    ]


def _sum(owner: str, counts: Counts) -> int:
    return sum(number for (_, kind), number in counts.items() if owner_of(kind) == owner)


def owner_of(event_type: str) -> str:
    """The service that tells events of this type (`fr.cpts.<owner>.<entity>.<past-verb>.v<n>`)."""
    return event_type.split(".")[2]


def differences(owners: Iterable[str], before: Counts, kept: Counts, after: Counts) -> list[Difference]:
    """By day and type, of the owners that were asked. Producers go on: what they said `before` the facts were counted
    must be there by then, and what they say `after` it is the most that can be.
    """
    asked, found = set(owners), []
    for day, kind in sorted({*before, *kept, *after}):
        least, most, facts = (counts.get((day, kind), 0) for counts in (before, after, kept))
        if owner_of(kind) in asked and not least <= facts <= most:
            found.append(Difference(day, kind, least if facts < least else most, facts))
    return found
