"""The pages behind the personal link of a call-up of volunteers."""

from collections.abc import Sequence
from typing import Any

from fastapi import Response

from directory.api.link_pages import page
from directory.domain.french import french_time
from kit.problems import Problem
from kit.work import Record

_TITLE = "Appel à volontaires"
_REFUSED = {
    404: ("Lien inconnu", "Ce lien n'est pas valable.", "Ouvrez-le tel qu'il figure dans le message reçu, en entier."),
    410: (
        "Appel terminé",
        "Cet appel est terminé : ce lien ne permet plus de répondre.",
        "Adressez-vous à la coordination de votre CPTS.",
    ),
}
_FAULTS = {
    "period_refused": "Le début et la fin sont dans le temps de l'appel, la fin après le début.",
    "shift_full": "Toutes les places de ce créneau sont prises.",
    "already_on_duty": "Vous êtes déjà inscrit ailleurs à cette heure.",
    "profession_not_wanted": "Ce créneau demande une autre profession.",
    "shift_cancelled": "Ce créneau est annulé.",
    "shift_over": "Ce créneau est terminé.",
}


def form(
    link: Record,
    territory: str,
    shifts: Sequence[Record],
    *,
    fault: str = "",
    taken: Record | None = None,
    filled: tuple[str, str] = ("", ""),
) -> Response:
    """The question with its buttons, what stands, and the free shifts; with what was wrong (422)."""
    ask: dict[str, Any] = {
        "territory": territory,
        "name": link["name"],
        "need": link["title"],
        "place": link["place"],
        "starts": french_time(link["needed_from"]),
        "ends": french_time(link["needed_until"]),
        "from_": filled[0],
        "until": filled[1],
        "shifts": [_shift(it) for it in shifts],
    }
    return page("call_up.html.j2", 422 if fault else 200, title=_TITLE, ask=ask, fault=fault, told=_told(link, taken))


def refused(problem: Problem) -> Response:
    """A clear page for a link that does not work, of the problem's status."""
    title, fault, hint = _REFUSED[problem.status]
    return page("call_up.html.j2", problem.status, title=title, fault=fault, hint=hint)


def fault_of(problem: Problem) -> str:
    """What was wrong, in words for the page."""
    return _FAULTS.get(problem.code, "Réponse refusée.")


def _told(link: Record, taken: Record | None) -> str:
    if taken is not None:
        return "Merci, vous êtes inscrit sur ce créneau."
    if link["answered_at"] is None:
        return ""
    if not link["available"]:
        return "Votre réponse est enregistrée : vous n'êtes pas disponible."
    starts, ends = french_time(link["available_from"]), french_time(link["available_until"])
    return f"Merci, votre réponse est enregistrée : vous êtes disponible du {starts} au {ends}."


def _shift(row: Record) -> dict[str, Any]:
    times = {"starts": french_time(row["starts_at"]), "ends": french_time(row["ends_at"])}
    return {"id": row["id"], **times, "free": row["seats"] - row["taken"]}
