"""Technical problems that professionals report: what may become of one."""

from typing import Literal, TypeAlias

IssueState: TypeAlias = Literal["open", "in_progress", "answered", "closed"]
Severity: TypeAlias = Literal["blocking", "annoying", "minor"]

STATES_FR: dict[IssueState, str] = {
    "open": "ouvert",
    "in_progress": "en cours",
    "answered": "répondu",
    "closed": "clos",
}


def after_answer(asked: IssueState | None, by_reporter: bool) -> IssueState:
    """Where an issue stands after an answer: what its handler says, and open again when the reporter writes."""
    if by_reporter:
        return "open"
    return asked or "answered"
