"""One call takes all slots of an effector off the offer, one brings them back."""

from datetime import datetime
from uuid import UUID

from contracts.slots import PauseEnded, PauseStarted
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.store import effectors, pauses
from snp_dispatch.store.rows import present
from snp_dispatch.usecases import access, tell

BATCH = 500


async def pause_offer(work: Work, caller: Caller, effector_id: str, until: datetime | None, reason: str) -> Record:
    """Pauses an effector on the territory. Raises Problem 403, 404 or 422."""
    access.own_agenda(caller, effector_id)
    if until is not None and until <= work.now:
        raise field_problem("until", "pause_over", "until has passed")
    found = await effectors.find(work, effector_id)
    if found is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    for row in await pauses.lapse(work, effector_id):
        _tell_ended(work, row)
    pause = present(await pauses.start(work, effector_id, until, reason))
    work.emit(
        PauseStarted(
            pause_id=pause["id"],
            effector=tell.effector(found["kind"], effector_id),
            starts_at=pause["starts_at"],
            until=until,
            reason=tell.reason_code(reason),
        ),
        version=pause["version"],
    )
    return present(await pauses.get(work, pause["id"]))


async def resume_offer(work: Work, caller: Caller, effector_id: str) -> Record:
    """Ends the pause in force. Raises Problem 403 or 409."""
    access.own_agenda(caller, effector_id)
    ended = await pauses.end(work, effector_id)
    if ended is None:
        raise Problem(409, "not_paused", "The effector does not pause on this territory")
    _tell_ended(work, ended)
    return present(await pauses.get(work, ended["id"]))


async def list_pauses(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Pauses in force."""
    return await pauses.page(work, effector_id=effector_id, after=after, limit=limit)


async def expire_pauses(work: Work) -> int:
    """A job: tells of the pauses whose time has passed. Nothing waits for it: their slots are back by themselves."""
    ended = await pauses.expire(work, BATCH)
    for row in ended:
        _tell_ended(work, row)
    return len(ended)


def _tell_ended(work: Work, row: Record) -> None:
    payload = PauseEnded(pause_id=row["id"], effector_number=row["effector_id"], ended_at=row["ended_at"])
    work.emit(payload, version=row["version"], territory=row["territory"])
