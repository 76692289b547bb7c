"""Counting votes: worked by hand, and what must hold whatever is cast."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.domain.association import VoteRules
from directory.domain.tally import ABSTAIN, AGAINST, FOR, SILENT, Elected, Group, elect, tally

SHARES = {1: Fraction(65, 100), 2: Fraction(15, 100), 3: Fraction(10, 100), 4: Fraction(10, 100)}


def rules(basis: str = "present", quorum: str | None = None, empty: str = "redistribute") -> VoteRules:
    return VoteRules.model_validate(
        {"weighted": True, "majority": "1/2", "basis": basis, "quorum": quorum, "empty_college": empty}
    )


def group(college: int, entitled: int, *votes: int) -> Group:
    return Group(college, entitled, dict(zip((FOR, AGAINST, ABSTAIN), votes, strict=True)))


BY_HAND = [group(1, 13, 6, 5, 1), group(2, 5, 2, 3, 0), group(3, 2, 1, 0, 1), group(4, 4, 4, 0, 0)]


def test_the_shares_are_split_as_worked_out_by_hand() -> None:
    found = tally(rules(), SHARES, BY_HAND, 40)
    # for: 65 % x 6/13 = 30 %; 15 % x 2/5 = 6 %; 10 % x 1/2 = 5 %; 10 % x 4/4 = 10 %.
    assert [step.weights[FOR] * 100 for step in found.steps] == [30, 6, 5, 10]
    # against: 65 % x 5/13 = 25 %; 15 % x 3/5 = 9 %. One of college 1 was there and said nothing: 65 % / 13 = 5 %.
    assert [found.totals[name] * 100 for name in (FOR, AGAINST, ABSTAIN, SILENT)] == [51, 34, 10, 5]
    assert found.adopted


def test_a_head_count_would_have_said_otherwise() -> None:
    groups = [group(1, 4, 1, 3, 0), group(2, 9, 9, 0, 0), group(3, 3, 3, 0, 0), group(4, 3, 3, 0, 0)]
    found = tally(rules(), SHARES, groups, 40)
    assert sum(it.votes[FOR] for it in groups) == 16
    assert found.totals[FOR] == Fraction(5125, 10000)
    assert found.adopted
    assert not tally(rules(), SHARES, [group(1, 5, 1, 4, 0), *groups[1:]], 40).adopted


def test_half_is_not_more_than_half() -> None:
    found = tally(rules(), {0: Fraction(1)}, [group(0, 4, 2, 2, 0)], 4)
    assert (found.totals[FOR], found.adopted) == (Fraction(1, 2), False)


@pytest.mark.parametrize(("basis", "weight"), [("present", "2/8"), ("cast", "2/5"), ("expressed", "2/3")])
def test_what_the_majority_is_counted_on(basis: str, weight: str) -> None:
    found = tally(rules(basis), {0: Fraction(1)}, [group(0, 8, 2, 1, 2)], 8)
    assert found.totals[FOR] == Fraction(weight)


def test_a_college_without_voters_is_shared_out_or_lost() -> None:
    groups = [group(1, 2, 1, 1, 0), group(2, 0, 0, 0, 0), group(3, 1, 1, 0, 0), group(4, 0, 0, 0, 0)]
    shared = tally(rules(), SHARES, groups, 40)
    assert [step.share for step in shared.steps] == [Fraction(65, 75), 0, Fraction(10, 75), 0]
    assert (shared.totals[FOR], shared.lost, shared.adopted) == (Fraction(85, 150), 0, True)
    lost = tally(rules(empty="lost"), SHARES, groups, 40)
    assert (lost.totals[FOR], lost.lost, lost.adopted) == (Fraction(425, 1000), Fraction(25, 100), False)


def test_without_quorum_nothing_is_adopted() -> None:
    groups = [group(1, 5, 5, 0, 0), group(2, 0, 0, 0, 0), group(3, 0, 0, 0, 0), group(4, 0, 0, 0, 0)]
    found = tally(rules(quorum="1/4"), SHARES, groups, 21)
    assert (found.quorum_needed, found.quorum_reached, found.adopted) == (Fraction(21, 4), False, False)
    assert tally(rules(quorum="1/4"), SHARES, groups, 20).adopted


@st.composite
def ballots(draw: st.DrawFn) -> list[Group]:
    found = []
    for college in SHARES:
        votes = draw(st.lists(st.integers(0, 30), min_size=3, max_size=3))
        found.append(group(college, sum(votes) + draw(st.integers(0, 10)), *votes))
    return found


@given(ballots(), st.sampled_from(["present", "cast", "expressed"]), st.sampled_from(["redistribute", "lost"]))
def test_no_vote_is_lost_and_the_weights_sum_to_one(groups: list[Group], basis: str, empty: str) -> None:
    found = tally(rules(basis, empty=empty), SHARES, groups, 500)
    assert [(it.entitled, it.cast) for it in found.steps] == [(it.entitled, it.cast) for it in groups]
    heard = any(step.counted for step in found.steps)
    assert sum(found.totals.values()) + found.lost == 1
    assert not (empty == "redistribute" and heard and found.lost)
    assert all(sum(step.weights.values()) == step.share for step in found.steps)


@given(ballots(), st.randoms(use_true_random=False))
def test_the_order_of_the_colleges_does_not_count(groups: list[Group], chance: object) -> None:
    shuffled = list(groups)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tally(rules(), SHARES, shuffled, 500) == tally(rules(), SHARES, groups, 500)


@pytest.mark.parametrize(
    ("votes", "seats", "expected"),
    [
        ({"a": 3, "b": 2, "c": 1}, 2, Elected(("a", "b"), (), 0)),
        ({"a": 3, "b": 2, "c": 2}, 2, Elected(("a",), ("b", "c"), 1)),
        ({"a": 2, "b": 2, "c": 2}, 2, Elected((), ("a", "b", "c"), 2)),
        ({"a": 2, "b": 0, "blank": 9}, 2, Elected(("a",), (), 1)),
        ({"b": 2, "a": 2}, 2, Elected(("a", "b"), (), 0)),
    ],
)
def test_a_tie_for_the_last_seat_is_told(votes: dict[str, int], seats: int, expected: Elected) -> None:
    assert elect(votes, seats) == expected
