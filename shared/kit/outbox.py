"""Events wait in the transaction that they tell of, until the relay has published them.

Rows stay after sending: a stream can be refilled and a consumer rebuilt from zero.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from contracts.envelope import Payload
from contracts.registry import BY_PAYLOAD
from kit.context import current_trace

if TYPE_CHECKING:
    from kit.work import Work


def insert(first: int) -> str:
    """The statement that adds rows, its parameters numbered from `first`: see `columns`."""
    kinds = ("uuid", "text", "text", "text", "text", "timestamptz")
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, start=first))
    return f"INSERT INTO outbox (id, territory, type, subject, body, created_at) SELECT * FROM unnest({arrays})"


INSERT = insert(1)


@dataclass(frozen=True)
class Row:
    """One event, ready for the bus."""

    id: UUID
    territory: str
    type: str
    subject: str
    body: str
    created_at: datetime


def row(payload: Payload, *, work: "Work", version: int, territory: str) -> Row:
    """Wraps a payload in its CloudEvents envelope. Raises KeyError for a payload that nobody registered."""
    event = BY_PAYLOAD[type(payload)]
    event_id, trace = work.new_id(), current_trace.get()
    body = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": event.source,
        "type": event.name,
        "time": work.now.isoformat(),
        "subject": str(getattr(payload, event.aggregate_id)),
        "datacontenttype": "application/json",
        "territory": territory,
        "aggregateversion": version,
        "correlationid": work.correlation_id,
        "causationid": str(work.causation_id) if work.causation_id else None,
        "traceparent": trace.traceparent if trace else None,
        "data": payload.model_dump(mode="json"),
    }
    return Row(event_id, territory, event.name, event.subject(territory), orjson.dumps(body).decode(), work.now)


def columns(rows: list[Row]) -> list[Any]:
    """The rows as one array per column, for a single INSERT."""
    # Not `astuple`, which copies deeply: seventy times slower, on the path of every booking.
    return [list(column) for column in zip(*(vars(item).values() for item in rows), strict=True)]
