"""The extra patient of a full slot (*surnuméraire*): when one more may be added."""

from typing import Literal, TypeAlias

Refusal: TypeAlias = Literal["slot_not_full", "overbooking_limit"]


def refused(free_seats: int, extra: int, limit: int) -> Refusal | None:
    """Why the slot takes no extra patient, or None.

    `free_seats`: neither held nor booked now. `extra`: patients that it has beyond its seats. `limit`: the most of
    them that a slot may have on the territory (policy `overbooking_per_slot`); 0 allows none.
    """
    if free_seats > 0:
        return "slot_not_full"
    return "overbooking_limit" if extra >= limit else None
