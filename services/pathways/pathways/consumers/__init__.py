"""Events of other services, and what they do here."""

from contracts.directory import AcceptanceDeclared, ProfessionalUpdated
from contracts.snp_dispatch import (
    BookingCancelled,
    BookingConfirmed,
    BookingFulfilled,
    BookingMissed,
    BookingMoved,
    BookingOutcomeUndone,
    CallCancelled,
    CallExpired,
    CallScreened,
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
from pathways.consumers.on_call import on_call_cancelled, on_call_expired, on_call_screened
from pathways.consumers.on_doctor import on_acceptance, on_professional

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
            CallExpired: on_call_expired,
            CallCancelled: on_call_cancelled,
            CallScreened: on_call_screened,
        },
    ),
    Subscription("directory", {ProfessionalUpdated: on_professional, AcceptanceDeclared: on_acceptance}),
)
