"""Rows of campaigns, of sheets and their visits, of expert patients: what the kit's rows do not do."""

from datetime import date
from uuid import UUID

from kit.work import Record, Work
from pathways.store.standing import Sight

SPACE = "space"
_VISIT = """
INSERT INTO document_visit (territory, day, subject, visits, told) VALUES ($1, $2, $3, 1, false)
ON CONFLICT (territory, day, subject) DO UPDATE SET visits = document_visit.visits + 1
"""
_EXPERTS = """
SELECT expert_role.* FROM expert_role
WHERE territory = $1 AND ended_at IS NULL AND ($2::text IS NULL OR topic = $2) AND ($3::uuid IS NULL OR id < $3)
  AND ({seen}) ORDER BY id DESC LIMIT $4
"""
_EXPERT_CONSENT = """
SELECT EXISTS (SELECT FROM consent WHERE territory = $1 AND patient_id = $2 AND purpose = 'expert-patient'
               AND withdrawn_at IS NULL AND ($3::uuid IS NULL OR id <> $3))
"""


async def campaign_totals(work: Work, campaign_id: UUID) -> Record:
    """How many were invited and took part, of entries that stand."""
    (row,) = await work.fetch(
        "SELECT coalesce(sum(people) FILTER (WHERE kind = 'invited'), 0)::bigint AS invited, "
        "coalesce(sum(people) FILTER (WHERE kind = 'took_part'), 0)::bigint AS took_part FROM campaign_entry "
        "WHERE territory = $1 AND campaign_id = $2 AND withdrawn_at IS NULL",
        *(work.territory, campaign_id),
    )
    return row


async def sheet_version(work: Work, sheet_id: UUID, number: int) -> Record | None:
    """A published version."""
    return await work.fetchrow(
        "SELECT * FROM sheet_version WHERE territory = $1 AND sheet_id = $2 AND number = $3",
        *(work.territory, sheet_id, number),
    )


async def count_visit(work: Work, day: date, subject: str) -> None:
    """One more visit of the space or of a sheet."""
    await work.execute(_VISIT, work.territory, day, subject)


async def visits(work: Work, first: date, last: date) -> list[Record]:
    """Visits by subject between two days, both counted."""
    return await work.fetch(
        "SELECT subject, sum(visits)::bigint AS visits FROM document_visit "
        "WHERE territory = $1 AND day BETWEEN $2 AND $3 GROUP BY subject ORDER BY subject",
        *(work.territory, first, last),
    )


async def take_untold(work: Work, before: date, limit: int) -> list[Record]:
    """Days that are over and were not told, of every territory: marked as told, with their visits as JSON."""
    return await work.fetch(
        "WITH days AS (SELECT DISTINCT territory, day FROM document_visit WHERE NOT told AND day < $1 LIMIT $2), "
        "taken AS (UPDATE document_visit v SET told = true FROM days d "
        "WHERE v.territory = d.territory AND v.day = d.day AND NOT v.told RETURNING v.*) "
        "SELECT territory, day, jsonb_object_agg(subject, visits)::text AS visits FROM taken "
        "GROUP BY territory, day ORDER BY day, territory",
        *(before, limit),
    )


async def agreed(work: Work, patient_id: UUID, *, but: UUID | None = None) -> bool:
    """Whether a consent to be asked as expert is in force, other than `but`."""
    found: bool = await work.fetchval(_EXPERT_CONSENT, work.territory, patient_id, but)
    return found


async def experts(work: Work, sight: Sight, *, topic: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Roles that stand, of patients in sight, the newest first."""
    patients = "TRUE" if sight.everything else f"patient_id IN (SELECT seen.patient_id FROM ({_seen(sight)}) AS seen)"
    return await work.fetch(_EXPERTS.format(seen=patients), work.territory, topic, after, limit, *sight.args)


async def roles_of(work: Work, patient_id: UUID) -> list[Record]:
    """Roles of a patient that stand, for this transaction alone."""
    return await work.fetch(
        "SELECT * FROM expert_role WHERE territory = $1 AND patient_id = $2 AND ended_at IS NULL "
        "ORDER BY id FOR UPDATE",
        *(work.territory, patient_id),
    )


def _seen(sight: Sight) -> str:
    return f"SELECT enrolment.patient_id FROM enrolment WHERE {sight.condition(5)}"
