"""The rule of compensation as a table: what counts, rates by day, rounding, the cap of the year."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from kit.territories import load_yaml
from snp_dispatch.domain.compensation import Ceilings, CompensationRules, Missed, lines
from snp_dispatch.domain.period import period_of
from snp_dispatch.domain.zones import ZoneInfo

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
CAP = Decimal("1000.00")


def rules(*rates: dict[str, Any], **more: Any) -> CompensationRules:
    found = rates or ({"valid_from": "2026-01-01", "per_slot": "25.00"},)
    return CompensationRules.model_validate({"version": "1", "enabled": True, "rates": found, **more})


def missed(number: int = 1, *, minutes: int = 15, day: date = date(2026, 11, 24), **more: Any) -> Missed:
    starts = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    values = {"profession": "10", "audience": frozenset({"CPTS", "SNP"}), "absent": "patient", **more}
    return Missed(UUID(int=number), starts_at=starts, ends_at=starts + timedelta(minutes=minutes), day=day, **values)


def owed(rule: CompensationRules, *visits: Missed, cap: Decimal = CAP) -> list[str]:
    return [str(it.owed) for it in lines(rule, cap, visits)]


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (missed(), ["25.00"]),
        (missed(absent="practitioner"), []),
        (missed(audience=frozenset({"SNP"})), []),
        (missed(audience=frozenset({"PUBLIC", "CPTS"})), []),
        (missed(audience=frozenset({"CPTS"})), ["25.00"]),
        (missed(day=date(2025, 12, 31)), []),
    ],
)
def test_what_counts(visit: Missed, expected: list[str]) -> None:
    assert owed(rules(), visit) == expected


def test_off_means_nothing() -> None:
    assert owed(rules(enabled=False), missed()) == []
    assert owed(CompensationRules(), missed()) == []


def test_a_rate_changes_inside_a_period() -> None:
    rule = rules(
        {"valid_from": "2026-10-01", "valid_to": "2026-11-23", "per_slot": "20"},
        {"valid_from": "2026-11-24", "per_slot": "30"},
    )
    days = [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24)]
    assert owed(rule, *(missed(n, day=day) for n, day in enumerate(days))) == ["20.00", "20.00", "30.00"]


def test_a_profession_s_own_rate_comes_first() -> None:
    rule = rules(
        {"valid_from": "2026-01-01", "per_slot": "10"},
        {"valid_from": "2026-06-01", "profession": "10", "per_slot": "25"},
    )
    assert owed(rule, missed()) == ["25.00"]
    assert owed(rule, missed(profession="60")) == ["10.00"]
    assert owed(rule, missed(day=date(2026, 5, 31))) == ["10.00"]


@pytest.mark.parametrize(("minutes", "expected"), [(15, "5.03"), (30, "10.05"), (1, "0.34"), (0, "0.00")])
def test_cents_are_rounded_half_up_visit_by_visit(minutes: int, expected: str) -> None:
    assert owed(rules({"valid_from": "2026-01-01", "per_minute": "0.335"}), missed(minutes=minutes)) == [expected]


def test_the_cap_is_crossed_once_in_the_order_of_the_visits() -> None:
    visits = [missed(n, day=date(2026, 11, n)) for n in (4, 1, 3, 2)]
    found = lines(rules(), Decimal("60.00"), visits)
    assert [(it.day.day, str(it.amount), str(it.owed)) for it in found] == [
        (1, "25.00", "25.00"),
        (2, "25.00", "25.00"),
        (3, "25.00", "10.00"),
        (4, "25.00", "0.00"),
    ]


@pytest.mark.parametrize(
    ("more", "year", "cap"),
    [
        ({}, 2025, "47100.00"),
        ({"share_of_pass": "0.333"}, 2025, "15684.30"),
        ({"yearly_cap": "1000.00"}, 2025, "1000.00"),
        ({"yearly_cap": "100000"}, 2025, "47100.00"),
        ({}, 2099, None),
    ],
)
def test_the_cap_follows_the_pass_of_the_year(deploy_dir: Path, more: Any, year: int, cap: str | None) -> None:
    ceilings = load_yaml(deploy_dir / "reference" / "social-security-ceilings.yaml", Ceilings)
    found = rules(**more).cap(ceilings, year)
    assert (str(found) if found is not None else None) == cap


@pytest.mark.parametrize(
    "rates",
    [
        [{"valid_from": "2026-01-01"}],
        [{"valid_from": "2026-01-01", "per_slot": "1", "per_minute": "1"}],
        [{"valid_from": "2026-01-01", "per_slot": "1"}, {"valid_from": "2026-06-01", "per_slot": "2"}],
        [{"valid_from": "2026-01-01", "per_slot": "-1"}],
    ],
)
def test_unclear_rates_are_refused(rates: Any) -> None:
    with pytest.raises(ValidationError):
        rules(*rates)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
        ("2026-H2", "2026-07-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00"),
        ("2026-Q2", "2026-04-01T00:00:00+02:00", "2026-07-01T00:00:00+02:00"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    found = period_of(text, ZoneInfo("Europe/Paris"))
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)
    assert found.year_start.isoformat() == "2026-01-01T00:00:00+01:00"
