"""What was said of a visit after it, and taken back."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class OutcomeOut(BaseModel):
    """An outcome, or that the one before was taken back (`undone`)."""

    said_at: datetime
    outcome: Literal["fulfilled", "no_show", "undone"]
    source: str = Field(description="Role of who said it; import for a client without a role")
    absent: Literal["patient", "practitioner"] | None = None
    reason: str | None = Field(default=None, description="Why it was taken back")
