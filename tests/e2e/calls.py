"""What callers of the whole stack send."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

Token = Callable[..., str]
Client = Callable[..., httpx.AsyncClient]


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def a_call(**changes: Any) -> dict[str, Any]:
    """The body of a call that fits the sample's slots; `changes` replace members, a dict merges into one."""
    body: dict[str, Any] = {
        "origin": "ed",
        "caller": {"organisation": "CHIRC", "professional_rpps": "99000000016"},
        "patient": {"ref": None, "age": 67, "commune": "35236", "regular_doctor_rpps": None, "mobility": "walks"},
        "need": {
            "profession": "10",
            "specialty": "general-practice",
            "reason": "otitis",
            "triage": {"scale": "FRENCH", "level": "5"},
            "red_flags": [],
            "senior_validation": True,
            "patient_agrees": True,
        },
        "constraints": {"max_distance_km": 30, "modes": ["AMB"], "not_before": None, "deadline": None},
        "mode": "propose",
    }
    for name, value in changes.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) else value
    return body
