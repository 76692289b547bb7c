"""Every exception of a request becomes problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kit.faults import CONTENDED, DISCONNECTED, UNSTORABLE
from kit.problems import Problem, missing_idempotency_key

log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Turns every exception of a request into problem details."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in (*DISCONNECTED, *CONTENDED, *UNSTORABLE):
        app.add_exception_handler(kind, _on_database)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101
    return error.response()


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # The refused value is not repeated: it may be a patient's.
    errors = [{"field": _path(item["loc"]), "message": item["msg"], "code": item["type"]} for item in error.errors()]
    if any(item["field"].lower() == "idempotency-key" and item["code"] == "missing" for item in errors):
        return missing_idempotency_key().response()
    if error.errors()[0]["type"] == "json_invalid":
        return Problem(422, "malformed_json", f"The body is not JSON, at character {errors[0]['field']}").response()
    fields = ", ".join(item["field"] or "body" for item in errors)
    return Problem(422, "invalid_input", f"Refused: {fields}", errors=errors).response()


def _path(location: tuple[Any, ...]) -> str:
    where = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    return ".".join(str(part) for part in where)


async def _on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 400 and isinstance(error.__cause__, ValueError):
        # What FastAPI raises for a body that is not even text.
        return Problem(422, "malformed_json", "The body is not JSON in UTF-8").response()
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
    return Problem(error.status_code, code, str(error.detail), headers=error.headers).response()


async def _on_database(request: Request, error: Exception) -> Response:
    if isinstance(error, UNSTORABLE):
        log.warning("value refused by the database", error=type(error).__name__, route=_route(request))
        return Problem(422, "invalid_value", "A value cannot be stored or compared; nothing was done").response()
    if not isinstance(error, (*DISCONNECTED, *CONTENDED)):
        return await _on_unexpected(request, error)
    log.warning("database unavailable", error=type(error).__name__, route=_route(request))
    return Problem(
        503, "database_unavailable", "The database did not answer; nothing was done", headers={"Retry-After": "1"}
    ).response()


async def _on_unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected error", route=_route(request), exc_info=error)
    return Problem(500, "internal_error", "Something failed on our side; nothing was done").response()


def _route(request: Request) -> str | None:
    return getattr(request.scope.get("route"), "path", None)
