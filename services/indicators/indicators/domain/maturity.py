"""How mature an action is (*niveau de maturité*), on the CMMI scale (Capability Maturity Model Integration)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

Level = Annotated[int, Field(ge=1, le=5)]

LABELS = {1: "Initial", 2: "Reproductible", 3: "Défini", 4: "Maîtrisé", 5: "Optimisé"}
"""The words of the project document; those of levels 4 and 5 are the scale's own."""


@dataclass(frozen=True)
class MaturityEntry:
    """One line of a sheet's history. Number 0 is the plan's own; `was` is the level before it."""

    number: int
    level: int
    was: int | None
    reason: str
    noted_by: str | None
    noted_at: datetime
