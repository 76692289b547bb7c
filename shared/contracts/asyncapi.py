"""The AsyncAPI 3.0 document of every event, made from the binding list: `python -m contracts.asyncapi`."""

import json
import sys
from typing import Any

from contracts.registry import EVENTS, STREAMS, EventType


def document() -> dict[str, Any]:
    """The whole document, in a stable order."""
    schemas: dict[str, Any] = {}
    for event in EVENTS:
        schema = event.envelope.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[event.name] = schema
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CPTS events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in JSON structured mode on NATS JetStream. Message id: `Nats-Msg-Id`.",
        },
        "defaultContentType": "application/json",
        "channels": {event.name: _channel(event) for event in EVENTS},
        "operations": {f"send {event.name}": _operation(event) for event in EVENTS},
        "components": {
            "messages": {event.name: _message(event) for event in EVENTS},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def _channel(event: EventType) -> dict[str, Any]:
    return {
        "address": event.subject("{territory}"),
        "description": f"Stream {STREAMS[event.owner]}; only {event.owner} publishes here.",
        "parameters": {"territory": {"description": "Slug of the CPTS, or `fr` for national reference data"}},
        "messages": {"event": {"$ref": f"#/components/messages/{event.name}"}},
    }


def _operation(event: EventType) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{event.name}"}}


def _message(event: EventType) -> dict[str, Any]:
    return {
        "name": event.name,
        "summary": (event.payload.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{event.name}"},
    }


def text() -> str:
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
