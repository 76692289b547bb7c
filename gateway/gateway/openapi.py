"""One OpenAPI document out of those of the services."""

import copy
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from gateway.operations import METHODS
from kit.problems import MEDIA_TYPE, ProblemBody

Document = dict[str, Any]

_SCHEMA = "#/components/schemas/"
_SECURITY = "bearer"
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA + "ProblemBody"}}}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}
_RATE_LIMIT = {
    name: {"description": text, "schema": {"type": "string"}}
    for name, text in {
        "RateLimit": "What is left of the window: remaining requests r, seconds t",
        "RateLimit-Policy": "The class of the token: quota q in w seconds",
    }.items()
}

GATEWAY_ANSWERS: dict[str, dict[str, Any]] = {
    "401": {"description": "No token, or one that is expired or not ours", "content": _PROBLEM},
    "403": {"description": "The token lacks the scope, or is for another territory", "content": _PROBLEM},
    "429": {
        "description": "Too many requests for this class of token",
        "content": _PROBLEM,
        "headers": {**_RETRY_AFTER, **_RATE_LIMIT},
    },
    "503": {
        "description": "The service named in `service` is not available",
        "content": _PROBLEM,
        "headers": _RETRY_AFTER,
    },
    "504": {
        "description": "The service named in `service` did not answer in time",
        "content": _PROBLEM,
        "headers": _RETRY_AFTER,
    },
}
"""What the gateway may answer by itself on any route, beside what the service documents."""

BODY_ANSWERS: dict[str, dict[str, Any]] = {
    "408": {"description": "The body did not arrive in time", "content": _PROBLEM},
    "413": {"description": "Body too large", "content": _PROBLEM},
}
"""The same, on routes that take a body."""


def merge(
    own: Document, documents: Mapping[str, Document], owns: Callable[[str, str], bool], server_url: str
) -> Document:
    """The document of the whole. `own` is the gateway's; `owns(service, path)` tells who answers a path.

    Schemas of one name stay one when they are the same in every service, else each takes its service's
    name. An operation carries its service as tag, the gateway's answers and its security scheme.
    """
    renamed = _collisions(documents)
    merged = copy.deepcopy(own)
    merged["servers"] = [{"url": server_url}]
    schemas = merged.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_problem_schemas())
    merged["components"]["securitySchemes"] = {_SECURITY: _scheme()}
    for service, document in documents.items():
        names = {name: _owned(service, name) for name in renamed & _schemas(document).keys()}
        local = _with_references(document, names)
        for name, schema in _schemas(local).items():
            schemas[names.get(name, name)] = schema
        for path, item in local.get("paths", {}).items():
            if owns(service, path):
                merged["paths"][path] = {key: _operation(service, key, value) for key, value in item.items()}
        merged.setdefault("tags", []).append(_tag(service, document))
    _distinct_operation_ids(merged)
    return merged


def _operation(service: str, key: str, value: Any) -> Any:
    if key not in METHODS:
        return value
    possible = {**GATEWAY_ANSWERS, **BODY_ANSWERS} if "requestBody" in value else GATEWAY_ANSWERS
    responses = {**possible, **value.get("responses", {})}
    for status in ("429", "503"):
        responses[status] = {**GATEWAY_ANSWERS[status], **responses[status]}
    security = [{_SECURITY: list(chain(*need.values()))} for need in value.get("security", [])]
    return {**value, "tags": [service], "responses": responses, "security": security}


def _collisions(documents: Mapping[str, Document]) -> set[str]:
    """Names that mean different things in different services, by themselves or by what they refer to."""
    versions: dict[str, list[Any]] = {}
    for document in documents.values():
        for name, schema in _schemas(document).items():
            versions.setdefault(name, []).append(schema)
    shared = {name: schemas for name, schemas in versions.items() if len(schemas) > 1}
    found = {name for name, schemas in shared.items() if any(schema != schemas[0] for schema in schemas)}
    while True:
        more = {name for name in shared.keys() - found if found & set(_references(shared[name][0]))}
        if not more:
            return found
        found |= more


def _references(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            yield target.removeprefix(_SCHEMA)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _with_references(node: Any, names: Mapping[str, str]) -> Any:
    """A copy in which references follow the new names."""
    if isinstance(node, dict):
        return {
            key: _target(value, names) if key == "$ref" else _with_references(value, names)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_with_references(value, names) for value in node]
    return node


def _target(reference: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(reference, str) or not reference.startswith(_SCHEMA):
        return reference
    name = reference.removeprefix(_SCHEMA)
    return _SCHEMA + names.get(name, name)


def _distinct_operation_ids(merged: Document) -> None:
    seen: set[str] = set()
    for item in merged["paths"].values():
        for method in METHODS & item.keys():
            operation = item[method]
            name = operation.get("operationId")
            if name in seen:
                name = operation["operationId"] = f"{_owned(operation['tags'][0], '')}_{name}"
            if name is not None:
                seen.add(name)


def _schemas(document: Document) -> dict[str, Any]:
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    return schemas


def _owned(service: str, name: str) -> str:
    return "".join(part.capitalize() for part in service.split("-")) + name


def _tag(service: str, document: Document) -> dict[str, str]:
    return {"name": service, "description": document.get("info", {}).get("description") or service}


def _scheme() -> dict[str, str]:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Signed token with the claims territory and scope. `make token` prints one for trying.",
    }


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemBody.model_json_schema(ref_template=_SCHEMA + "{model}")
    parts = schema.pop("$defs", {})
    return {"ProblemBody": schema, **parts}
