"""Payloads that indicators owns."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.envelope import Payload


class RebuildCompleted(Payload):
    """The facts were read again from the first event. `identical` says the figures did not move."""

    rebuild_id: UUID
    facts: int
    identical: bool


class MaturityNoted(Payload):
    """An action sheet of the action plan was given a level of the CMMI scale, 1 to 5; `was` is the one before."""

    sheet: str
    level: int
    was: int
    plan_version: str


class ExportDelivered(Payload):
    """An export has arrived at its destination, or is kept for download. `schedule` is null when ordered by hand.

    `size` is that of its files together, in bytes; `tries` how often it was taken up since it was last asked for.
    """

    export_run_id: UUID
    schedule: str | None
    what: Literal["quarterly_dashboard", "half_yearly_report", "annual_report", "campaign_report"]
    period: str
    formats: tuple[str, ...]
    destination: Literal["download", "folder", "sftp", "s3", "webhook", "email"]
    tries: int
    files: int
    size: int


class PeriodApproved(Payload):
    """The figures of a period (`2026-Q3`) were approved, for the `number`th time. `figures`: how many have a value."""

    period: str
    starts_at: datetime
    ends_at: datetime
    number: int
    figures: int
    approved_at: datetime
