"""Following an effector's own calendar by its address: how often it is read, and what is told when it cannot be."""

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from snp_dispatch.domain.catalogue import Rules

Result: TypeAlias = Literal[
    "read", "unchanged", "address_refused", "name_unknown", "unreachable", "certificate", "timeout", "redirects",
    "too_large", "answer_unreadable", "status", "not_a_calendar", "sealed",
]  # fmt: skip

MESSAGES: dict[Result, str] = {
    "read": "Read, and free slots in its busy time are closed",
    "unchanged": "Read; nothing changed since the time before",
    "address_refused": "The address leads, itself or by a redirect, to a place that is not on the public internet",
    "name_unknown": "No server of this name is known: check the address for a slip",
    "unreachable": "The server does not answer",
    "certificate": "The server's certificate is not valid for this name",
    "timeout": "The server took too long",
    "redirects": "The server sends from one address to the next and never to a calendar",
    "too_large": "The calendar is larger than may be read: publish a shorter period of it",
    "answer_unreadable": "The server answers something that cannot be read",
    "status": "The server answers with an error: 401, 403, 404 or 410 mean that the address was changed or revoked",
    "not_a_calendar": "What the server answers is no calendar (iCalendar): it may be a page that asks for a password",
    "sealed": "The address cannot be opened any more: set it again",
}
"""What the owner of an address is told, in clear words."""


class BusyCalendarRules(Rules):
    """`deploy/territories/<slug>/snp-busy-calendar.yaml`; these values where a territory has no file."""

    version: str = "none"
    every_minutes: int = Field(default=30, ge=5, le=1440, description="How often an address is read")
    longest_wait_minutes: int = Field(default=720, ge=5, le=10_080, description="At most, while reading it fails")
    whole_hours: int = Field(default=12, ge=1, le=168, description="Read whole at least so often, changed or not")
    seconds: float = Field(default=15, ge=1, le=60, description="For one reading, redirects included")
    max_bytes: int = Field(default=500_000, ge=1000, le=5_000_000)

    @model_validator(mode="after")
    def _waits(self) -> "BusyCalendarRules":
        if self.longest_wait_minutes < self.every_minutes:
            raise ValueError("longest_wait_minutes is shorter than every_minutes")
        return self

    def next_read(self, now: datetime, failures: int) -> datetime:
        """After `failures` in a row: twice as long each time."""
        minutes = min(self.every_minutes * 2 ** min(failures, 16), self.longest_wait_minutes)
        return now + timedelta(minutes=minutes if failures else self.every_minutes)

    def may_skip(self, now: datetime, whole_at: datetime | None) -> bool:
        """Whether "not modified" is answer enough. Days come into view as time passes, so not for ever."""
        return whole_at is not None and now - whole_at < timedelta(hours=self.whole_hours)
