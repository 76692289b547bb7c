"""Any event: kept as a fact, with the members of its payload that figures may need."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from contracts.envelope import Event, Payload
from indicators.domain.campaigns import Campaigns
from indicators.domain.facts import KEPT, Fact, kind_of
from indicators.usecases.record_facts import record_facts
from kit.work import Work

_KEPT = {kind: set(names) for kind, names in KEPT.items()}


async def on_events(
    events: Sequence[Event[Payload]], work: Work, campaigns: Mapping[str, Campaigns] = MappingProxyType({})
) -> None:
    """Keeps each of the events once. `campaigns`: those of the territories, after which facts are late."""
    await record_facts(work, [fact_of(event) for event in events], campaigns)


async def on_event(
    event: Event[Payload], work: Work, campaigns: Mapping[str, Campaigns] = MappingProxyType({})
) -> None:
    """Keeps the event once."""
    await on_events([event], work, campaigns)


def fact_of(event: Event[Payload]) -> Fact:
    """The fact that an event is. Raises KeyError for a kind that nobody said what to keep of."""
    kind = kind_of(event.type)
    return Fact(
        event_id=event.id,
        territory=event.territory,
        kind=kind,
        type=event.type,
        subject=event.subject,
        version=event.aggregateversion,
        occurred_at=event.time,
        dimensions=event.data.model_dump(mode="json", include=_KEPT[kind]),
    )
