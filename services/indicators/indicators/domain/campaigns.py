"""Campaigns of a territory as data: stretches of days with a name, in which figures are reported.

`deploy/territories/<slug>/campaigns.yaml`. A campaign of each year has its usual days; a year may have days of its own,
and a campaign that was there once has nothing else. Names are lower case, so that none is taken for `2026-Q4`.
"""

from bisect import bisect_left
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

CampaignName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
_LONG, _SHORT = r"(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])", r"(0[469]|11)-(0[1-9]|[12][0-9]|30)"
MonthDay = Annotated[str, StringConstraints(pattern=rf"^({_LONG}|{_SHORT}|02-(0[1-9]|1[0-9]|2[0-8]))$")]
"""Month and day, one that every year has: `02-28` at the end of February."""
Year = Annotated[int, Field(ge=2000, le=2099)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Days(_Part):
    """The first and the last day of a campaign in one year; both belong to it."""

    begins: date
    ends: date


class Campaign(_Part):
    """A campaign (*campagne*): its usual days, where it comes each year, and the days of single years.

    It is named by the year in which it begins; one whose usual end comes before its beginning ends in the next year.
    """

    name: CampaignName
    label_fr: str = Field(min_length=1, max_length=200)
    begins: MonthDay | None = None
    ends: MonthDay | None = None
    dates: dict[Year, Days] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> "Campaign":
        if (self.begins is None) is not (self.ends is None):
            raise ValueError("usual days are both begins and ends")
        if self.begins is None and not self.dates:
            raise ValueError("say the usual days (begins, ends), or those of a year (dates)")
        for year, days in self.dates.items():
            if days.begins.year != year:
                raise ValueError(f"dates.{year}: it begins in another year")
            if days.ends < days.begins:
                raise ValueError(f"dates.{year}: it ends before it begins")
            self._check_apart(year)
        return self

    def _check_apart(self, year: int) -> None:
        around = [days for near in (year - 1, year, year + 1) if (days := self.days(near))]
        if any(first.ends >= then.begins for first, then in pairwise(around)):
            raise ValueError(f"dates.{year}: it overlaps that of the year beside")

    def days(self, year: int) -> Days | None:
        """Those of the campaign that begins in `year`; None when none does."""
        if year in self.dates or self.begins is None or self.ends is None:
            return self.dates.get(year)
        last = year if self.ends >= self.begins else year + 1
        return Days(begins=_day(year, self.begins), ends=_day(last, self.ends))

    def year_before(self, year: int) -> int | None:
        """The year of the campaign before that of `year`; None when there was none."""
        if self.begins is not None:
            return year - 1 if year > 1 else None
        return max((it for it in self.dates if it < year), default=None)

    def year_over(self, by: date) -> int | None:
        """The year of the newest campaign whose last day was before `by`."""
        years = (*self.dates, by.year, by.year - 1, by.year - 2)
        return max((it for it in years if (days := self.days(it)) and days.ends < by), default=None)

    @property
    def told(self) -> str:
        """Its periods, for people: one of every year, or those that there are."""
        if self.begins is not None:
            return f"<year>-{self.name}"
        return ", ".join(f"{year}-{self.name}" for year in sorted(self.dates))


class Campaigns(_Part):
    """The campaigns of a territory."""

    version: str = "none"
    campaigns: tuple[Campaign, ...] = ()

    @model_validator(mode="after")
    def _names_each_once(self) -> "Campaigns":
        names = [it.name for it in self.campaigns]
        if twice := sorted({it for it in names if names.count(it) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self

    def find(self, name: str) -> Campaign | None:
        """The campaign of that name, or None."""
        return next((it for it in self.campaigns if it.name == name), None)

    @cached_property
    def _last_days(self) -> list[date]:
        """Of all of them in a century, sorted: looked up for every batch of facts."""
        return sorted(days.ends for it in self.campaigns for year in range(1999, 2100) if (days := it.days(year)))

    def newest_end(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the campaign that was over last was over: the first instant after its last day."""
        place = bisect_left(self._last_days, now.astimezone(zone).date())
        return midnight(self._last_days[place - 1] + timedelta(days=1), zone) if place else None


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _day(year: int, month_day: str) -> date:
    return date(year, int(month_day[:2]), int(month_day[3:]))
