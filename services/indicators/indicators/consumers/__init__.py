"""What the service listens to: every event of every owner, its own included."""

from contracts.registry import EVENTS, STREAMS
from indicators.consumers.on_event import on_event, on_events
from kit.consumer import Subscription

BATCH = 1000
"""Messages in one transaction, of whatever territories: a fact names its own."""

SUBSCRIPTIONS = tuple(
    Subscription(
        owner,
        {event.payload: on_event for event in EVENTS if event.owner == owner},
        together=on_events,
        across=True,
        batch=BATCH,
    )
    for owner in STREAMS
)
