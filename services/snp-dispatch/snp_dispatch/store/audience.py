"""Whom a slot is open to at an instant, and whether it is on offer: the one definition for lists, search, holds and
bookings.

- before `embargo_until` a slot is open to nobody;
- then to its `audience`;
- from `release_at` on to `release_audience` as well ("CPTS only until four hours before, then PUBLIC").

While its effector pauses, a slot is not on offer, whatever its audience. Nothing is rewritten when an instant passes:
every reader computes it with these fragments from the time of its transaction. `domain/offer.py` says the same.
"""


def audience_now(now: str, slot: str = "s") -> str:
    """SQL array of the audiences to which the slot is open; `now` is a parameter such as `$4`."""
    return (
        f"CASE WHEN {slot}.embargo_until > {now} THEN '{{}}'::text[]"
        f" WHEN {slot}.release_at <= {now} THEN {slot}.audience || {slot}.release_audience"
        f" ELSE {slot}.audience END"
    )


def paused(now: str, territory: str, slot: str = "s") -> str:
    """SQL condition: the effector pauses on the territory. With a parameter as territory it is read once a query."""
    return (
        f"{slot}.effector_id = ANY (ARRAY(SELECT pause.effector_id FROM pause"
        f" WHERE pause.territory = {territory} AND pause.ended_at IS NULL"
        f" AND (pause.until IS NULL OR pause.until > {now})))"
    )
