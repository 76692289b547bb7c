"""Extra seats (*surnuméraires*): bookings beyond the seats of a slot, and the audit of who gave them.

An extra seat has no row of `seat_claim`, so that whatever decides about seats never sees it. Whoever asks whether a
slot has patients must look for both.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work


def extra_visits(slot: str) -> str:
    """SQL: how many extra patients the slot of this id has. Cancelled visits do not count."""
    return f"(SELECT count(*) FROM booking x WHERE x.slot_id = {slot} AND x.overbooked AND x.state <> 'cancelled')"


_SEATS = f"""
SELECT s.capacity - (SELECT count(*) FROM seat_claim c
                      WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2)) AS free,
       {extra_visits("s.id")} AS extra
  FROM slot s WHERE s.id = $1
"""
_INSERT = """
INSERT INTO overbooking (id, territory, booking_id, call_id, slot_id, effector_id, made_at, client, role, organisation,
                         rpps, reason, extra, policy_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_LIST = """
SELECT o.*, e.kind, e.name FROM overbooking o JOIN effector e ON e.id = o.effector_id
 WHERE o.territory = $1 AND ($2::text IS NULL OR o.effector_id = $2)
   AND ($3::timestamptz IS NULL OR (o.made_at, o.id) < ($3, $4::uuid))
 ORDER BY o.made_at DESC, o.id DESC LIMIT $5
"""


@dataclass(frozen=True)
class NewOverbooking:
    """Who gave an extra seat, to which call, and why. `extra`: of the slot, this one included."""

    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    effector_id: str
    client: str
    role: str | None
    organisation: str | None
    rpps: str | None
    reason: str
    extra: int
    policy_version: str


async def seats(work: Work, slot_id: UUID) -> Record | None:
    """Seats that are free now (`free`) and extra patients (`extra`): final under the lock of the slot."""
    return await work.fetchrow(_SEATS, slot_id, work.now)


async def insert(work: Work, new: NewOverbooking) -> None:
    """Writes down that the extra seat was given."""
    await work.execute(
        _INSERT,
        work.new_id(),
        work.territory,
        new.booking_id,
        new.call_id,
        new.slot_id,
        new.effector_id,
        work.now,
        new.client,
        new.role,
        new.organisation,
        new.rpps,
        new.reason,
        new.extra,
        new.policy_version,
    )


async def page(work: Work, *, effector_id: str | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """Extra seats that were given, the latest first, with the kind and name of the effector."""
    made_at, overbooking_id = after or (None, None)
    return await work.fetch(_LIST, work.territory, effector_id, made_at, overbooking_id, limit)
