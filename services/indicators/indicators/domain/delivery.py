"""What becomes of a delivery that failed, and which destinations can tell that they have something already."""

from collections.abc import Sequence
from datetime import datetime, timedelta

TELLS_REPEATS = frozenset({"download", "folder", "sftp", "s3", "webhook"})
"""A delivery to these may be repeated: the same key makes no second one. Mail programs cannot be asked."""


def again_at(waits_minutes: Sequence[int], tries: int, now: datetime) -> datetime | None:
    """When to try again after `tries` tries; None when that was the last."""
    return now + timedelta(minutes=waits_minutes[tries - 1]) if tries <= len(waits_minutes) else None
