"""Rows of care teams and of broken glasses."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store.access_tables import BreakGlass, TeamMember

_ADD = """
INSERT INTO team_member (id, territory, patient_id, enrolment_id, person, role, basis, informed_on, starts_at, ends_at,
                         version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)
ON CONFLICT (territory, patient_id, person, role, enrolment_id) WHERE ends_at IS NULL DO NOTHING RETURNING *
"""
_OF_PATIENT = """
SELECT * FROM team_member WHERE patient_id = $1
  AND ($2::timestamptz IS NULL OR starts_at <= $2 AND (ends_at IS NULL OR ends_at > $2))
  AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4
"""
_NOT_OBJECTED_TO = """
NOT EXISTS (SELECT FROM objection o WHERE o.patient_id = m.patient_id AND o.withdrawn_at IS NULL
        AND (o.against = 'everybody' OR o.against = m.person OR o.against = 'role:' || m.role))
"""
# As for one who asks (store/standing.py), for everybody of the team at once.
_READERS = f"""
SELECT substr(m.person, 6) AS rpps, m.role FROM team_member m
WHERE m.territory = $1 AND m.patient_id = $2 AND (m.enrolment_id IS NULL OR m.enrolment_id = $3)
  AND m.person LIKE 'rpps:%' AND m.role = ANY($4::text[]) AND m.basis <> 'emergency'
  AND m.starts_at <= $5 AND (m.ends_at IS NULL OR m.ends_at > $5)
  AND (m.basis = 'care_team' OR EXISTS (
         SELECT FROM consent c WHERE c.patient_id = m.patient_id AND c.withdrawn_at IS NULL
           AND c.purpose = ANY($6::text[]) AND (c.enrolment_id IS NULL OR c.enrolment_id = $3)))
  AND {_NOT_OBJECTED_TO}
ORDER BY m.id
"""
_REGULAR_DOCTOR = f"""
SELECT substr(m.person, 6) FROM team_member m
WHERE m.territory = $1 AND m.patient_id = $2 AND m.role = 'regular-doctor' AND m.person LIKE 'rpps:%'
  AND m.basis <> 'emergency' AND m.starts_at <= $3 AND (m.ends_at IS NULL OR m.ends_at > $3)
  AND {_NOT_OBJECTED_TO}
ORDER BY m.starts_at DESC, m.id DESC LIMIT 1
"""
_LOCK = "SELECT * FROM team_member WHERE id = $1 FOR UPDATE"
_END = """
UPDATE team_member SET ends_at = $2, end_reason = $3, version = version + 1, changed_at = $2, changed_by = $4
WHERE id = $1 RETURNING *
"""
_BREAK = """
INSERT INTO break_glass (id, territory, patient_id, subject, rpps, organisation, reason, rules_version,
                         opened_at, until, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $9, $4) RETURNING *
"""
_GLASSES = """
SELECT * FROM break_glass WHERE ($1::boolean IS NULL OR (reviewed_at IS NOT NULL) = $1)
  AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
_LOCK_GLASS = "SELECT * FROM break_glass WHERE id = $1 FOR UPDATE"
_REVIEW = """
UPDATE break_glass SET reviewed_at = $2, reviewed_by = $3, outcome = $4,
       version = version + 1, changed_at = $2, changed_by = $3
WHERE id = $1 RETURNING *
"""


async def add(work: Work, row: TeamMember) -> Record | None:
    """None when this person has this place already."""
    who = (row.person, row.role, row.basis, row.informed_on, row.starts_at, row.ends_at)
    stamps = (row.changed_at, row.changed_by)
    return await work.fetchrow(_ADD, row.id, row.territory, row.patient_id, row.enrolment_id, *who, *stamps)


async def of_patient(work: Work, patient_id: UUID, at: datetime | None, after: UUID | None, limit: int) -> list[Record]:
    """Members at an instant, or all that ever were; the oldest place first."""
    return await work.fetch(_OF_PATIENT, patient_id, at, after, limit)


async def readers(work: Work, enrolment: Record, roles: list[str], purposes: list[str]) -> list[Record]:
    """RPPS number and role of who cares for the patient on this pathway, in one of `roles`, and may be told of it."""
    about = (work.territory, enrolment["patient_id"], enrolment["id"])
    return await work.fetch(_READERS, *about, roles, work.now, purposes)


async def regular_doctor(work: Work, territory: str, patient_id: UUID) -> str | None:
    """RPPS number of the *médecin traitant* of the care team, to whom the patient does not object."""
    found: str | None = await work.fetchval(_REGULAR_DOCTOR, territory, patient_id, work.now)
    return found


async def lock(work: Work, member_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, member_id)


async def end(work: Work, member_id: UUID, reason: str, by: str) -> Record:
    (row,) = await work.fetch(_END, member_id, work.now, reason, by)
    return row


async def break_glass(work: Work, row: BreakGlass) -> Record:
    who = (row.subject, row.rpps, row.organisation, row.reason, row.rules_version)
    (kept,) = await work.fetch(_BREAK, row.id, row.territory, row.patient_id, *who, row.opened_at, row.until)
    return kept


async def glasses(work: Work, reviewed: bool | None, after: UUID | None, limit: int) -> list[Record]:
    """The newest first."""
    return await work.fetch(_GLASSES, reviewed, after, limit)


async def lock_glass(work: Work, glass_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK_GLASS, glass_id)


async def review(work: Work, glass_id: UUID, outcome: str, by: str) -> Record:
    (row,) = await work.fetch(_REVIEW, glass_id, work.now, by, outcome)
    return row
