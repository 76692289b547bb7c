"""What must be true of the books of the dispatch at any moment, whatever happened before."""

from dispatch_stage import Dispatch

CLAIMS = """
SELECT count(*) FROM seat_claim c
 WHERE NOT EXISTS (SELECT FROM hold h WHERE h.id = c.hold_id AND h.slot_id = c.slot_id AND h.state = 'active')
   AND NOT EXISTS (SELECT FROM booking b WHERE b.id = c.booking_id AND b.slot_id = c.slot_id AND b.state <> 'cancelled')
"""
OWNERS = """
SELECT count(*) FROM (
    SELECT id, slot_id FROM hold WHERE state = 'active'
    UNION ALL SELECT id, slot_id FROM booking WHERE state <> 'cancelled' AND NOT overbooked) o
 WHERE 1 <> (SELECT count(*) FROM seat_claim c WHERE c.slot_id = o.slot_id AND o.id IN (c.hold_id, c.booking_id))
"""
EXTRA = """
SELECT count(*) FROM booking b WHERE b.overbooked AND (
    EXISTS (SELECT FROM seat_claim c WHERE c.booking_id = b.id)
    OR NOT EXISTS (SELECT FROM overbooking o WHERE o.booking_id = b.id))
"""
CALLS_OF_BOOKINGS = """
SELECT count(*) FROM call c WHERE (c.state = 'booked') <> EXISTS (
    SELECT FROM booking b WHERE b.call_id = c.id AND b.state <> 'cancelled')
"""
FULLER = """
SELECT count(*) FROM slot s WHERE s.capacity < (SELECT count(*) FROM seat_claim c WHERE c.slot_id = s.id)
"""
TOLD = """
SELECT (SELECT count(*) FROM hold) - (SELECT count(*) FROM outbox WHERE type LIKE '%.hold.placed.v1'),
       (SELECT count(*) FROM hold WHERE state IN ('released', 'expired'))
       - (SELECT count(*) FROM outbox WHERE type LIKE '%.hold.released.v1' OR type LIKE '%.hold.expired.v1'),
       (SELECT count(*) FROM booking) - (SELECT count(*) FROM outbox WHERE type LIKE '%.booking.confirmed.v1'),
       (SELECT count(*) FROM booking WHERE state = 'cancelled')
       - (SELECT count(*) FROM outbox WHERE type LIKE '%.booking.cancelled.v1')
"""


async def assert_balanced(dispatch: Dispatch, context: object = None) -> None:
    """No seat twice, no claim without its owner, no call in two states, every change told."""
    for check in (CLAIMS, OWNERS, EXTRA, CALLS_OF_BOOKINGS, FULLER):
        ((count,),) = [tuple(row.values()) for row in await dispatch.rows(check)]
        assert count == 0, (check, context)
    (told,) = await dispatch.rows(TOLD)
    assert set(told.values()) == {0}, (told, context)
