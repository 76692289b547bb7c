"""Hours of a place are those of the clock on its wall."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from snp_dispatch.domain.zones import Zones

ZONES = Zones(version="1", default="Europe/Paris", prefixes={"974": "Indian/Reunion"})
LATE = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)


def test_a_place_in_metropolitan_france() -> None:
    assert ZONES.local(LATE, "35236").isoformat() == "2026-11-24T22:30:00+01:00"


def test_a_place_in_la_reunion_is_already_in_the_next_day() -> None:
    assert ZONES.local(LATE, "97411").isoformat() == "2026-11-25T01:30:00+04:00"
    assert ZONES.today(LATE, "97411") == date(2026, 11, 25)


def test_an_unknown_zone_is_refused_at_start() -> None:
    with pytest.raises(ValidationError, match="Atlantis"):
        Zones(version="1", default="Europe/Paris", prefixes={"974": "Indian/Atlantis"})
