"""What the service listens to: every event of every owner, its own included."""

from collections.abc import Mapping
from functools import partial

from contracts.registry import EVENTS, STREAMS
from indicators.consumers.on_event import on_event, on_events
from indicators.domain.campaigns import Campaigns
from kit.consumer import Subscription

BATCH = 1000
"""Messages in one transaction, of whatever territories: a fact names its own."""


def subscriptions(campaigns: Mapping[str, Campaigns]) -> tuple[Subscription, ...]:
    """One an owner. By the campaigns of the territories a fact is known to come late. An event is a fact once."""
    one, many = partial(on_event, campaigns=campaigns), partial(on_events, campaigns=campaigns)
    return tuple(
        Subscription(
            owner,
            {event.payload: one for event in EVENTS if event.owner == owner},
            together=many,
            across=True,
            inbox=False,
            batch=BATCH,
        )
        for owner in STREAMS
    )


SUBSCRIPTIONS = subscriptions({})
"""For who asks how far the service is."""
