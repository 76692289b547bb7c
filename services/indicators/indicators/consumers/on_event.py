"""Any event: kept as a fact, with the members of its payload that figures may need."""

from contracts.envelope import Event, Payload
from indicators.domain.facts import KEPT, Fact, kind_of
from indicators.usecases.record_fact import record_fact
from kit.work import Work


async def on_event(event: Event[Payload], work: Work) -> None:
    """Keeps the event once."""
    await record_fact(work, fact_of(event))


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
        dimensions=event.data.model_dump(mode="json", include=set(KEPT[kind])),
    )
