"""Pathways made for a test."""

from typing import Any

from pathways.domain.template import Template

PLAIN: dict[str, Any] = {
    "id": "example",
    "version": "1",
    "valid_from": "2026-01-01",
    "validated_by": None,
    "label": "Exemple",
    "specialty": "oncology",
    "sensitive": False,
    "roles": [{"code": "nurse", "label": "Infirmière"}],
    "consent": {"version": "1", "text": "Oui"},
}


def template(*steps: dict[str, Any], **parts: Any) -> Template:
    """A pathway of these steps, whose label and role need not be said."""
    filled = [{"label": step["code"], "role": "nurse", **step} for step in steps]
    return Template.model_validate({**PLAIN, "steps": filled, **parts})
