"""Payloads that indicators owns."""

from uuid import UUID

from contracts.envelope import Payload


class RebuildCompleted(Payload):
    """The facts were read again from the first event. `identical` says the figures did not move."""

    rebuild_id: UUID
    facts: int
    identical: bool
