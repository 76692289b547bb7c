"""No hidden number can be worked out from a published table and its margins.

The reader who tries is a linear programme that knows every published number, how the sums go together, and that a
hidden number is at least 1: the least and the greatest value that it still believes possible must differ.
"""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from indicators.domain.communes import by_place
from indicators.domain.suppression import Arc, Cell, suppressed
from indicators.domain.tables import DENOMINATOR, NUMERATOR, TOTAL, cross_table, figure_table
from indicators.domain.told import MASKED, Told

THRESHOLD = 6
COUNTS = st.one_of(st.integers(0, 9), st.integers(0, 200))


def believed(arcs: Mapping[Cell, Arc], hidden: frozenset[Cell], cell: Cell) -> tuple[float, float]:
    """The bounds of one number for a reader of the table."""
    cells, sums = list(arcs), sorted({end for arc in arcs.values() for end in (arc.source, arc.sink)})
    flows = np.zeros((len(sums), len(cells)))
    for place, arc in enumerate(arcs.values()):
        flows[sums.index(arc.source), place] += 1
        flows[sums.index(arc.sink), place] -= 1
    bounds = []
    for name, arc in arcs.items():
        known = arc.role == "fixed" or (arc.role == "shown" and name not in hidden)
        bounds.append((arc.value, arc.value) if known else (1 if arc.role == "shown" else 0, None))
    aim = np.array([float(name == cell) for name in cells])
    found = []
    for sign in (1, -1):
        answer = linprog(sign * aim, A_eq=flows, b_eq=np.zeros(len(sums)), bounds=bounds)
        found.append(np.inf if answer.status == 3 else sign * answer.fun)
    return found[0], found[1]


def assert_nothing_follows(arcs: Mapping[Cell, Arc]) -> None:
    hidden = suppressed(arcs, THRESHOLD)
    small = {cell for cell, arc in arcs.items() if arc.role != "fixed" and 0 < arc.value < THRESHOLD}
    small |= {cell for cell, arc in arcs.items() if arc.role == "withheld"}
    assert {cell for cell in small if arcs[cell].role == "shown"} <= hidden
    assert all(arcs[cell].value for cell in hidden), "a zero is shown"
    assert all(arcs[cell].role == "shown" for cell in hidden)
    assert not hidden or small, "nothing is hidden without a reason"
    for cell in hidden | small:
        low, high = believed(arcs, hidden, cell)
        assert high - low > 0.5, f"{cell} is {arcs[cell].value}, and follows from what is shown"


@settings(deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=8))
def test_nothing_follows_from_a_breakdown_and_its_total(parts: list[int]) -> None:
    assert_nothing_follows(figure_table(sum(parts), None, {"kind": {str(n): part for n, part in enumerate(parts)}}))


@settings(deadline=None)
@given(st.lists(st.lists(COUNTS, min_size=3, max_size=3), min_size=1, max_size=4))
def test_nothing_follows_from_two_breakdowns_of_one_number(rows: list[list[int]]) -> None:
    total = sum(map(sum, rows))
    first = {str(n): sum(row) for n, row in enumerate(rows)}
    second = {str(n): sum(column) for n, column in enumerate(zip(*rows, strict=True))}
    assert_nothing_follows(figure_table(total, None, {"first": first, "second": second}))


@settings(deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5)
    )
)
def test_nothing_follows_from_a_cross_table_and_its_margins(rows: list[list[int]]) -> None:
    assert_nothing_follows(cross_table(rows))


@settings(deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=5), COUNTS)
def test_nothing_follows_from_a_rate(parts: list[int], others: int) -> None:
    breakdown = {"kind": {str(n): part for n, part in enumerate(parts)}}
    assert_nothing_follows(figure_table(sum(parts), sum(parts) + others, breakdown))


PLACES = st.dictionaries(st.sampled_from(["35001", "35002", "35003", "44001", "44002", "56001"]), COUNTS, min_size=1)


@settings(deadline=None)
@given(PLACES, st.integers(0, 20), st.one_of(st.none(), COUNTS))
def test_nothing_follows_from_communes_and_their_departments(
    communes: dict[str, int], elsewhere: int, others: int | None
) -> None:
    """Where somebody lives may be unknown; a department is the sum of its communes, which the reader knows."""
    told = {code: Told(numerator=number) for code, number in {**communes, "unknown": elsewhere}.items()}
    whole, breakdown = sum(communes.values()) + elsewhere, by_place(told)
    assert_nothing_follows(figure_table(whole, None if others is None else whole + others, breakdown))


