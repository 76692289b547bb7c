"""When a delivery that failed is tried again, and when one gives up."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

HOUR = 3600


class DeliveryRules(BaseModel):
    """`deploy/reference/deliveries.yaml`. Waits are seconds before the second attempt, the third and so on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    email_waits: tuple[int, ...] = Field(min_length=1)
    webhook_waits: tuple[int, ...] = Field(min_length=1)
    lane_waits: tuple[int, ...] = Field(
        min_length=1, description="How long an endpoint that is ill rests after its first failure in a row, its second"
    )
    jitter: float = Field(ge=0, lt=1, description="Part of a wait by which it is made longer or shorter at random")
    timeout_seconds: float = Field(gt=0, le=60, description="For a webhook's whole answer, and for each SMTP command")
    disable_after_hours: int = Field(ge=1, description="A webhook that failed for so long is no longer asked")
    secret_overlap_hours: int = Field(ge=0, description="How long the old secret signs as well after a rotation")
    confirmation_hours: int = Field(ge=1, description="How long the link that confirms an e-mail address holds")
    keep_days: int = Field(ge=1, description="Contents of messages and bodies of events are forgotten after so long")

    def again_at(self, waits: Sequence[int], tries: int, now: datetime, chance: float) -> datetime | None:
        """When to try again after `tries` tries, None when that was the last. `chance` is 0..1, drawn by the caller."""
        if tries > len(waits):
            return None
        return now + self._spread(waits[tries - 1], chance)

    def rest(self, failures: int, now: datetime, chance: float) -> datetime:
        """Until when an endpoint that failed so many times in a row is left alone."""
        return now + self._spread(self.lane_waits[min(failures, len(self.lane_waits)) - 1], chance)

    def _spread(self, seconds: int, chance: float) -> timedelta:
        return timedelta(seconds=seconds * (1 + self.jitter * (2 * chance - 1)))
