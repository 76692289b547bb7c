"""The name of a time zone in a file."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}") from None
    return name


ZoneName = Annotated[str, AfterValidator(_known)]
"""One that the time zone database knows, such as Europe/Paris."""
