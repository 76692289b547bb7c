"""JSON logs on standard output. Never a patient: log ids and codes, not values of a request."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import orjson
import structlog

from kit.context import current_trace


def _with_trace(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    trace = current_trace.get()
    if trace:
        event.update(request_id=trace.request_id, correlation_id=trace.correlation_id, trace_id=trace.trace_id)
    return event


def _without_values(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replaces an exception by its type and the places it went through.

    Its message is left out: a database or validation error repeats the values of the row, and a row
    may be a patient's.
    """
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if error is not None:
        event["exception"] = type(error).__qualname__
        frames = traceback.extract_tb(error.__traceback__)
        event["stack"] = [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in frames[-12:]]
    return event


def configure(service: str, process: str, level: str) -> None:
    """Sends structlog and the standard library's logs through one JSON line format."""

    def identify(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        event.update(service=service, process=process)
        return event

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
        identify,
        _without_values,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_dumps),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "nats", "alembic.runtime.migration"):
        logging.getLogger(noisy).setLevel("WARNING")


def _dumps(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
