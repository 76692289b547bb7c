"""The pages behind the personal link of a campaign."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fastapi import Response

from directory.api.link_pages import page
from directory.domain.acceptance import Rules
from directory.domain.french import french_day
from kit.problems import Problem
from kit.work import Record

_TITLE = "Nouveaux patients"
_REFUSED = {
    404: ("Lien inconnu", "Ce lien n'est pas valable.", "Ouvrez-le tel qu'il figure dans le message reçu, en entier."),
    410: (
        "Campagne terminée",
        "Cette campagne est terminée : ce lien ne permet plus de répondre.",
        "Pour changer votre réponse, adressez-vous à la coordination de votre CPTS.",
    ),
}


@dataclass(frozen=True)
class Filled:
    """What somebody wrote into the form, as they wrote it."""

    accepts: str = ""
    capacity: str = ""
    patients: list[str] = field(default_factory=list)
    until: str = ""


def form(link: Record, rules: Rules, territory: str, *, today: date, filled: Filled, fault: str = "") -> Response:
    """The question with its two buttons; with what was wrong, when something was (422)."""
    ask = {
        "territory": territory,
        "name": link["name"],
        "question": link["question"],
        "patients": list(rules.labels.items()),
        "chosen": filled.patients,
        "capacity": filled.capacity,
        "until": filled.until,
        "holds_until": french_day(today + timedelta(days=link["holds_days"])),
        "closes_on": french_day(link["closes_on"]),
    }
    told = ""
    if link["answered_at"] is not None and not fault:
        told = f"Votre réponse actuelle : {_word(bool(link['accepts']))}."
    return _page(422 if fault else 200, ask=ask, fault=fault, told=told)


def saved(stored: Record) -> Response:
    """Thanks, with what stands now."""
    told = f"Merci, votre réponse est enregistrée : {_word(stored['accepts'])}."
    until = french_day(stored["valid_until"])
    return _page(200, told=told, hint=f"Elle vaut jusqu'au {until}. Ce même lien permet de la changer.")


def refused(problem: Problem) -> Response:
    """A clear page for a link that does not work, of the problem's status."""
    title, fault, hint = _REFUSED[problem.status]
    return _page(problem.status, title=title, fault=fault, hint=hint)


def _word(accepts: bool) -> str:
    return "oui, vous acceptez de nouveaux patients" if accepts else "non, vous n'acceptez pas de nouveaux patients"


def _page(status: int, title: str = _TITLE, **parts: Any) -> Response:
    return page("answer.html.j2", status, title=title, **parts)
