"""The quarterly question "do you accept new patients?": its period and its days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PERIOD_PATTERN = r"^20[0-9]{2}-Q[1-4]$"
LONGEST = timedelta(days=92)

State = Literal["draft", "open", "closed", "cancelled"]


@dataclass(frozen=True)
class Dates:
    """First and last day on which answers count, in Paris."""

    opens_on: date
    closes_on: date

    def fault(self, today: date) -> tuple[str, str, str] | None:
        """Field, code and why of dates that cannot be, or None."""
        if self.closes_on < today:
            return ("closes_on", "closes_in_the_past", "The last day for answers is over already")
        if self.opens_on > self.closes_on:
            return ("closes_on", "closes_before_opening", "The last day comes before the first")
        if self.closes_on - self.opens_on > LONGEST:
            return ("closes_on", "open_too_long", f"A campaign lasts {LONGEST.days} days at most")
        return None


def accepts_answers(state: str, dates: Dates, today: date) -> bool:
    """Whether an answer by link counts now: to the end of the last day, whatever the job does that closes."""
    return state == "open" and today <= dates.closes_on
