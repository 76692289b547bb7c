"""Rows of personal links of patients and carers."""

from datetime import date
from uuid import UUID

from kit.work import Record, Work

LINK = "patient_link"
_OF_ENROLMENT = "SELECT * FROM patient_link WHERE territory = $1 AND enrolment_id = $2 ORDER BY id LIMIT 200"
_REVOKE = """
UPDATE patient_link SET revoked_at = $3, version = version + 1, changed_at = $3, changed_by = $4
WHERE territory = $1 AND $2 IN (id, parent_id) AND revoked_at IS NULL
"""
_SURVEYS = """
SELECT id, definition ->> 'label' AS label FROM survey
WHERE territory = $1 AND subject = 'pathway' AND respondent = $2 AND topic = $3 AND closed_at IS NULL
  AND opens_on <= $4 AND closes_on >= $4
ORDER BY id LIMIT 20
"""


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    """The oldest first."""
    return await work.fetch(_OF_ENROLMENT, work.territory, enrolment_id)


async def revoke(work: Work, link_id: UUID, by: str) -> None:
    """The link, and those that its holder gave to others."""
    await work.execute(_REVOKE, work.territory, link_id, work.now, by)


async def surveys_due(work: Work, respondent: str, topic: str, today: date) -> list[Record]:
    """Open surveys on pathways of this topic that ask patients, or carers."""
    return await work.fetch(_SURVEYS, work.territory, respondent, topic, today)
