import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.domain.identifiers import looks_like_finess, looks_like_rpps, luhn_holds


@pytest.mark.parametrize(
    ("number", "holds"), [("99000000093", True), ("99000000283", True), ("99000000094", False), ("79927398713", True)]
)
def test_the_luhn_key(number: str, holds: bool) -> None:
    assert luhn_holds(number) is holds


@given(st.integers(0, 10**10 - 1), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(body: int, position: int, shift: int) -> None:
    digits = next(f"{body:010d}{key}" for key in range(10) if luhn_holds(f"{body:010d}{key}"))
    wrong = digits[:position] + str((int(digits[position]) + shift) % 10) + digits[position + 1 :]
    assert not luhn_holds(wrong)


@pytest.mark.parametrize("value", ["9900000009", "990000000931", "9900000009A", "９９０００００００９３", ""])
def test_what_is_no_rpps_number(value: str) -> None:
    assert not looks_like_rpps(value)


@pytest.mark.parametrize(
    ("value", "looks"), [("990010001", True), ("2A0000014", True), ("99001000", False), ("X90010001", False)]
)
def test_what_looks_like_a_finess_number(value: str, looks: bool) -> None:
    assert looks_like_finess(value) is looks
