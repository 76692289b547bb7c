"""Errors as RFC 9457 problem details with a stable `code`. A bad input names its field."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from kit.context import current_trace

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


def missing_idempotency_key() -> Problem:
    """400: a POST with an effect came without the header that makes it safe to repeat."""
    return Problem(400, "idempotency_key_required", "Send an Idempotency-Key header with every POST")
