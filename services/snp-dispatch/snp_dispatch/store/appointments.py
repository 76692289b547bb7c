"""What a patient's appointment sheet says of a visit."""

from uuid import UUID

from kit.work import Record, Work

_GET = """
SELECT b.id, b.call_id, b.state, b.starts_at, b.commune, b.mode, b.effector_id, e.name AS practitioner, c.client,
       coalesce(c.caller ->> 'organisation', c.client_organisation) AS sender
  FROM booking b JOIN call c ON c.id = b.call_id JOIN effector e ON e.id = b.effector_id
 WHERE b.id = $1
"""


async def get(work: Work, booking_id: UUID) -> Record | None:
    """A visit with the name of who serves it and the organisation that sent the patient."""
    return await work.fetchrow(_GET, booking_id)
