"""The table of visits that steps need."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string

LIVE = "state IN ('wanted', 'asked', 'booked')"


class StepVisit(Table, table=True):
    """One asking for the visit that a step needs; the call in the dispatch has its id, and is asked for at `asked_at`.

    `due_at` is that of the step when it was wanted. It refers to its step and not to the enrolment: a timer that
    holds a step must not wait for the enrolment, which whoever changes the plan holds first.
    """

    __tablename__ = "step_visit"
    __table_args__ = (
        Index("ux_step_visit_live", "step_id", unique=True, postgresql_where=text(LIVE)),
        Index("ix_step_visit_step_id", "step_id", "id"),
        Index("ix_step_visit_enrolment_id", "enrolment_id"),
        Index("ix_step_visit_wanted", "id", postgresql_where=text("state = 'wanted'")),
        Index("ix_step_visit_told", "id", postgresql_where=text("state IN ('asked', 'booked')")),
        CheckConstraint(
            "state IN ('wanted', 'asked', 'booked', 'fulfilled', 'missed', 'cancelled', 'expired', 'refused', "
            "'withdrawn')",
            "state",
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    step_id: UUID = Field(foreign_key="step.id")
    enrolment_id: UUID
    attempt: int = Field(sa_type=SmallInteger)
    state: str = string()
    due_at: datetime = instant()
    asked_at: datetime | None = instant(nullable=True)
    deadline: datetime | None = instant(nullable=True)
    call_end: str | None = string(default=None)
    booking_id: UUID | None = None
    reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
