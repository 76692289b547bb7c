"""What becomes of a period: open, submitted, approved, locked, and back to open with a reason."""

from dataclasses import dataclass
from typing import Literal

State = Literal["open", "submitted", "approved", "locked"]
Verb = Literal["submitted", "approved", "locked", "reopened", "late_data"]
"""What is told in the history. `late_data`: facts of the period came after it was submitted."""

CLOSED: frozenset[State] = frozenset({"approved", "locked"})
"""States in which a period answers with its approved figures."""


class MoveRefusedError(Exception):
    """The period is not in a state from which this may be done; `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Move:
    """One thing that is done to a period: from which states, into which, and the code of the refusal elsewhere."""

    verb: Verb
    sources: frozenset[State]
    target: State
    refusal: str

    def check(self, state: State) -> None:
        """Raises MoveRefusedError unless the period is in a state from which it may be done."""
        if state not in self.sources:
            wanted = " or ".join(sorted(self.sources))
            raise MoveRefusedError(self.refusal, f"The period is {state}; it must be {wanted}")


SUBMIT = Move("submitted", frozenset({"open"}), "submitted", "period_not_open")
APPROVE = Move("approved", frozenset({"submitted"}), "approved", "period_not_submitted")
LOCK = Move("locked", frozenset({"approved"}), "locked", "period_not_approved")
REOPEN = Move("reopened", frozenset({"submitted", "approved", "locked"}), "open", "period_already_open")
