"""What a personal care plan (*plan personnalisé de soins*, PPS) says, and what changed from one version to the next.

A version is made from what stands on the day it is published and never changes (projet de santé, fiche action F2.1).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from pathways.domain.template import Template

StepStands = Literal["planned", "late", "done"]
_STANDS: dict[str, StepStands] = {
    "planned": "planned",
    "due": "planned",
    "paused": "planned",
    "overdue": "late",
    "done": "done",
}
"""States of steps that a plan names; the others (skipped, cancelled, not needed) are no part of it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlannedStep(_Part):
    """A step as the plan says it, `plain` for the patient; days are the first and the last of its window."""

    key: str
    label: str
    plain: str
    role: str
    from_on: date
    due_on: date
    stands: StepStands


class Contact(_Part):
    """A member of the care team, and how to reach them at work: what the directory publishes, as the author gave it."""

    member_id: UUID
    person: str
    role: str
    name: str | None = None
    place: str | None = None
    phone: str | None = None
    secure_mailbox: str | None = None


class CarePlan(_Part):
    """What a version says. No identity of the patient: it is put on paper when somebody who may see it prints it."""

    pathway: str
    plain: str | None
    goals: tuple[str, ...]
    instructions: tuple[str, ...]
    note: str | None
    steps: tuple[PlannedStep, ...]
    team: tuple[Contact, ...]
    author: str
    made_at: datetime


DifferenceKind = Literal[
    "step_added",
    "step_gone",
    "step_moved",
    "step_done",
    "step_late",
    "step_undone",
    "member_joined",
    "member_left",
    "contact_changed",
    "goal_added",
    "goal_gone",
    "instruction_added",
    "instruction_gone",
    "note_changed",
]


_BECAME: dict[StepStands, DifferenceKind] = {"done": "step_done", "late": "step_late", "planned": "step_undone"}


class Difference(_Part):
    """One thing that the version before said otherwise."""

    kind: DifferenceKind
    what: str


def planned_steps(template: Template | None, rows: Iterable[Mapping[str, Any]]) -> tuple[PlannedStep, ...]:
    """The steps of an enrolment in order of time; plain words and roles are those of its pathway."""
    plain = {it.code: it.plain for it in template.steps if it.plain} if template else {}
    roles = {it.code: it.label for it in template.roles} if template else {}
    found = [
        PlannedStep(
            key=row["key"],
            label=row["label"],
            plain=plain.get(row["code"], row["label"]),
            role=roles.get(row["role"], row["role"]),
            from_on=row["from_on"],
            due_on=row["due_on"],
            stands=_STANDS[row["state"]],
        )
        for row in rows
        if row["state"] in _STANDS
    ]
    return tuple(sorted(found, key=lambda it: (it.due_on, it.from_on, it.key)))


def differences(before: CarePlan, after: CarePlan) -> tuple[Difference, ...]:
    """What a reader of the version before has to know, steps first."""
    return (
        *_of_steps(before, after),
        *_of_team(before, after),
        *_of_texts("goal_added", "goal_gone", before.goals, after.goals),
        *_of_texts("instruction_added", "instruction_gone", before.instructions, after.instructions),
        *([Difference(kind="note_changed", what=after.note or "")] if before.note != after.note else []),
    )


def _of_steps(before: CarePlan, after: CarePlan) -> Iterator[Difference]:
    old, new = {it.key: it for it in before.steps}, {it.key: it for it in after.steps}
    for key, step in new.items():
        was = old.get(key)
        if was is None:
            yield Difference(kind="step_added", what=step.label)
        elif was.stands != step.stands:
            yield Difference(kind=_BECAME[step.stands], what=step.label)
        elif (was.from_on, was.due_on) != (step.from_on, step.due_on):
            yield Difference(kind="step_moved", what=step.label)
    yield from (Difference(kind="step_gone", what=step.label) for key, step in old.items() if key not in new)


def _of_team(before: CarePlan, after: CarePlan) -> Iterator[Difference]:
    old, new = {it.member_id: it for it in before.team}, {it.member_id: it for it in after.team}
    for member_id, contact in new.items():
        if member_id not in old:
            yield Difference(kind="member_joined", what=called(contact))
        elif old[member_id] != contact:
            yield Difference(kind="contact_changed", what=called(contact))
    yield from (Difference(kind="member_left", what=called(it)) for key, it in old.items() if key not in new)


def _of_texts(
    added: DifferenceKind, gone: DifferenceKind, before: Iterable[str], after: Iterable[str]
) -> Iterator[Difference]:
    old, new = tuple(before), tuple(after)
    yield from (Difference(kind=added, what=it) for it in new if it not in old)
    yield from (Difference(kind=gone, what=it) for it in old if it not in new)


def called(contact: Contact) -> str:
    """How a plan names a member: by name when it is known, with the role."""
    return f"{contact.name} ({contact.role})" if contact.name else contact.role
