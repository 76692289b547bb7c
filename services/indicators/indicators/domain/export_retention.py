"""How long files of exports are kept, as dated data: `deploy/indicators/export-retention.yaml`, or a territory's own.

What was exported, when, with which checksum and receipt stays known; the files themselves are given up.
"""

from datetime import date, datetime
from typing import get_args

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, model_validator

from indicators.domain.exports import What


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(_Part):
    """From the day `since` on, files of such a report are kept for so many months after they were made."""

    what: What
    since: date
    months: int = Field(ge=1, le=1200)
    source: str = Field(min_length=1, max_length=300)


class ExportRetention(_Part):
    """The rules of a territory. Of several of one report the latest that has begun holds, for older files too."""

    version: str
    kept: tuple[Kept, ...]

    @model_validator(mode="after")
    def _is_whole(self) -> "ExportRetention":
        keys = [(it.what, it.since) for it in self.kept]
        if len(set(keys)) != len(keys):
            raise ValueError("two rules of one report begin on one day")
        if silent := sorted(set(get_args(What)) - {it.what for it in self.kept}):
            raise ValueError(f"nothing is said of {', '.join(silent)}")
        return self

    def cutoff(self, what: What, now: datetime) -> datetime | None:
        """Files that were made before it are given up; None while no rule has begun. `now` in the territory's time."""
        begun = [it for it in self.kept if it.what == what and it.since <= now.date()]
        return months_before(now, max(begun, key=lambda it: it.since).months) if begun else None


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months before, or the last of that month; at the same time of the clock."""
    return now - relativedelta(months=months)
