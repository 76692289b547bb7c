"""How routes answer what a new plan shifts."""

from collections.abc import Iterable

from pathways.api.schemas_enrolments import ReplannedOut, ShiftOut
from pathways.domain.replanning import Shift


def replanned(found: Iterable[Shift], *, preview: bool) -> ReplannedOut:
    """Every step that shifts."""
    return ReplannedOut(preview=preview, shifted=[_shift(it) for it in found])


def _shift(it: Shift) -> ShiftOut:
    return ShiftOut(
        step_id=it.step.id,
        key=it.step.key,
        label=it.step.label,
        was_from_on=it.step.window.from_on,
        was_due_on=it.step.window.due_on,
        from_on=it.window.from_on,
        due_on=it.window.due_on,
        was_state=it.step.state,
        state=it.state,
    )
