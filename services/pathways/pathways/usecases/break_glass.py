"""Access in an emergency (*bris de glace*): for a few hours, with a reason, told to the coordinator, reviewed."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from contracts.pathways import GlassBroken
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.store import team
from pathways.store.access_tables import BreakGlass, TeamMember
from pathways.usecases.access import Access

ROLE = "emergency"
Outcome = Literal["justified", "not_justified"]


async def break_glass(work: Work, access: Access, patient_id: UUID, reason: str) -> Record:
    """Raises Problem 403 (a machine; an objection), 404, 409 `access_allowed` or 422 `reason_unknown`."""
    rules, caller = access.rules, access.caller
    if caller.client_class != "person":
        raise Problem(403, "person_only", "A person breaks the glass, not a machine")
    if reason not in {it.code for it in rules.emergency.reasons}:
        raise field_problem("reason", "reason_unknown", "See `emergency.reasons` of patient-access.yaml")
    if await access.allows(patient_id, "clinical"):
        raise Problem(409, "access_allowed", "You see this patient already: there is no glass to break")
    if (await access.standing(patient_id)).objected:
        raise Problem(403, "access_refused", "The patient objects to this access", situation="objected")
    until = work.now + timedelta(hours=rules.emergency.hours)
    glass = BreakGlass(
        id=work.new_id(),
        territory=work.territory,
        patient_id=patient_id,
        subject=caller.subject,
        rpps=caller.rpps,
        organisation=caller.organisation,
        reason=reason,
        rules_version=rules.version,
        opened_at=work.now,
        until=until,
        version=1,
        changed_at=work.now,
        changed_by=caller.subject,
    )
    kept = await team.break_glass(work, glass)
    await team.add(work, _place(glass, access.people[-1]))
    await access.record("break_glass", "clinical", reason, patient_id)
    work.emit(GlassBroken(glass_id=glass.id, reason=reason, rpps=caller.rpps, until=until), version=1)
    return kept


def _place(glass: BreakGlass, person: str) -> TeamMember:
    return TeamMember(
        id=glass.id,
        territory=glass.territory,
        patient_id=glass.patient_id,
        person=person,
        role=ROLE,
        basis="emergency",
        starts_at=glass.opened_at,
        ends_at=glass.until,
        version=1,
        changed_at=glass.opened_at,
        changed_by=glass.subject,
    )


async def list_glasses(work: Work, reviewed: bool | None, after: UUID | None, limit: int) -> list[Record]:
    """One more than `limit`, the newest first."""
    return await team.glasses(work, reviewed, after, limit + 1)


async def review_glass(work: Work, access: Access, glass_id: UUID, outcome: Outcome) -> Record:
    """What was found of it, once. Raises Problem 403 `own_glass`, 404 or 409 `glass_reviewed`."""
    glass = await team.lock_glass(work, glass_id)
    if glass is None:
        raise Problem(404, "glass_unknown", "Nobody broke this glass on this territory")
    if glass["subject"] == access.caller.subject:
        raise Problem(403, "own_glass", "Somebody else reviews it")
    if glass["reviewed_at"] is not None:
        raise Problem(409, "glass_reviewed", "This was reviewed before", outcome=glass["outcome"])
    return await team.review(work, glass_id, outcome, access.caller.subject)
