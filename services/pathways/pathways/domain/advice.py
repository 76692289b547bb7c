"""Advice between professionals, as a territory's data says it (`deploy/reference/advice.yaml`)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

AdviceKind = Literal["advice", "teleconsultation", "teleexpertise"]
AdviceState = Literal["asked", "answered", "declined", "withdrawn"]
DeclineReason = Literal["unavailable", "not_my_field", "needs_visit", "incomplete", "other"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Delays(_Part):
    """Hours within which an answer is due, and after which the next of the order is asked."""

    label: str
    answer_hours: int = Field(ge=1, le=720)
    next_after_hours: int = Field(ge=1, le=720)


class AdviceRules(_Part):
    """The file `advice.yaml`."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    kinds: Mapping[AdviceKind, Delays]

    @model_validator(mode="after")
    def _every_kind(self) -> Self:
        if missing := {"advice", "teleconsultation", "teleexpertise"} - set(self.kinds):
            raise ValueError(f"kinds: no delays for {', '.join(sorted(missing))}")
        return self


def next_at(delays: Delays, now: datetime, due_at: datetime, *, others: bool) -> datetime | None:
    """When something is done about a question that is not answered: the next is asked, or at the end it is overdue."""
    if others:
        return now + timedelta(hours=delays.next_after_hours)
    return due_at if due_at > now else None
