"""An event of any service goes to the webhooks that asked for it and may see it."""

import orjson

from contracts.envelope import Event, Payload
from contracts.registry import BY_NAME, EVENTS, EventType
from directory.domain.channels import Owner
from directory.domain.webhooks import RelayedEvents, Subscribed
from directory.store import webhooks
from kit.territories import BadFileError
from kit.work import Work


def short_name(kind: EventType) -> str:
    """`snp-dispatch.slot.published`: how subscriptions and rules call an event."""
    return f"{kind.owner}.{kind.entity}.{kind.verb}"


def relayed_types(relayed: RelayedEvents) -> list[EventType]:
    """The types that may leave. Raises BadFileError for a rule about what is no event, or no field of it."""
    known = {short_name(kind): kind for kind in EVENTS}
    for name in relayed.withheld.keys() - known.keys():
        raise BadFileError(f"relayed-events.yaml: withheld.{name}: no such event")
    for name, rule in relayed.events.items():
        if name not in known:
            raise BadFileError(f"relayed-events.yaml: events.{name}: no such event")
        fields = known[name].payload.model_fields
        for field in (*rule.removed, *((rule.own,) if rule.own else ())):
            if field not in fields:
                raise BadFileError(f"relayed-events.yaml: events.{name}: it has no field {field!r}")
    return [kind for name, kind in known.items() if name in relayed.events]


async def relay_event(work: Work, relayed: RelayedEvents, event: Event[Payload]) -> int:
    """Queues it for each webhook of its territory that asked for it; answers how many.

    What happened before a webhook was opened is not for it: a stream may be read again from its beginning.
    """
    name = short_name(BY_NAME[event.type])
    found = None
    queued = 0
    for row in await webhooks.listening(work, event.time):
        found = found or event.model_dump(mode="json")
        subscribed = Subscribed(Owner(row["owner_kind"], row["owner"]), row["events"], row["scopes"])
        if relayed.concerns(name, found["data"], subscribed):
            body = orjson.dumps(relayed.told(name, found, thin=row["thin"])).decode()
            await webhooks.queue(work, row["channel_id"], event_id=event.id, kind=event.type, body=body)
            queued += 1
    return queued
