"""What an import counts, and how far it is."""

from collections import Counter
from typing import Literal

from pydantic import BaseModel, Field

State = Literal["queued", "running", "completed", "failed"]
Phase = Literal["reading", "checking", "persons", "gone", "structures", "done"]
Scope = Literal["whole", "partial"]
"""Whether a file names everybody: only then is one whom it does not name gone."""

_READING_ENDS, _PERSONS_END = 50, 95
"""Percent. Reading and merging the persons take about the same time; the structures take little."""


class Counts(BaseModel):
    """Figures of one run. Lines are those of the file below its header; empty ones do not count."""

    lines_read: int = 0
    lines_rejected: int = 0
    lines_duplicate: int = Field(default=0, description="Exact repetitions of another line of the same person")
    lines_merged: int = 0
    persons_added: int = 0
    persons_changed: int = 0
    persons_unchanged: int = 0
    structures_added: int = 0
    structures_changed: int = 0
    structures_unchanged: int = 0
    places_unresolved: int = Field(default=0, description="Activities whose commune the source does not settle")
    rejected_by_cause: dict[str, int] = {}
    structures_gone: int = Field(default=0, description="Listed by FINESS until now, not in this whole file")
    persons_gone: int = Field(default=0, description="Listed until now, no longer named by this whole file")
    lines_warned: int = Field(default=0, description="Kept although something is wrong: see `/warnings`")
    warned_by_cause: dict[str, int] = {}

    def refuse(self, causes: Counter[str]) -> None:
        """Adds refused lines."""
        self.lines_rejected += causes.total()
        self.rejected_by_cause = dict(Counter(self.rejected_by_cause) + causes)

    def warn(self, causes: Counter[str]) -> None:
        """Adds lines kept with a warning."""
        self.lines_warned += causes.total()
        self.warned_by_cause = dict(Counter(self.warned_by_cause) + causes)


def gone_refusal(what: str, gone: int, listed: int, share: float) -> str | None:
    """Why a file may not be merged: one cut short must not empty the register. `share` is of those listed, 0 to 1."""
    if gone <= share * listed:
        return None
    return (
        f"{gone} of {listed} listed {what} are not in this file, more than {share:.1%}: is it whole? "
        "Nothing was merged. Send it again with confirm_gone, or as scope partial"
    )


def percent(phase: Phase, counts: Counts, read_bytes: int, file_size: int) -> int:
    """How much of a run is behind, 0 to 100."""
    if phase == "reading":
        return _READING_ENDS * read_bytes // max(file_size, 1)
    if phase == "checking":
        return _READING_ENDS
    if phase in ("persons", "structures"):
        staged = max(counts.lines_read - counts.lines_rejected, 1)
        return _READING_ENDS + (_PERSONS_END - _READING_ENDS) * counts.lines_merged // staged
    return _PERSONS_END if phase == "gone" else 100
