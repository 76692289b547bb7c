"""Rates, conditions and the yearly cap of indemnities."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from directory.domain.indemnities import Ceilings, IndemnityRules, amount_of, payable
from kit.territories import load_yaml

DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def rules(deploy_dir: Path) -> IndemnityRules:
    return load_yaml(deploy_dir / "territories/pays-de-redon/indemnities.yaml", IndemnityRules)


def test_the_rate_of_the_profession_comes_first(rules: IndemnityRules) -> None:
    doctor, nurse = rules.rate("10", "commission", DAY), rules.rate("60", "commission", DAY)
    assert doctor is not None
    assert nurse is not None
    assert (amount_of(doctor, 90), amount_of(nurse, 50)) == (Decimal("112.50"), Decimal("41.67"))
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
    assert payable(Decimal(amount), Decimal(before), Decimal(1000)) == Decimal(owed)


def test_conditions_are_named(rules: IndemnityRules) -> None:
    assert rules.unmet(private_practice=False, convention=True, fee_paid=True) == []
    unmet = rules.unmet(private_practice=False, convention=False, fee_paid=False)
    assert unmet == ["private_practice_or_convention", "fee_paid"]


def test_two_rates_on_the_same_day_are_refused() -> None:
    rate = {"valid_from": DAY, "per_hour": "50.00"}
    with pytest.raises(ValidationError, match="two hold on the same day"):
        IndemnityRules.model_validate({"rates": [rate, rate]})
