"""What a territory does for a call that no slot fits (`deploy/territories/<slug>/snp-escalation.yaml`), versioned."""

from datetime import timedelta

from pydantic import Field

from snp_dispatch.domain.catalogue import Rules


class Ladder(Rules):
    """How long a seat found for a waiting call is kept for its caller."""

    version: str
    offer_hold_seconds: int = Field(ge=60, le=3600, description="A person must read, phone the patient and accept")

    @property
    def offer_time(self) -> timedelta:
        return timedelta(seconds=self.offer_hold_seconds)


DEFAULT = Ladder(version="none", offer_hold_seconds=900)
"""For a territory without a file."""
