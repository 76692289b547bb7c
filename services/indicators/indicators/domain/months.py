"""Calendar months: where a period is cut by them, and which of them are over."""

from datetime import datetime, tzinfo

from dateutil.relativedelta import relativedelta

Stretch = tuple[datetime, datetime]
"""From an instant on, up to another one, which does not belong to it."""
_MONTH = relativedelta(months=1)


def by_month(start: datetime, end: datetime) -> list[Stretch]:
    """The time from `start` to `end` cut at the midnights between its months, those of the zone of `start`."""
    cuts, midnight = [start], _first(start) + _MONTH
    while midnight < end:
        cuts.append(midnight)
        midnight += _MONTH
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def months_over(now: datetime, zone: tzinfo, count: int) -> list[Stretch]:
    """The `count` months before the present one, oldest first; their midnights are those of `zone`."""
    present = _first(now.astimezone(zone))
    return by_month(present - relativedelta(months=count), present)


def _first(instant: datetime) -> datetime:
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
