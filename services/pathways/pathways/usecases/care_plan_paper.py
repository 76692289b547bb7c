"""A personal care plan in French, as parts of a page: the same for the screen and for paper."""

from collections.abc import Iterable, Sequence
from datetime import date

from kit.pdf import Block, Grid, Heading, Text
from pathways.domain.care_plan import CarePlan, Contact, Difference, DifferenceKind, PlannedStep
from pathways.domain.dating import midnight
from pathways.domain.french_time import french_day

TITLE = "Plan personnalisé de soins (PPS)"
_CHANGED: dict[DifferenceKind, str] = {
    "step_added": "Étape ajoutée",
    "step_gone": "Étape retirée",
    "step_moved": "Étape à une autre date",
    "step_done": "Étape faite",
    "step_late": "Étape en retard",
    "step_undone": "Étape de nouveau à faire",
    "member_joined": "Rejoint l'équipe",
    "member_left": "Quitte l'équipe",
    "contact_changed": "Coordonnées changées",
    "goal_added": "Nouvel objectif",
    "goal_gone": "Objectif retiré",
    "instruction_added": "Nouvelle consigne",
    "instruction_gone": "Consigne retirée",
    "note_changed": "Le mot de l'équipe a changé",
}


def french_window(from_on: date, due_on: date) -> str:
    """`le 3 décembre 2026`, `entre le 3 décembre 2026 et le 7 janvier 2027`."""
    first, last = french_day(midnight(from_on)), french_day(midnight(due_on))
    return f"le {last}" if first == last else f"entre le {first} et le {last}"


def sentence(difference: Difference) -> str:
    """`Étape à une autre date : Bilan sanguin`."""
    told = _CHANGED[difference.kind]
    return told if difference.kind == "note_changed" else f"{told} : {difference.what}"


def paper(plan: CarePlan, changed: Sequence[Difference], *, number: int, patient: str | None) -> list[Block]:
    """The whole plan. `patient` is the line that says whose it is, None where the reader may not see it."""
    head = [patient] if patient else []
    head += [plan.pathway, f"Version {number}, établie le {french_day(plan.made_at)}"]
    parts: list[Block] = [Text("\n".join(head))]
    parts += [Text(plan.plain)] if plan.plain else []
    parts += _listed("Ce qui change depuis la version précédente", [sentence(it) for it in changed])
    parts += _listed("Nos objectifs", plan.goals)
    parts += [Heading("Ce qui est prévu"), _steps(plan.steps)]
    parts += _listed("Ce qu'il faut savoir", plan.instructions)
    parts += [Heading("Le mot de l'équipe"), Text(plan.note)] if plan.note else []
    parts += [Heading("Votre équipe"), _team(plan.team), Text("En cas d'urgence vitale : appelez le 15 ou le 112.")]
    return parts


def _listed(title: str, lines: Iterable[str]) -> list[Block]:
    found = [f"• {line}" for line in lines]
    return [Heading(title), Text("\n".join(found))] if found else []


def _steps(steps: Iterable[PlannedStep]) -> Grid:
    rows = [(_when(it), it.plain, it.role) for it in steps]
    return Grid(("Quand", "Quoi", "Avec qui"), rows, (3, 5, 3))


def _when(step: PlannedStep) -> str:
    if step.stands == "done":
        return "Fait"
    when = french_window(step.from_on, step.due_on)
    return f"{when} (en retard)" if step.stands == "late" else when


def _team(team: Iterable[Contact]) -> Grid:
    rows = [(it.role, it.name or "", "\n".join(filter(None, (it.phone, it.place, it.secure_mailbox)))) for it in team]
    return Grid(("Rôle", "Nom", "Coordonnées"), rows, (3, 3, 4))
