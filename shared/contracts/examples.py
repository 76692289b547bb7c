"""What callers send, as the API's documentation, the demo, the bench and the tests use it."""

from typing import Any


def an_ed_call(**changes: Any) -> dict[str, Any]:
    """The body of `POST /v1/calls` of an emergency department: a general practitioner near Redon, within 48 h.

    `changes` replace members; a dict merges into the member of that name. It is the call of
    docs/examples/ed_client.py, a file that a partner copies alone.
    """
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
