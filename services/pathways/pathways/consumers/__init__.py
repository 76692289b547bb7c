"""Events of other services, and what they do here."""

from contracts.snp_dispatch import (
    BookingCancelled,
    BookingConfirmed,
    BookingFulfilled,
    BookingMissed,
    BookingMoved,
    BookingOutcomeUndone,
)
from kit.consumer import Subscription
from pathways.consumers.on_booking import (
    on_cancelled,
    on_confirmed,
    on_fulfilled,
    on_missed,
    on_moved,
    on_outcome_undone,
)

SUBSCRIPTIONS = (
    Subscription(
        "snp-dispatch",
        {
            BookingConfirmed: on_confirmed,
            BookingMoved: on_moved,
            BookingCancelled: on_cancelled,
            BookingFulfilled: on_fulfilled,
            BookingMissed: on_missed,
            BookingOutcomeUndone: on_outcome_undone,
        },
    ),
)
