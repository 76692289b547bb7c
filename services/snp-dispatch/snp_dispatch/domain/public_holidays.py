"""Public holidays (*jours fériés*) of a commune, as python-holidays knows them, and what a territory makes of them.

The département decides: Moselle, Bas-Rhin and Haut-Rhin add 26 December and, where there is a Protestant church, Good
Friday (Code du travail, L.3134-13); overseas départements add days of their own (L.3422-2). A Sunday is not a holiday.
"""

from datetime import date, timedelta
from functools import cache

import holidays
from dateutil.easter import easter

from snp_dispatch.domain.catalogue import Rules

_SUBDIVISIONS = {
    "57": "57", "67": "6AE", "68": "6AE", "971": "971", "972": "972", "973": "973", "974": "974", "975": "PM",
    "976": "976", "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
"""Start of the INSEE code -> what the library calls it; all others have the national days only."""

# Years of which Easter, and with it half of the days, can be computed.
_FIRST, _LAST = date(1950, 1, 1), date(2199, 12, 31)


class Holidays(Rules):
    """The calendar of a territory (`deploy/territories/<slug>/snp-calendar.yaml`); without the file, these defaults."""

    version: str = "default"
    good_friday: bool = True
    """Whether Good Friday counts where the law or custom of the département has it (Alsace-Moselle, Antilles)."""
    extra_days: frozenset[date] = frozenset()
    removed_days: frozenset[date] = frozenset()

    def is_holiday(self, day: date, commune: str) -> bool:
        """Whether the day is a public holiday in the commune (INSEE code). Local days: see `Zones.today`."""
        if day in self.removed_days or day in self.extra_days:
            return day not in self.removed_days
        if not _FIRST <= day <= _LAST:
            return False
        if not self.good_friday and day == easter(day.year) - timedelta(days=2):
            return False
        return day in _known(_subdivision(commune))


def _subdivision(commune: str) -> str | None:
    return _SUBDIVISIONS.get(commune[:3] if commune.startswith(("97", "98")) else commune[:2])


@cache
def _known(subdivision: str | None) -> holidays.HolidayBase:
    """Years are added as they are asked for."""
    return holidays.country_holidays("FR", subdiv=subdivision)
