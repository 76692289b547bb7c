"""Patients who agreed to be asked as *référents* or *experts* (I-34): identified with consent, ended with it."""

from typing import Literal
from uuid import UUID

from contracts.activities import ExpertEnded, ExpertIdentified
from kit import rows
from kit.problems import Problem
from kit.work import Record, Work
from pathways.store import prevention
from pathways.usecases.access import Access
from pathways.usecases.activity_words import Words, check_word

TABLE = "expert_role"
PURPOSE = "expert-patient"
ExpertKind = Literal["referent", "expert"]
EndReason = Literal["patient_wish", "unavailable", "other"]


async def identify_expert(
    work: Work, access: Access, words: Words, patient_id: UUID, *, role: ExpertKind, topic: str | None
) -> Record:
    """Once each role and topic, while a consent for it is in force.

    Raises Problem 403, 404, 409 `consent_missing` or `expert_already`, 422 `code_unknown`.
    """
    await access.check(patient_id, "consent", "write")
    check_word("topic", topic, words.activities.topics)
    if not await prevention.agreed(work, patient_id):
        raise Problem(409, "consent_missing", f"Record a consent of the patient with the purpose {PURPOSE!r} first")
    standing = await prevention.roles_of(work, patient_id)
    if any((it["role"], it["topic"]) == (role, topic) for it in standing):
        raise Problem(409, "expert_already", "The patient has this role already")
    values = {"patient_id": patient_id, "role": role, "topic": topic}
    row = await rows.add(work, TABLE, access.caller.subject, **values)
    work.emit(ExpertIdentified(expert_id=row["id"], role=role, topic=topic), version=1)
    return row


async def end_expert(work: Work, access: Access, expert_id: UUID, reason: EndReason) -> Record:
    """They are it no more. Raises Problem 403, 404, 409 `expert_ended`."""
    row = await rows.find(work, TABLE, expert_id, lock=True)
    if row is None:
        raise Problem(404, "expert_unknown", "This territory has no such role")
    await access.check(row["patient_id"], "consent", "write")
    if row["ended_at"] is not None:
        raise Problem(409, "expert_ended", "It has ended before")
    return await _end(work, row, reason, access.caller.subject)


async def end_without_consent(work: Work, patient_id: UUID, by: str, *, withdrawn: UUID) -> None:
    """Ends the patient's roles when no other consent for them is left than the one being withdrawn."""
    if await prevention.agreed(work, patient_id, but=withdrawn):
        return
    for row in await prevention.roles_of(work, patient_id):
        await _end(work, row, "consent_withdrawn", by)


async def end_same_roles(work: Work, patient_id: UUID, other_id: UUID, by: str) -> None:
    """Before the other entry becomes part of the patient's: who has a role in both keeps it once."""
    mine = {(it["role"], it["topic"]) for it in await prevention.roles_of(work, patient_id)}
    for row in await prevention.roles_of(work, other_id):
        if (row["role"], row["topic"]) in mine:
            await _end(work, row, "merged", by)


async def list_experts(
    work: Work, access: Access, *, topic: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """Roles that stand, of patients that the caller may see; the newest first, `limit` + 1 of them."""
    return await prevention.experts(work, access.sight(), topic=topic, after=after, limit=limit + 1)


async def _end(work: Work, row: Record, reason: str, by: str) -> Record:
    ended = await rows.change(work, TABLE, row["id"], by, ended_at=work.now, end_reason=reason)
    told = ExpertEnded(expert_id=ended["id"], role=ended["role"], topic=ended["topic"])
    work.emit(told, version=ended["version"])
    return ended
