"""Closing the loop: was the patient of a call seen in time? (system role)"""

from kit.work import Record, Work

# A visit whose outcome nobody has said yet is waited for: $3 and $4, hours after its end by territory.
_CLOSE = """
WITH due AS (
    SELECT c.id, b.state AS visit
      FROM call c
      JOIN unnest($3::text[], $4::int[]) AS p (territory, hours) ON p.territory = c.territory
      LEFT JOIN LATERAL (
           SELECT state, ends_at FROM booking WHERE call_id = c.id AND state <> 'cancelled') b ON true
     WHERE c.loop_end IS NULL AND c.state NOT IN ('refused', 'redirected', 'cancelled') AND c.deadline <= $1
       AND (b.state IS DISTINCT FROM 'confirmed'
            OR greatest(c.deadline, b.ends_at) + make_interval(hours => p.hours) <= $1)
     ORDER BY c.deadline LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED
)
UPDATE call c
   SET loop_end = CASE WHEN due.visit = 'fulfilled' THEN 'seen' ELSE 'not_seen' END, loop_ended_at = $1,
       version = c.version + CASE WHEN due.visit = 'fulfilled' THEN 0 ELSE 1 END
  FROM due WHERE c.id = due.id
RETURNING c.id, c.territory, c.origin, c.received_at, c.deadline, c.version, c.loop_end, due.visit
"""


async def close(work: Work, hours: dict[str, int], limit: int) -> list[Record]:
    """Closes up to `limit` calls whose time to be seen is over; `visit` is the state of their visit, if any.

    `hours` by territory: how long after its end the outcome of a visit may be said.
    """
    return await work.fetch(_CLOSE, work.now, limit, list(hours), list(hours.values()))
