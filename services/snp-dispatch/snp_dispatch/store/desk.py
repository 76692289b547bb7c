"""The counters of a desk, in one statement by index."""

from datetime import datetime

from kit.work import Record, Work
from snp_dispatch.store.audience import paused
from snp_dispatch.store.rows import present

CAP = 10_000
"""Free slots of a profession are counted up to here: what a desk shows as "10,000+" need not be read to the end."""

# Free as the search sees it: by index, of a listed effector who takes part and does not pause, with a seat left. A hold
# past its time that the sweeper has not come to (a second's worth) is not looked at.
_FREE = f"""
SELECT 1 FROM slot s JOIN effector e ON e.id = s.effector_id AND e.listed
 WHERE s.territory = $1 AND s.profession = p.profession AND s.withdrawn_at IS NULL AND NOT s.taken
   AND NOT {paused("$2", "$1")} AND s.starts_at >= $2 AND s.starts_at < %s
   AND (s.capacity = 1 OR s.capacity > (
        SELECT count(*) FROM seat_claim c WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2)))
   AND (e.kind = 'structure' OR EXISTS (
        SELECT FROM participation i WHERE i.territory = $1 AND i.rpps = s.effector_id AND i.participates))
 LIMIT {CAP + 1}
"""
# $1 territory, $2 now, $3 start of the day, $4 end of the day, $5 end of the next 48 h, $6 professions.
COUNTERS = f"""
WITH need AS (
    SELECT state, received_at, deadline FROM call
     WHERE territory = $1 AND state IN ('open', 'waiting') AND deadline > $2
)
SELECT n.*,
       (SELECT count(*) FROM booking WHERE territory = $1 AND confirmed_at >= $3 AND confirmed_at < $4
           AND state <> 'cancelled') AS booked_today,
       (SELECT count(*) FROM call WHERE territory = $1 AND loop_end = 'not_seen' AND loop_ended_at >= $3
           AND loop_ended_at < $4) AS not_seen_today,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('profession', p.profession, 'today', t.n, 'next_48_h', l.n)
                                  ORDER BY p.profession), '[]')
          FROM unnest($6::text[]) AS p (profession)
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM ({_FREE % "$4"}) f) t
         CROSS JOIN LATERAL (SELECT count(*) AS n FROM ({_FREE % "$5"}) f) l) AS free
  FROM (SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
               min(received_at) FILTER (WHERE state = 'waiting') AS oldest_waiting_since,
               min(deadline) AS next_deadline,
               count(*) FILTER (WHERE state = 'open') AS open
          FROM need) n
"""


async def counters(work: Work, day: tuple[datetime, datetime], until: datetime, professions: list[str]) -> Record:
    """Waiting, open and booked calls, free slots by profession today and until `until`. `day` is the local day."""
    return present(await work.fetchrow(COUNTERS, work.territory, work.now, *day, until, professions))
