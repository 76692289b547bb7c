"""A sum is shared exactly: fractions, largest remainders, the same for any order."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from directory.domain.funding import Counted, FundingRules, share_out
from kit.territories import load_yaml

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def test_a_third_each_sums_to_the_cent() -> None:
    found = share_out(Decimal("100.00"), [Counted("equal", Fraction(1), dict.fromkeys((C, B, A), 1))])
    assert [(it.member_id, it.amount) for it in found] == [
        (A, Decimal("33.34")),
        (B, Decimal("33.33")),
        (C, Decimal("33.33")),
    ]
    assert found[0].exact == Fraction(100, 3)


def test_two_keys_worked_out_by_hand() -> None:
    # 60 % of 1000.00 by 3 and 1 patients: 450 and 150. 40 % by 30, 60 and 90 minutes: 66.67, 133.33, 200.
    parts = [
        Counted("patients", Fraction(3, 5), {A: 3, B: 1}),
        Counted("time", Fraction(2, 5), {A: 30, B: 60, C: 90}),
    ]
    found = {it.member_id: it for it in share_out(Decimal("1000.00"), parts)}
    assert {member: it.amount for member, it in found.items()} == {
        A: Decimal("516.67"),
        B: Decimal("283.33"),
        C: Decimal("200.00"),
    }
    assert [(it.key, it.weight, it.whole, it.exact) for it in found[B].slices] == [
        ("patients", 1, 4, Fraction(150)),
        ("time", 60, 180, Fraction(400, 3)),
    ]


@given(
    cents=st.integers(1, 10**9),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any),
    share=st.fractions(0, 1, max_denominator=100).filter(lambda it: 0 < it < 1),
)
def test_amounts_always_sum_to_the_total(cents: int, weights: list[int], share: Fraction) -> None:
    people = {UUID(int=number): weight for number, weight in enumerate(weights)}
    parts = [Counted("one", share, people), Counted("two", 1 - share, dict.fromkeys(people, 1))]
    found = share_out(Decimal(cents).scaleb(-2), parts)
    assert sum(it.amount for it in found) == Decimal(cents).scaleb(-2)
    assert all(abs(Fraction(it.amount) - it.exact) < Fraction(1, 100) for it in found)


def test_a_key_in_which_nobody_counts_is_named() -> None:
    with pytest.raises(ValueError, match="time"):
        share_out(Decimal(1), [Counted("time", Fraction(1), {A: 0})])


def test_the_file_of_redon_is_right(deploy_dir: Path) -> None:
    rules = load_yaml(deploy_dir / "territories/pays-de-redon/funding.yaml", FundingRules)
    assert rules.keys["patients"].basis == "stated"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([{"key": "a", "share": "1/2"}], "do not sum to 1"),
        ([{"key": "b", "share": "1"}], "no key"),
        ([{"key": "a", "share": "1/2"}, {"key": "a", "share": "1/2"}], "stands twice"),
    ],
)
def test_a_pot_that_makes_no_sense_is_refused(parts: list[dict[str, str]], said: str) -> None:
    file = {"keys": {"a": {"label": "A", "basis": "equal"}}, "pots": {"p": {"label": "P", "parts": parts}}}
    with pytest.raises(ValidationError, match=said):
        FundingRules.model_validate(file)
