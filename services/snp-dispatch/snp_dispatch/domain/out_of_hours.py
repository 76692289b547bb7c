"""Out of hours (*permanence des soins ambulatoires*, PDSA): when it is, whether a wait crosses it, who is on duty then.

Source: Code de la santé publique, R.6315-1: every day from 20 h to 8 h; Sundays and public holidays from 8 h to 20 h;
and as the needs of a place ask: Saturday from noon, Monday before a holiday, Friday and Saturday after one.
Hours are those of the clock on the wall of the place; instants come in and go out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from snp_dispatch.domain.catalogue import Rules

DayName: TypeAlias = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday"
]  # fmt: skip
_WEEK: tuple[DayName, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY, _SUNDAY = 5, 6
_MORNING, _NOON, _EVENING = time(8), time(12), time(20)
_DAY = timedelta(days=1)
_AROUND = 7
"""Days that are looked at on either side: no run of Sundays and holidays is that long."""

Opening: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""`14:00`."""
Closing: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""The same, or `24:00`: the midnight that ends the day."""


class DutyHours(Rules):
    """Hours on some days. They end on the next day when `closes` is not after `opens`. A holiday is no weekday."""

    days: frozenset[DayName] = Field(min_length=1)
    opens: Opening
    closes: Closing


class Duty(Rules):
    """Who sees patients out of hours: a *maison médicale de garde* (mmg), or doctors on duty."""

    kind: Literal["mmg", "duty_doctor"]
    name: str = Field(min_length=1)
    place: str | None = None
    call: str | None = Field(default=None, description="Number to call before going there")
    hours: tuple[DutyHours, ...] = Field(min_length=1)


class Regulation(Rules):
    """Who answers the phone all night and decides (*régulation médicale*)."""

    name: str = Field(min_length=1)
    call: str = Field(min_length=1)


class OutOfHoursRules(Rules):
    """A territory's file (`deploy/territories/<slug>/snp-out-of-hours.yaml`); without it, these national values."""

    version: str = "national"
    saturday_from_noon: bool = True
    monday_before_holiday: bool = False
    friday_and_saturday_after_holiday: bool = False
    on_duty: tuple[Duty, ...] = ()
    regulation: Regulation = Regulation(name="Régulation médicale (SAMU-Centre 15)", call="15")


@dataclass(frozen=True)
class Period:
    """From `starts` (included) to `ends` (excluded)."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Option:
    """Where to turn, and between which instants it answers."""

    kind: Literal["ed_stay", "mmg", "duty_doctor", "regulation"]
    name: str
    place: str | None
    call: str | None
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Calendar:
    """The days and hours of a place. `is_holiday` knows its public holidays."""

    rules: OutOfHoursRules
    zone: ZoneInfo
    is_holiday: Callable[[date], bool]

    def crossed(self, received: datetime, seen: datetime | None, deadline: datetime) -> Period | None:
        """The out-of-hours period that the wait from `received` to `seen` runs through, None when it does not.

        A wait runs through a night, a Sunday or a holiday when it lasts to its end: a visit in the same evening does
        not. Without a visit (`seen` None) the wait lasts to the deadline, and any night that begins before counts.
        Nights and days that touch make one period: from Saturday noon to Monday 8 h.
        """
        first = next(it for it in self._parts(received, days=1) if it.ends > received)
        if seen is not None and first.ends > seen:
            return None
        if seen is None and first.starts > received and first.starts >= deadline:
            return None
        return next(it for it in _merged(self._parts(received, days=_AROUND)) if it.ends > received)

    def on_duty(self, period: Period) -> list[Option]:
        """Who answers in the period, in the order in which they open; the regulation, which always does, comes last."""
        openings = sorted(self._openings(period), key=lambda it: (it.opens_at, it.closes_at, it.name))
        regulation = self.rules.regulation
        return [
            *openings,
            Option("regulation", regulation.name, None, regulation.call, period.starts, period.ends),
        ]

    def _openings(self, period: Period) -> Iterator[Option]:
        for day in _days(self._local_day(period.starts) - _DAY, self._local_day(period.ends)):
            name = self._name(day)
            for duty in self.rules.on_duty:
                for hours in duty.hours:
                    if name in hours.days:
                        opens, closes = self._between(day, hours.opens, hours.closes)
                        if opens < period.ends and closes > period.starts:
                            yield Option(duty.kind, duty.name, duty.place, duty.call, opens, closes)

    def _parts(self, received: datetime, *, days: int) -> list[Period]:
        """Nights, and days that are out of hours, one by one, up to so many days before and after an instant."""
        today = self._local_day(received)
        around = _days(today - _DAY * days, today + _DAY * days)
        return list(chain.from_iterable(self._parts_of(day) for day in around))

    def _parts_of(self, day: date) -> Iterator[Period]:
        if self._whole_day(day):
            yield Period(self._at(day, _MORNING), self._at(day, _EVENING))
        elif day.weekday() == _SATURDAY and self.rules.saturday_from_noon:
            yield Period(self._at(day, _NOON), self._at(day, _EVENING))
        yield Period(self._at(day, _EVENING), self._at(day + _DAY, _MORNING))

    def _whole_day(self, day: date) -> bool:
        if day.weekday() == _SUNDAY or self.is_holiday(day):
            return True
        if self.rules.monday_before_holiday and day.weekday() == 0 and self.is_holiday(day + _DAY):
            return True
        # After a holiday on Thursday both days follow it; after one on Friday the Saturday does.
        before = {4: (1,), _SATURDAY: (1, 2)}.get(day.weekday(), ())
        follows = any(self.is_holiday(day - _DAY * back) for back in before)
        return self.rules.friday_and_saturday_after_holiday and follows

    def _name(self, day: date) -> DayName:
        return "holiday" if self.is_holiday(day) else _WEEK[day.weekday()]

    def _between(self, day: date, opens: str, closes: str) -> tuple[datetime, datetime]:
        if closes == "24:00":
            return self._at(day, time.fromisoformat(opens)), self._at(day + _DAY, time.min)
        end_day = day if closes > opens else day + _DAY
        return self._at(day, time.fromisoformat(opens)), self._at(end_day, time.fromisoformat(closes))

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def _local_day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def _merged(parts: list[Period]) -> Iterator[Period]:
    """Periods that touch, as one; `parts` are in order and do not overlap."""
    whole = parts[0]
    for part in parts[1:]:
        if part.starts > whole.ends:
            yield whole
            whole = part
        else:
            whole = Period(whole.starts, part.ends)
    yield whole


def _days(first: date, last: date) -> Iterator[date]:
    return (first + _DAY * number for number in range((last - first).days + 1))