@settings(deadline=None)
@given(PLACES, st.data())
def test_a_commune_that_its_source_hides_does_not_follow(communes: dict[str, int], data: st.DataObject) -> None:
    """Whatever it is: the reader sees the whole, the other communes and the departments without a hidden one."""
    whole = data.draw(st.integers(max(1, sum(communes.values())), 1 + sum(communes.values()) + 50))
    hidden = data.draw(st.sets(st.sampled_from(sorted(communes)), min_size=1))
    told = {code: MASKED if code in hidden else Told(numerator=number) for code, number in communes.items()}
    assert_nothing_follows(figure_table(whole, None, by_place(told)))


def test_one_hidden_commune_hides_another() -> None:
    parts = {"35001": Told(12), "35002": MASKED, "44001": Told(9), "44002": Told(30)}
    hidden = suppressed(figure_table(55, None, by_place(parts)), THRESHOLD)
    assert hidden == {("commune", "35001")}


def test_two_hidden_communes_need_no_other() -> None:
    parts = {"35001": MASKED, "35002": MASKED, "44001": Told(9)}
    assert suppressed(figure_table(20, None, by_place(parts)), THRESHOLD) == set()
    few_in_their_department = suppressed(figure_table(14, None, by_place(parts)), THRESHOLD)
    assert few_in_their_department == {NUMERATOR}


def test_of_none_every_commune_has_none() -> None:
    assert suppressed(figure_table(0, None, by_place({"35001": MASKED})), THRESHOLD) == set()


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.data())
def test_nothing_follows_when_somebody_is_counted_in_two_parts(parts: list[int], data: st.DataObject) -> None:
    """Of distinct patients the parts may add up to more than the whole."""
    whole = data.draw(st.integers(max(parts), sum(parts)))
    assert_nothing_follows(figure_table(whole, None, {"kind": {str(n): part for n, part in enumerate(parts)}}))


def table(whole: int, base: int | None = None, **parts: int) -> dict[Cell, Arc]:
    return figure_table(whole, base, {"kind": parts} if parts else {})


@pytest.mark.parametrize(
    ("arcs", "hidden"),
    [
        pytest.param(table(0), set(), id="zero is shown"),
        pytest.param(table(5), {NUMERATOR}, id="five is hidden"),
        pytest.param(table(6), set(), id="six is shown"),
        pytest.param(table(20, a=12, b=8), set(), id="nothing small"),
        pytest.param(table(20, a=17, b=3), {("kind", "a"), ("kind", "b")}, id="two parts: one gives the other away"),
        pytest.param(table(30, a=17, b=3, c=10), {("kind", "b"), ("kind", "c")}, id="the smallest other part goes too"),
        pytest.param(table(20, a=18, b=1, c=1), {("kind", it) for it in "abc"}, id="two ones add up to two"),
        pytest.param(table(20, a=16, b=3, c=1), {("kind", "b"), ("kind", "c")}, id="two small ones hide each other"),
        pytest.param(table(9, a=9, b=0), set(), id="a part that is all"),
        pytest.param(table(3, 40), {NUMERATOR}, id="few of many"),
        pytest.param(table(38, 40), {NUMERATOR}, id="all but few"),
        pytest.param(table(2, 4), {NUMERATOR, DENOMINATOR}, id="few of few"),
        pytest.param(table(40, 40), set(), id="all"),
        pytest.param(table(0, 40), set(), id="none"),
    ],
)
def test_what_is_hidden(arcs: Mapping[Cell, Arc], hidden: set[Cell]) -> None:
    assert suppressed(arcs, THRESHOLD) == hidden


def test_a_cross_table_hides_a_rectangle() -> None:
    hidden = suppressed(cross_table([[3, 20, 30], [12, 40, 50], [60, 70, 80]]), THRESHOLD)
    assert hidden == {("0", "0"), ("0", "1"), ("1", "0"), ("1", "1")}


def test_where_a_line_has_nothing_else_its_margin_goes() -> None:
    arcs = cross_table([[3, 0], [20, 30]])
    hidden = suppressed(arcs, THRESHOLD)
    assert {("0", "0"), ("0", "")} <= hidden
    assert TOTAL not in hidden


def test_another_threshold_hides_other_numbers() -> None:
    assert suppressed(table(10), 11) == {NUMERATOR}
    assert suppressed(table(5), 5) == set()


def test_a_wide_table_is_quick_enough() -> None:
    """Thirty-nine communes and three départements: what a figure of a large territory has."""
    departments = ("35", "44", "56")
    communes = {f"{departments[number % 3]}{number:03}": Told(number % 9) for number in range(39)}
    total = sum(it.numerator or 0 for it in communes.values())
    assert_nothing_follows(figure_table(total, total + 100, by_place(communes)))
