"""Which operations a service has and the scopes of each: OpenAPI without its schemas.

The gateway needs this of every service before it can serve. The whole document costs a second or two of processor
time, so it is made when somebody reads it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

SECURITY = "HTTPBearer"


def operations(app: FastAPI) -> dict[str, Any]:
    """`paths` as in the OpenAPI document (section 4.8.8), each operation with nothing but its `security`."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            security = [{SECURITY: list(dict.fromkeys(_scopes(route.dependant)))}]
            paths[route.path_format].update({method.lower(): {"security": security} for method in route.methods or ()})
    return {"paths": paths}


def _scopes(dependant: Dependant) -> Iterator[str]:
    yield from dependant.own_oauth_scopes or ()
    for needed in dependant.dependencies:
        yield from _scopes(needed)
