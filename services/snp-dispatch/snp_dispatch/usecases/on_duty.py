"""Where a patient turns whose wait crosses a night, a Sunday or a public holiday."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from snp_dispatch.domain.out_of_hours import Calendar, Option, Period
from snp_dispatch.store.calls import NewCall
from snp_dispatch.store.rules import Rules

ED, STAY = "ed", "ed_stay"


def guidance(
    rules: Rules, territory: str, call: NewCall, received: datetime, booked_at: datetime | None
) -> dict[str, Any] | None:
    """What the answer says of it (JSON values), None when the wait crosses nothing.

    The wait lasts to the visit that is booked, else to the best proposal, else to the deadline. Proposals after the
    period stay proposals. An emergency department's first option is to keep its patient.
    """
    calendar = _calendar(rules, territory, call.patient["commune"])
    starts = [datetime.fromisoformat(it["starts_at"]) for it in call.proposals]
    seen = booked_at or next(iter(starts), None)
    period = calendar.crossed(received, seen, call.deadline)
    if period is None:
        return None
    waited = Period(max(received, period.starts), min(period.ends, seen or period.ends))
    options = calendar.on_duty(waited)
    if call.origin == ED:
        options = [_stay(rules, waited), *options]
    after = min((it for it in starts if it >= period.ends), default=None)
    return {
        "now": period.starts <= received,
        "starts_at": period.starts.isoformat(),
        "until": period.ends.isoformat(),
        "where": [_json(it) for it in options],
        "first_slot_after": after.astimezone(UTC).isoformat() if after else None,
        "version": calendar.rules.version,
    }


def _calendar(rules: Rules, territory: str, commune: str) -> Calendar:
    holidays = rules.calendars[territory]
    return Calendar(
        rules.out_of_hours[territory], rules.zones.of(commune), lambda day: holidays.is_holiday(day, commune)
    )


def _stay(rules: Rules, waited: Period) -> Option:
    return Option("ed_stay", rules.catalogue.redirects[STAY], None, None, waited.starts, waited.ends)


def _json(option: Option) -> dict[str, Any]:
    return asdict(option) | {"opens_at": option.opens_at.isoformat(), "closes_at": option.closes_at.isoformat()}
