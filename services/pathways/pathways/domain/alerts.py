"""Who is asked about an alert of a pathway, in which order and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from pathways.domain.access import AccessRules
from pathways.domain.template_parts import Alert


@dataclass(frozen=True)
class Member:
    """Somebody of the care team who may read clinical content; `role` as in the team."""

    rpps: str
    role: str


@dataclass(frozen=True)
class Turn:
    """Somebody who is asked, and how many minutes they have before the next one is."""

    rpps: str
    minutes: int


def turns(alert: Alert, team: Sequence[Member], rules: AccessRules) -> list[Turn]:
    """In the order of the alert, each person once. When the team has nobody of it, everybody of the team."""
    found: dict[str, int] = {}
    for responder in alert.responders:
        roles = rules.answering(responder.role)
        for it in team:
            if it.role in roles:
                found.setdefault(it.rpps, responder.within_minutes)
    found = found or dict.fromkeys((it.rpps for it in team), alert.responders[-1].within_minutes)
    return [Turn(rpps, minutes) for rpps, minutes in found.items()]
