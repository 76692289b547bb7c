"""Time zones: that of the figures, and the name of another in a file."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}") from None
    return name


PARIS = ZoneInfo("Europe/Paris")
"""In which a day begins that facts tell (`store/places.py` too), and with it months, periods and campaigns."""

ZoneName = Annotated[str, AfterValidator(_known)]
"""One that the time zone database knows, such as Europe/Paris."""
