"""Rates, conditions and the yearly cap of indemnities."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from directory.domain.indemnities import Ceilings, IndemnityRules, amount_of
from directory.domain.payments import correction, span_of, under
from kit.territories import load_yaml

DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def rules(deploy_dir: Path) -> IndemnityRules:
    return load_yaml(deploy_dir / "territories/pays-de-redon/indemnities.yaml", IndemnityRules)


def test_the_rate_of_the_profession_comes_first(rules: IndemnityRules) -> None:
    doctor, nurse = rules.rate("10", "commission", DAY), rules.rate("60", "commission", DAY)
    assert doctor is not None
    assert nurse is not None
    assert (amount_of(doctor.per_hour, 90), amount_of(nurse.per_hour, 50)) == (Decimal("112.50"), Decimal("41.67"))
    assert rules.rate("10", "commission", date(2025, 12, 31)) is None


def test_the_cap_is_the_pass_of_the_year(rules: IndemnityRules, deploy_dir: Path) -> None:
    ceilings = load_yaml(deploy_dir / "reference/social-security-ceilings.yaml", Ceilings)
    assert rules.cap(ceilings, 2026) == Decimal("48060.00")
    assert rules.cap(ceilings, 2099) is None


@pytest.mark.parametrize(
    ("amount", "before", "owed"),
    [("100", "0", "100"), ("100", "950", "50"), ("100", "1000", "0"), ("100", "1200", "0")],
)
def test_what_is_over_the_cap_is_not_owed(amount: str, before: str, owed: str) -> None:
    found = under(Decimal(amount), Decimal(1000) - Decimal(before))
    assert (found.payable, found.cut_reason) == (Decimal(owed), None if owed == amount else "yearly_ceiling")


def test_the_lower_cap_is_the_one_named() -> None:
    ten, hundred = Decimal(10), Decimal(100)
    assert vars(under(hundred, hundred, ten)) == {"amount": hundred, "payable": ten, "cut_reason": "own_cap"}
    assert under(hundred, ten, hundred).cut_reason == "yearly_ceiling"
    assert under(ten, hundred, hundred).cut_reason is None


@pytest.mark.parametrize(
    ("stands", "right", "room", "difference"),
    [
        (("100", "100"), "60", "0", ("-40", "-40", None)),
        (("100", "100"), "150", "20", ("50", "20", "yearly_ceiling")),
        (("100", "30"), "50", "0", ("-50", "0", "yearly_ceiling")),
        (("100", "30"), "0", "0", ("-100", "-30", None)),
    ],
)
def test_a_correction_is_the_difference(
    stands: tuple[str, str], right: str, room: str, difference: tuple[str, str, str | None]
) -> None:
    found = correction(Decimal(stands[0]), Decimal(stands[1]), Decimal(right), Decimal(room))
    amount, owed, reason = difference
    assert (found.amount, found.payable, found.cut_reason) == (Decimal(amount), Decimal(owed), reason)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_days(period: str, first: date, last: date) -> None:
    assert (span_of(period).first, span_of(period).last) == (first, last)


def test_late_is_counted_in_days() -> None:
    rules = IndemnityRules(declare_within_days=30)
    assert not rules.is_late(DAY, date(2026, 3, 31))
    assert rules.is_late(DAY, date(2026, 4, 1))
    assert not IndemnityRules().is_late(DAY, date(2030, 1, 1))


def test_conditions_are_named(rules: IndemnityRules) -> None:
    assert rules.unmet(private_practice=False, convention=True, fee_paid=True) == []
    unmet = rules.unmet(private_practice=False, convention=False, fee_paid=False)
    assert unmet == ["private_practice_or_convention", "fee_paid"]


def test_two_rates_on_the_same_day_are_refused() -> None:
    rate = {"valid_from": DAY, "per_hour": "50.00"}
    with pytest.raises(ValidationError, match="two hold on the same day"):
        IndemnityRules.model_validate({"rates": [rate, rate]})
