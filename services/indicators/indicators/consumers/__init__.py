"""What the service listens to: every event of every owner, its own included."""

from contracts.registry import EVENTS, STREAMS
from indicators.consumers.on_event import on_event, on_events
from kit.consumer import Subscription

SUBSCRIPTIONS = tuple(
    Subscription(owner, {event.payload: on_event for event in EVENTS if event.owner == owner}, together=on_events)
    for owner in STREAMS
)
