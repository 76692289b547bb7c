"""What the routes of periods take and answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.api.schemas import FigureOut, PeriodOut
from indicators.domain.catalogue import Catalogue
from indicators.domain.periods import Period, kept_period
from indicators.domain.reporting import State, Verb
from indicators.usecases.compare_with_approval import Change
from kit.answers import filled

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class ReopenIn(BaseModel):
    """Why a period is opened again."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(examples=["Des présences de décembre ont été saisies en janvier"])


class DoneOut(BaseModel):
    """Who did it, and when."""

    at: datetime
    by: str


class LateOut(BaseModel):
    """Facts of the period that came after its approval; they are not in the approved figures."""

    facts: int
    newest_at: datetime = Field(description="When the newest of them arrived")


class ReportingPeriodOut(BaseModel):
    """A period and how far its approval is. `number` counts the approvals; null: never approved."""

    period: PeriodOut
    state: State
    over: bool = Field(description="It has ended, so it may be submitted")
    version: int = Field(description="What `If-Match` names; 0: nothing was done yet")
    submitted: DoneOut | None
    approved: DoneOut | None
    locked: DoneOut | None
    number: int | None = Field(description="Of the last approved version of its figures")
    late_data: LateOut | None

    @classmethod
    def of(cls, period: Period, row: Mapping[str, Any] | None, now: datetime) -> "ReportingPeriodOut":
        told: Mapping[str, Any] = row or {}
        late = told.get("late_newest")
        return cls(
            period=PeriodOut.of(period),
            state=told.get("state", "open"),
            over=not period.is_open(now),
            version=told.get("version", 0),
            submitted=_done(told, "submitted"),
            approved=_done(told, "approved"),
            locked=_done(told, "locked"),
            number=told.get("approvals") or None,
            late_data=None if late is None else LateOut(facts=told["late_facts"], newest_at=late),
        )

    @classmethod
    def listed(cls, catalogue: Catalogue, row: Mapping[str, Any], now: datetime) -> "ReportingPeriodOut":
        """A row of the list, which names its period."""
        period = kept_period(row["period_id"], row["starts_at"], row["ends_at"], catalogue.zone)
        return cls.of(period, row, now)


class PeriodEventOut(BaseModel):
    """One thing that was done to a period. `late_data` happens by itself: `facts` came late, and nobody did it."""

    version: int
    verb: Verb
    state: State = Field(description="What it was then")
    at: datetime
    by: str | None
    reason: str | None
    facts: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "PeriodEventOut":
        return filled(cls, row)


class LateFactOut(BaseModel):
    """An event that arrived after the approval."""

    event_id: UUID
    type: str
    time: datetime = Field(description="When it happened")
    arrived_at: datetime


class ChangeOut(BaseModel):
    """A figure as it was approved and as it would be now, with the newest facts that may have moved it, at most ten."""

    id: str = Field(examples=["I-08"])
    approved: FigureOut
    now: FigureOut
    late_facts_total: int
    late_facts: list[LateFactOut]

    @classmethod
    def of(cls, change: Change) -> "ChangeOut":
        return cls(
            id=change.now.indicator.id,
            approved=FigureOut.of(change.approved),
            now=FigureOut.of(change.now),
            late_facts_total=change.late_total,
            late_facts=[filled(LateFactOut, row, time=row["occurred_at"]) for row in change.late],
        )


def _done(row: Mapping[str, Any], what: str) -> DoneOut | None:
    at = row.get(f"{what}_at")
    return None if at is None else DoneOut(at=at, by=row[f"{what}_by"])
