"""Errors as RFC 9457 problem details with a stable `code`. A bad input names its field."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kit.context import current_trace
from kit.faults import CONTENDED, DISCONNECTED, UNSTORABLE

log = structlog.get_logger(__name__)

T = TypeVar("T")
MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One refused field. `field` is a path such as `patient.age`."""

    field: str
    message: str
    code: str


class ProblemBody(BaseModel):
    """RFC 9457 problem details. `code` is stable and for machines; `detail` is for people."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: list[FieldError] | None = None


class Problem(Exception):
    """A refusal that the caller can understand. `extra` members join the body (RFC 9457 section 3.2)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
        self.title = title or HTTPStatus(status).phrase
        self.headers, self.extra = dict(headers or {}), extra

    def response(self) -> Response:
        """The answer as bytes on the wire."""
        trace = current_trace.get()
        body = {
            "type": f"urn:cpts:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "request_id": trace.request_id if trace else None,
            **self.extra,
        }
        return Response(orjson.dumps(body, default=str), self.status, self.headers, MEDIA_TYPE)


def or_404(row: T | None, code: str, detail: str | None = None) -> T:
    """The row. Raises Problem 404 with this code (`exercise_unknown`) when there is none."""
    if row is None:
        what = code.removesuffix("_unknown").replace("_", " ")
        raise Problem(404, code, detail or f"This territory has no such {what}")
    return row


def field_problem(field: str, code: str, detail: str) -> Problem:
    """422 for one field that the schema alone could not judge (an unknown commune, a deadline in the past)."""
    return Problem(422, code, detail, errors=[{"field": field, "message": detail, "code": code}])


_STANDARD = {
    400: "Missing Idempotency-Key",
    401: "No token, or one that is expired or not ours",
    403: "The token lacks the scope, or is for another territory",
    404: "No such resource in this territory",
    409: "Conflict with the present state",
    410: "Gone: its time has passed",
    412: "The resource changed since it was read (If-Match)",
    413: "Body too large",
    415: "Unsupported content type",
    422: "Malformed or refused input, `errors` names the fields; or an Idempotency-Key back with another body",
    429: "Too many requests for this kind of token",
    500: "Our fault; the request had no effect",
    503: "A needed part is not available; try again after Retry-After seconds",
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of these statuses, all problem details."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {"description": _STANDARD[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


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


def missing_idempotency_key() -> Problem:
    """400: a POST with an effect came without the header that makes it safe to repeat."""
    return Problem(400, "idempotency_key_required", "Send an Idempotency-Key header with every POST")


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
