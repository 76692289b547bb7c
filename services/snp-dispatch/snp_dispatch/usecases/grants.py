"""Grants between neighbouring territories: given, read, revoked, and the slots and visits that they open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.store import grants
from snp_dispatch.store.grants import NewGrant, Position
from snp_dispatch.store.rows import Row, present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.problems import not_found, policy_of

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class GrantWanted:
    """What is opened to whom, and for how long."""

    to_territory: str
    starts_at: datetime | None
    ends_at: datetime
    professions: tuple[str, ...]
    audience: tuple[str, ...]


async def give_grant(work: Work, rules: Rules, caller: Caller, wanted: GrantWanted) -> Record:
    """Opens slots of the caller's territory to the calls of another. Raises Problem 409, 422."""
    starts_at = wanted.starts_at or work.now
    policy = policy_of(rules, work.territory, work.now)
    if wanted.to_territory not in rules.territories or wanted.to_territory == work.territory:
        raise field_problem("to_territory", "territory_unknown", "Name another territory of this deployment")
    if not max(starts_at, work.now) < wanted.ends_at <= starts_at + LONGEST:
        raise field_problem("ends_at", "period_wrong", "Ends after its start and now, a year later at most")
    for profession in wanted.professions:
        if not policy.serves(profession):
            raise field_problem("professions", "code_unknown", f"{profession}; see GET /v1/policies/current")
    grant = NewGrant(
        id=work.new_id(),
        to_territory=wanted.to_territory,
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        professions=sorted(set(wanted.professions)),
        audience=sorted(set(wanted.audience)),
        granted_by=caller.subject,
    )
    await grants.insert(work, grant)
    return present(await grants.get(work, grant.id))


async def revoke_grant(work: Work, caller: Caller, grant_id: UUID) -> Record:
    """Ends a grant now: nothing more is booked under it, what is booked stays. Raises Problem 403, 404, 409."""
    grant = await read_grant(work, grant_id)
    if grant["territory"] != work.territory:
        raise Problem(403, "not_your_grant", "A grant is revoked by the territory that gave it")
    revoked = await grants.revoke(work, grant_id, caller.subject)
    if revoked is None:
        raise Problem(409, "grant_revoked", "This grant was revoked before")
    return revoked


async def read_grant(work: Work, grant_id: UUID) -> Record:
    """A grant that this territory gave or received. Raises Problem 404."""
    found = await grants.get(work, grant_id)
    if found is None:
        raise not_found("grant")
    return found


async def list_grants(work: Work, *, after: Position, limit: int) -> list[Record]:
    """Grants given and received, the latest first."""
    return await grants.page(work, after=after, limit=limit)


async def list_granted_slots(
    work: Work,
    grant_id: UUID,
    *,
    since: datetime | None,
    until: datetime | None,
    profession: str | None,
    commune: str | None,
    after: Position,
    limit: int,
) -> list[Record]:
    """Free slots that a grant opens now. Raises Problem 404, 410 `grant_not_active`."""
    grant = await open_grant(work, grant_id)
    return await grants.slots(
        work,
        grant,
        since=max(since or work.now, work.now),
        until=min(until or grant["ends_at"], grant["ends_at"]),
        profession=profession,
        commune=commune,
        after=after,
        limit=limit,
    )


async def list_granted_bookings(
    work: Work, caller: Caller, grant_id: UUID, *, after: Position, limit: int
) -> list[Record | Row]:
    """Visits booked under a grant, for both sides; a practitioner sees their own. Raises Problem 404.

    Over the border reasons are told as on the bus: free text stays in the territory where it was written.
    """
    await read_grant(work, grant_id)
    effector_id = (caller.rpps or "") if access.works_alone(caller) else None
    found = await grants.bookings(work, grant_id, effector_id=effector_id, after=after, limit=limit)
    return [row if row["territory"] == work.territory else _without_words(row) for row in found]


def _without_words(row: Record) -> Row:
    said = [{**it, "reason": tell.reason_code(it["reason"])} if it.get("reason") else it for it in row["outcomes"]]
    return {**row, "reason": row["reason"] and tell.reason_code(row["reason"]), "outcomes": said}


async def open_grant(work: Work, grant_id: UUID) -> Record:
    """An active grant; its slots are in sight from here on. Raises Problem 404, 410 `grant_not_active`."""
    grant = await read_grant(work, grant_id)
    if grant["revoked_at"] is not None or not grant["starts_at"] <= work.now < grant["ends_at"]:
        raise Problem(410, "grant_not_active", "This grant has not begun, is over or was revoked")
    if grant["territory"] != work.territory:
        await grants.look_over(work, grant["territory"])
    return grant
