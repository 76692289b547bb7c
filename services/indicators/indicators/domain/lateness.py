"""When a fact counts: the instants of what it is about, by which a period knows that it came late.

A slot counts when it starts and a session when it is held, whenever that was told. The event's own time stands where a
source goes by it. A correction (a stay that is cancelled) names no time of its own: it belongs where what it corrects
does, which only the kept facts know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from indicators.domain.campaigns import Campaigns
from indicators.domain.facts import Fact
from indicators.domain.periods import quarter_of
from indicators.domain.sources import SOURCES
from indicators.domain.zones import PARIS

FEEDING = frozenset(kind for source in SOURCES.values() for kind in source.fed_by)
"""Kinds of facts that can move a figure."""

_MEMBERS: dict[str, tuple[str, ...]] = {
    "slot.published": ("starts_at",),
    "call.received": ("received_at",),
    "booking.confirmed": ("starts_at", "call_received_at"),
    "booking.moved": ("starts_at", "from_starts_at", "call_received_at"),
    "shift.taken": ("starts_at",),
    "session.held": ("starts_at",),
    "stay.recorded": ("arrived_on",),
    "visits.counted": ("day",),
    "advice.answered": ("answered_at",),
}
CORRECTS: dict[str, str] = {
    "shift.left": "shift.taken",
    "shift.presence_noted": "shift.taken",
    "session.held": "session.held",
    "stay.recorded": "stay.recorded",
    "stay.cancelled": "stay.recorded",
    "expert.ended": "expert.identified",
}
"""Kinds that may change what an earlier fact of the same subject said, and the kind of that one."""
_OF_VISITS = frozenset({"slot.withdrawn", "call.screened", "booking.cancelled"})


@dataclass(frozen=True)
class Moment:
    """An instant at which a fact counts; None: where the slot, the call or what it corrects does."""

    fact: Fact
    at: datetime | None


def late_moments(facts: Iterable[Fact], now: datetime, campaigns: Mapping[str, Campaigns]) -> list[Moment]:
    """The moments of those facts that may count in a quarter before the present one, or in a campaign that is over.

    Most batches have none. Every fact that is recorded passes here: nothing is made of one that can be in neither.
    """
    quarter = quarter_of(now, PARIS).start.astimezone(UTC)
    closing = {slug: max(quarter, it.newest_end(now, PARIS) or quarter) for slug, it in campaigns.items()}
    return [
        moment
        for fact in facts
        if fact.kind in FEEDING and _may_be_late(fact, closing.get(fact.territory, quarter))
        for moment in _moments(fact)
    ]


def _may_be_late(fact: Fact, begun: datetime) -> bool:
    if _is_correction(fact) or (fact.kind in _OF_VISITS and fact.occurred_at < begun):
        return True
    return any(at < begun for at in _own(fact))


def _moments(fact: Fact) -> list[Moment]:
    elsewhere = [Moment(fact, None)] if _is_correction(fact) or fact.kind in _OF_VISITS else []
    return [Moment(fact, at) for at in _own(fact)] + elsewhere


def _is_correction(fact: Fact) -> bool:
    return fact.kind in CORRECTS and (CORRECTS[fact.kind] != fact.kind or fact.version > 1)


def _own(fact: Fact) -> list[datetime]:
    if fact.kind in _MEMBERS:
        told = (fact.dimensions.get(name) for name in _MEMBERS[fact.kind])
        return [_instant(str(value)) for value in told if value is not None]
    return [] if fact.kind in CORRECTS or fact.kind in _OF_VISITS else [fact.occurred_at]


def _instant(text: str) -> datetime:
    """A day counts from its first instant on."""
    if len(text) == len("2026-01-01"):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=PARIS)
    return datetime.fromisoformat(text)
