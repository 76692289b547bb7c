"""Volunteering to be asked, and reading what was asked."""

from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.store import effectors, volunteers
from snp_dispatch.store.rows import Row, present
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.volunteers import Position, Stated
from snp_dispatch.usecases import access
from snp_dispatch.usecases.answer_offer import own_offer
from snp_dispatch.usecases.problems import known_commune, not_found


async def volunteer(work: Work, rules: Rules, caller: Caller, stated: Stated) -> Record:
    """States when a practitioner may be asked, or states it anew. Raises Problem 403, 404, 409, 422."""
    access.own_agenda(caller, stated.effector_id)
    known_commune(rules, "commune", stated.commune)
    if stated.ends <= stated.starts:
        raise field_problem("ends", "ends_before_start", "ends must be later than starts, on the same day")
    found = await effectors.find(work, stated.effector_id)
    if found is None or found["kind"] != "person" or not found["listed"]:
        raise Problem(404, "effector_unknown", "No professional of this number is known")
    if not found["participates"]:
        raise Problem(409, "not_participating", "The practitioner does not take part in unscheduled care here")
    await volunteers.keep(work, stated)
    return present(await volunteers.get(work, stated.effector_id))


async def read_volunteer(work: Work, caller: Caller, effector_id: str) -> Record:
    """Raises Problem 403, 404 `volunteer_not_found`."""
    access.own_agenda(caller, effector_id)
    found = await volunteers.get(work, effector_id)
    if found is None:
        raise not_found("volunteer")
    return found


async def stop_volunteering(work: Work, caller: Caller, effector_id: str) -> Record:
    """Nothing more is offered; open offers may still be answered. Raises Problem 403, 404."""
    found = await read_volunteer(work, caller, effector_id)
    await volunteers.remove(work, effector_id)
    return found


async def read_offer(work: Work, caller: Caller, offer_id: UUID) -> Row:
    """Raises Problem 403, 404."""
    return await own_offer(work, caller, offer_id)


async def list_offers(
    work: Work, caller: Caller, *, effector_id: str | None, state: str | None, after: Position, limit: int
) -> list[Record]:
    """Offers of one practitioner, or of all to who may publish for anyone. Raises Problem 403."""
    access.own_agenda(caller, effector_id or "")
    return await volunteers.page(work, effector_id=effector_id, state=state, after=after, limit=limit)
