"""Events of every service, for the webhooks that asked for them."""

from typing import Any

from contracts.envelope import Event, Payload
from directory.domain.webhooks import RelayedEvents
from directory.usecases.relay_event import relay_event, relayed_types
from kit.consumer import Handler, Subscription
from kit.work import Work


def relaying(relayed: RelayedEvents) -> list[Subscription]:
    """One subscription an owner, to the types that may leave and no other: most events never come here.

    The directory listens to its own stream too: what it tells is relayed as what others tell, from the same place.
    """

    async def on_any(event: Event[Any], work: Work) -> None:
        await relay_event(work, relayed, event)

    handlers: dict[str, dict[type[Payload], Handler]] = {}
    for kind in relayed_types(relayed):
        handlers.setdefault(kind.owner, {})[kind.payload] = on_any
    return [Subscription(owner, of_owner) for owner, of_owner in handlers.items()]
