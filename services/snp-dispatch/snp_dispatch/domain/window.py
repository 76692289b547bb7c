"""When the visit may start: from `not_before` to the deadline, 48 h at most after receipt (délai SNP).

A policy may promise a kind of need within another delay: some days for a specialist's *rendez-vous de court délai*.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


class WindowRefused(Exception):
    """The asked times cannot be. `field` and `code` are stable."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.code, self.detail = field, code, detail


@dataclass(frozen=True)
class Window:
    """`starts_at` of a visit lies in [earliest, deadline]."""

    earliest: datetime
    deadline: datetime


def window(received_at: datetime, longest: timedelta, not_before: datetime | None, deadline: datetime | None) -> Window:
    """The window of a call received at `received_at`. Raises WindowRefused.

    Without a deadline the longest delay of the need type counts from receipt. An earlier deadline is
    kept; a later one than the policy promises is refused rather than cut, so that nobody waits in error.
    """
    latest = received_at + longest
    until = deadline or latest
    if until <= received_at:
        raise WindowRefused("constraints.deadline", "deadline_past", "The deadline has passed")
    if until > latest:
        hours = longest / timedelta(hours=1)
        raise WindowRefused(
            "constraints.deadline", "deadline_too_late", f"The policy promises this need within {hours:g} h"
        )
    if not_before is not None and not_before > until:
        raise WindowRefused(
            "constraints.not_before", "not_before_after_deadline", "not_before is later than the deadline"
        )
    return Window(max(received_at, not_before or received_at), until)
