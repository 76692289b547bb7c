"""Payloads that indicators owns."""

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
