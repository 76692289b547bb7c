"""What the software of an emergency department is told of its calls, and where in the story it stands.

The story is the outbox of this service. A position in it is (transaction, number): numbers are drawn before
transactions commit, so that a lower number may appear after a higher one; a transaction below the oldest one still
running never appears anew. See docs/adr/0015.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_TYPE = re.compile(r"fr\.cpts\.snp-dispatch\.(.+)\.v\d+\Z")

NAMES = {
    "booking.confirmed": "booked",
    "booking.moved": "moved",
    "booking.cancelled": "cancelled",
    "call.cancelled": "cancelled",
    "booking.fulfilled": "seen",
    "booking.missed": "missed",
    "booking.outcome_undone": "outcome_undone",
    "call.not_seen": "not_seen",
    "call.offered": "offered",
    "call.expired": "expired",
    "call.escalated": "escalated",
}
"""Event of the bus -> what it is called on the stream. Other events are not told there."""

TOLD = frozenset({
    "call_id", "booking_id", "slot_id", "hold_id", "effector", "starts_at", "ends_at", "commune", "mode", "by",
    "reason", "absent", "deadline", "expires_at", "from_slot_id", "from_starts_at", "step", "why",
    "outcome", "redirect_to", "next_at",
})  # fmt: skip
"""Members of a payload that are repeated. Anything else stays on the bus, the pseudonym of the patient first."""


class Position(NamedTuple):
    """How far a reader has come. Later is greater."""

    transaction: int
    number: int

    def __str__(self) -> str:
        return f"{self.transaction}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "Position":
        """Raises ValueError for what no stream has ever said."""
        if not re.fullmatch(r"\d{1,18}\.\d{1,18}", text, re.ASCII):
            raise ValueError(text)
        return cls(*map(int, text.split(".")))


@dataclass(frozen=True)
class Status:
    """One event of a call, with who may hear it."""

    position: Position
    name: str
    call_id: str
    client: str
    organisation: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Audience:
    """Which statuses a reader hears: of one call, of a client, of an organisation; all of a territory when empty."""

    call_id: str | None = None
    client: str | None = None
    organisation: str | None = None

    def hears(self, status: Status) -> bool:
        return (
            self.call_id in (None, status.call_id)
            and self.client in (None, status.client)
            and self.organisation in (None, status.organisation)
        )


def name_of(event_type: str) -> str | None:
    """What the stream calls an event of the bus, None for one that it does not tell."""
    found = _TYPE.match(event_type)
    return NAMES.get(found[1]) if found else None


def told(event: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The data of a status, from the envelope of its event."""
    members = {key: value for key, value in event["data"].items() if key in TOLD and value is not None}
    return {"event": name, "event_id": event["id"], "at": event["time"], **members}
