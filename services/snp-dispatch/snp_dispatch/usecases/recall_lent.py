"""A visit in a neighbour's slot that the neighbour has closed: the call waits again, in its own territory.

Only the territory of the call may write its booking, so the closure cannot: this job of the worker does it after the
commit, each visit in a transaction of its own.
"""

from uuid import UUID

import structlog

from kit.database import Database
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.store import calls, grants
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.end_booking import cancel, locked
from snp_dispatch.usecases.new_deadline import new_deadline
from snp_dispatch.usecases.problems import policy_of

log = structlog.get_logger(__name__)

BATCH = 100
REASON = "agenda_closed"
"""A code: what the neighbour wrote as its reason stays there."""


async def recall_lent(work: Work, database: Database, rules: Rules) -> int:
    """Cancels what stands in withdrawn slots of neighbours; answers how many. `database` opens one transaction each."""
    done = 0
    for row in await grants.withdrawn(work, BATCH):
        try:
            async with database.work(row["territory"]) as one:
                await _recall(one, rules, row["id"])
            done += 1
        except Problem as refused:
            # Cancelled, moved on or begun since it was found.
            log.info("visit not recalled", booking=str(row["id"]), code=refused.code)
    return done


async def _recall(work: Work, rules: Rules, booking_id: UUID) -> None:
    booking = await locked(work, booking_id)
    await new_deadline(
        work, policy_of(rules, work.territory, work.now), present(await calls.get(work, booking["call_id"]))
    )
    # Read again under the same locks: with the new deadline the call waits, without it would be over.
    await cancel(work, rules, await locked(work, booking_id), by="practitioner", reason=REASON)
