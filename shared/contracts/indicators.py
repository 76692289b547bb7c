"""Payloads that indicators owns."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Payload


class RebuildCompleted(Payload):
    """The facts were read again from the first event. `identical` says the figures did not move."""

    rebuild_id: UUID
    facts: int
    identical: bool


class PeriodApproved(Payload):
    """The figures of a period (`2026-Q3`) were approved, for the `number`th time. `figures`: how many have a value."""

    period: str
    starts_at: datetime
    ends_at: datetime
    number: int
    figures: int
    approved_at: datetime
