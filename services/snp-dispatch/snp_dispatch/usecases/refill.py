"""Wakes the waitlist when seats free: a cancellation, a hold that ended, a new slot, a withdrawn constraint.

No use case calls this: our own events of the last seconds say where to look, and a call that nobody looked
after for a minute is looked after anyway (a slot opens to more callers by the clock alone). Each call is
served in its own transaction, in the order of the waitlist. Any number of workers may do it at once: seats
are claimed as by any caller.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import structlog

from kit.database import Database
from kit.work import Record, Work
from snp_dispatch.store import waitlist
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.serve_waiting import LostError, Served, serve_waiting

log = structlog.get_logger(__name__)

FREEING = tuple(
    f"fr.cpts.snp-dispatch.{kind}.v1"
    for kind in (
        "slot.published", "slot.released", "hold.released", "hold.expired", "booking.cancelled", "booking.moved",
        "call.unmatched", "call.escalated", "pause.ended",
    )
)  # fmt: skip
"""Events after which a waiting call may find a seat. Those of a call wake that call."""
WINDOW = timedelta(seconds=10)
"""Longer than any transaction: an event shows when it commits, not when it was told."""
AT_ONCE = 500
"""Waiting calls of a territory that one round looks after, of those that it concerns."""
TRIES = 3


@dataclass
class Wake:
    """What one territory was told: professions that have new seats, and calls."""

    professions: set[str] = field(default_factory=set)
    calls: set[UUID] = field(default_factory=set)


class Refill:
    """The job. It remembers which events it has seen; a new process sees the last seconds again, to no harm."""

    def __init__(self, rules: Rules) -> None:
        self._rules, self._seen = rules, set[UUID]()

    async def run(self, work: Work, database: Database) -> int:
        """Serves the calls that may be served; answers how many were. `database` opens one transaction a call."""
        news = await waitlist.news(work, work.now - WINDOW, FREEING)
        fresh, self._seen = [row for row in news if row["id"] not in self._seen], {row["id"] for row in news}
        wakes = _wakes(fresh)
        long_ago = work.now - waitlist.STALE_AFTER
        for territory in await waitlist.stale(work, long_ago):
            wakes.setdefault(territory, Wake())
        outcomes: dict[UUID, Served] = {}
        for territory, wake in wakes.items():
            for call_id in await waitlist.waiting(
                work,
                territory,
                professions=wake.professions,
                calls=wake.calls,
                searched_before=long_ago,
                limit=AT_ONCE,
            ):
                outcomes[call_id] = await self._serve_one(database, territory, call_id)
        # Last, as it locks the calls until this transaction ends.
        await waitlist.searched(work, list(outcomes))
        return sum(1 for outcome in outcomes.values() if outcome != "nothing")

    async def _serve_one(self, database: Database, territory: str, call_id: UUID) -> Served:
        for _ in range(TRIES):
            try:
                async with database.work(territory) as one:
                    return await serve_waiting(one, self._rules, call_id)
            except LostError:
                continue
            except Exception as error:
                log.error("waiting call not served", call=str(call_id), error=type(error).__name__, exc_info=error)
                break
        return "nothing"


def _wakes(news: Iterable[Record]) -> dict[str, Wake]:
    wakes: dict[str, Wake] = {}
    for row in news:
        wake = wakes.setdefault(row["territory"], Wake())
        if row["profession"] is not None:
            wake.professions.add(row["profession"])
        if row["call_id"] is not None:
            wake.calls.add(row["call_id"])
    return wakes
