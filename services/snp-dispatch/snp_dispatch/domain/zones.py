"""The time zone of a place of care: hours of an agenda and of a garde are those of the clock on its wall."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import field_validator

from snp_dispatch.domain.catalogue import Rules


class Zones(Rules):
    """IANA zones by the start of the INSEE code (`deploy/reference/time-zones.yaml`)."""

    version: str
    default: str
    prefixes: dict[str, str]

    @field_validator("default")
    @classmethod
    def _known(cls, name: str) -> str:
        return _key(name)

    @field_validator("prefixes")
    @classmethod
    def _all_known(cls, names: dict[str, str]) -> dict[str, str]:
        return {prefix: _key(name) for prefix, name in names.items()}

    def of(self, commune: str) -> ZoneInfo:
        """The zone of a commune by its INSEE code."""
        return ZoneInfo(self.prefixes.get(commune[:3], self.default))

    def local(self, instant: datetime, commune: str) -> datetime:
        """The instant as the clocks of the commune show it."""
        return instant.astimezone(self.of(commune))

    def today(self, instant: datetime, commune: str) -> date:
        """The calendar day there."""
        return self.local(instant, commune).date()


def day_of(instant: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The calendar day around an instant in a zone, from midnight to midnight: 23, 24 or 25 hours."""
    day = instant.astimezone(zone).date()
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def _key(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except ZoneInfoNotFoundError:
        raise ValueError(f"no time zone {name}") from None
