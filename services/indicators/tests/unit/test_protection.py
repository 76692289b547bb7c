"""No small number follows from all that is published of an indicator, over periods, breakdowns and approvals.

The reader who tries is a linear programme. It knows every number that is out, that a hidden one is at least 1, how the
parts of a table go together, that the quarters of a year add up to it, and what stayed the same from one approval to
the next. It is written without the code that hides: from numbers and gaps in tables as a reader sees them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Tally
from indicators.domain.linked_periods import Edition, beside
from indicators.domain.periods import parse_period
from indicators.domain.protection import Protected
from indicators.domain.suppression import Cell

THRESHOLD = 6
YEAR = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026-H1", "2026-H2", "2026")
QUARTERS = {
    "2026-H1": ("2026-Q1", "2026-Q2"),
    "2026-H2": ("2026-Q3", "2026-Q4"),
    "2026": ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"),
}
WHOLE, BASE, REST = ("", "numerator"), ("", "denominator"), ("", "rest")
Numbers = Mapping[Cell, int]


@dataclass
class Reader:
    """Everything that is out, and what it means. Tables are told by their period and the number of the approval."""

    values: dict[tuple[str, Cell], int] = field(default_factory=dict)
    known: set[tuple[str, Cell]] = field(default_factory=set)
    hidden: set[tuple[str, Cell]] = field(default_factory=set)
    floors: dict[tuple[str, Cell], int] = field(default_factory=dict)
    sums: list[dict[tuple[str, Cell], int]] = field(default_factory=list)

    def told(self, name: str, numbers: Numbers, hidden: frozenset[Cell], *, out: bool = True) -> None:
        """A table of an approval; or one that is not out, of which nothing is known but how it goes together."""
        self.hidden |= {(name, cell) for cell in hidden}
        for cell, value in numbers.items():
            place = (name, cell)
            self.values[place] = value
            self.floors[place] = min(value, 1) if out and cell != REST else 0
            if out and cell != REST and cell not in hidden:
                self.known.add(place)
        for dimension in {cell[0] for cell in numbers} - {""}:
            parts = {(name, cell): 1 for cell in numbers if cell[0] == dimension}
            self.sums.append({(name, WHOLE): -1, **parts})
        if BASE in numbers:
            self.sums.append({(name, BASE): -1, (name, WHOLE): 1, (name, REST): 1})

    def adds_up(self, whole: str, parts: Sequence[str], cells: Sequence[Cell]) -> None:
        for cell in cells:
            self.sums.append({(whole, cell): -1, **{(part, cell): 1 for part in parts}})

    def sees_no_change(self, one: Edition, other: Edition) -> None:
        """Of two approvals of a period: the same number twice is the same people."""
        for cell, value in numbers_of(one).items():
            if one.period == other.period and numbers_of(other).get(cell) == value:
                self.sums.append({(one.name, cell): 1, (other.name, cell): -1})

    def adds_up_somehow(self, whole: str, parts: Sequence[str], editions: Sequence[Edition]) -> None:
        """Whatever approvals were made of the same facts: where their numbers add up, that is no chance."""
        ways = list(product(*([it for it in editions if it.period.id == name] for name in parts)))
        for one in (it for it in editions if it.period.id == whole):
            for cell, value in numbers_of(one).items():
                for way in ways:
                    if sum(numbers_of(it)[cell] for it in way) == value:
                        self.adds_up(one.name, [it.name for it in way], [cell])

    def believes(self, place: tuple[str, Cell]) -> tuple[float, float]:
        """The least and the greatest that a number may be."""
        names = [it for it in self.values if it not in self.known]
        column = {name: number for number, name in enumerate(names)}
        matrix, right = np.zeros((len(self.sums), len(names))), np.zeros(len(self.sums))
        for row, one in enumerate(self.sums):
            for it, factor in one.items():
                if it in column:
                    matrix[row, column[it]] += factor
                right[row] += factor * self.values[it] if it in column else 0
        bounds = [(self.floors[it], None) for it in names]
        aim, found = np.zeros(len(names)), []
        aim[column[place]] = 1
        for sign in (1, -1):
            answer = linprog(sign * aim, A_eq=matrix, b_eq=right, bounds=bounds)
            found.append(np.inf if answer.status == 3 else sign * answer.fun)
        return found[0], found[1]

    def learns(self) -> list[str]:
        """The secrets that are published, or follow from what is."""
        found = []
        for place, value in self.values.items():
            small = 0 < value < THRESHOLD
            if small and place in self.known:
                found.append(f"{place} is {value}, and published")
            elif small or place in self.hidden:
                low, high = self.believes(place)
                found += [] if high - low > 0.5 else [f"{place} is {value}, and follows from what is published"]
        return found


def tally_of(numbers: Numbers) -> Tally:
    parts: dict[str, dict[str, int | None]] = {}
    for (dimension, code), value in numbers.items():
        if dimension:
            parts.setdefault(dimension, {})[code] = value
    return Tally(numbers[WHOLE], numbers.get(BASE), parts)


def edition(name: str, numbers: Numbers, number: int = 1, **values: Any) -> Edition:
    return Edition(parse_period(name, CATALOGUE_ZONE), number, tally_of(numbers), **{"state": "new", **values})


CATALOGUE_ZONE = Catalogue(version=1, timezone="Europe/Paris", indicators=()).zone


def publish(order: Sequence[str], numbers: Mapping[str, Numbers], **kind: bool) -> dict[str, Edition]:
    """One period after the other; those that are over and not approved are unsaid."""
    found = {name: edition(name, numbers[name], 0, state="unsaid") for name in YEAR}
    for name in order:
        new = edition(name, numbers[name])
        others = [it for key, it in found.items() if key != name]
        protected = beside([new, *others], "count", THRESHOLD, **kind)
        assert not protected.exposed
        found[name] = replace(new, state="told", hidden=protected.hidden[new.name])
    return found


def reader_of(editions: Mapping[str, Edition], numbers: Mapping[str, Numbers]) -> Reader:
    reader = Reader()
    for name, one in editions.items():
        reader.told(name, numbers[name], one.hidden, out=one.state == "told")
    for whole, parts in QUARTERS.items():
        reader.adds_up(whole, parts, list(numbers[whole]))
    return reader


COUNTS = st.one_of(st.just(0), st.integers(1, 8), st.integers(0, 60))


@st.composite
def years(draw: st.DrawFn, *, rate: bool = False) -> dict[str, Numbers]:
    """Four quarters by two dimensions, and the half-years and the year that they add up to."""
    quarters = []
    for _ in range(4):
        crossed = [[draw(COUNTS) for _ in range(2)] for _ in range(3)]
        numbers = {("first", str(place)): sum(row) for place, row in enumerate(crossed)}
        numbers |= {("second", str(place)): sum(column) for place, column in enumerate(zip(*crossed, strict=True))}
        numbers[WHOLE] = sum(map(sum, crossed))
        if rate:
            numbers[REST] = draw(COUNTS)
            numbers[BASE] = numbers[WHOLE] + numbers[REST]
        quarters.append(numbers)
    found = dict(zip(YEAR, quarters, strict=False))
    for whole, parts in QUARTERS.items():
        found[whole] = {cell: sum(found[part][cell] for part in parts) for cell in quarters[0]}
    return found


ORDERS = st.permutations(YEAR).flatmap(lambda order: st.integers(1, len(YEAR)).map(lambda number: order[:number]))


@settings(deadline=None, max_examples=30)
@given(years(), ORDERS)
def test_nothing_follows_over_the_periods_of_a_year(numbers: dict[str, Numbers], order: list[str]) -> None:
    assert reader_of(publish(order, numbers), numbers).learns() == []


@settings(deadline=None, max_examples=20)
@given(years(rate=True), ORDERS)
def test_nothing_follows_over_the_periods_of_a_rate(numbers: dict[str, Numbers], order: list[str]) -> None:
    assert reader_of(publish(order, numbers), numbers).learns() == []


@st.composite
def corrections(draw: st.DrawFn) -> list[tuple[str, dict[str, Numbers]]]:
    """What is approved one after the other, each with the numbers of the year as they were known then."""
    numbers, found = draw(years()), []
    for name in draw(st.lists(st.sampled_from(YEAR), min_size=2, max_size=6)):
        found.append((name, numbers))
        numbers = corrected(numbers, draw(st.sampled_from(YEAR[:4])), draw(st.integers(-2, 2)))
    return found


def corrected(numbers: dict[str, Numbers], quarter: str, more: int) -> dict[str, Numbers]:
    """Somebody is found, or struck out, in one quarter, in the first part of both dimensions."""
    cells = (WHOLE, ("first", "0"), ("second", "0"))
    if min(numbers[quarter][cell] for cell in cells) + more < 0:
        return numbers
    touched = {quarter, *(whole for whole, parts in QUARTERS.items() if quarter in parts)}
    add = dict.fromkeys(cells, more)
    return {
        name: {cell: value + (add.get(cell, 0) if name in touched else 0) for cell, value in known.items()}
        for name, known in numbers.items()
    }


@settings(deadline=None, max_examples=25)
@given(corrections())
def test_nothing_follows_when_a_period_is_approved_again(approvals: list[tuple[str, dict[str, Numbers]]]) -> None:
    """But what is said to: two numbers of different people may add up to one that is out by chance."""
    told: list[Edition] = []
    exposed: set[tuple[str, Cell]] = set()
    for name, numbers in approvals:
        found = approved_again(told, name, numbers)
        exposed |= found.exposed
    last = approvals[-1][1]
    everything = [*told, *(edition(it, last[it], 0, state="unsaid") for it in YEAR if it != approvals[-1][0])]
    reader = Reader()
    for one in everything:
        reader.told(one.name, numbers_of(one), one.hidden, out=one.state == "told")
    for pair in combinations(everything, 2):
        reader.sees_no_change(*pair)
    for whole, parts in QUARTERS.items():
        reader.adds_up_somehow(whole, parts, everything)
    assert [it for it in reader.learns() if not it.startswith(tuple(f"{place} is" for place in exposed))] == []


def approved_again(told: list[Edition], name: str, numbers: Mapping[str, Numbers]) -> Protected:
    """Adds the approval to what was told; the other periods are as the facts are now."""
    new = edition(name, numbers[name], 1 + sum(it.period.id == name for it in told))
    others = [edition(it, numbers[it], 0, state="unsaid") for it in YEAR if it != name]
    protected = beside([new, *told, *others], "count", THRESHOLD)
    told.append(replace(new, state="told", hidden=protected.hidden[new.name]))
    return protected


def test_what_came_late_is_hidden_when_the_other_quarter_would_tell_it() -> None:
    """A quarter was told without somebody who is in the half-year; it may be told again."""
    before, since = year(Q2={"a": 30}), year(Q1={"a": 1}, Q2={"a": 30})
    told: list[Edition] = []
    stories = [("2026-Q1", before), ("2026-H1", since), ("2026-Q2", since), ("2026-Q1", since)]
    assert not any(approved_again(told, *story).exposed for story in stories)
    assert {it.name: set(it.hidden) for it in told if it.hidden} == {"2026-Q2 1": {WHOLE, A}, "2026-Q1 2": {WHOLE, A}}


def numbers_of(one: Edition) -> dict[Cell, int]:
    parts = {(name, code): value or 0 for name, codes in one.tally.breakdown.items() for code, value in codes.items()}
    return {WHOLE: one.tally.numerator or 0, **parts}


def year(**quarters: dict[str, int]) -> dict[str, Numbers]:
    """The periods of a year, of what is in the parts of each quarter."""
    codes = sorted({code for parts in quarters.values() for code in parts})
    found: dict[str, Numbers] = {}
    for name in YEAR[:4]:
        parts = {("kind", code): quarters.get(name[5:], {}).get(code, 0) for code in codes}
        found[name] = {WHOLE: sum(parts.values()), **parts}
    for whole, parts_of in QUARTERS.items():
        found[whole] = {cell: sum(found[part][cell] for part in parts_of) for cell in found["2026-Q1"]}
    return found


A, B = ("kind", "a"), ("kind", "b")
PLENTY = {"a": 20, "b": 30}


@pytest.mark.parametrize(
    ("numbers", "order", "hidden"),
    [
        pytest.param(
            year(Q1=PLENTY, Q2=PLENTY, Q3=PLENTY, Q4={"a": 3, "b": 30}),
            [*YEAR[:4], "2026"],
            {"2026-Q4": {A, B}, "2026": {A, B}},
            id="the year would give the hidden quarter away",
        ),
        pytest.param(
            year(Q1=PLENTY, Q2=PLENTY, Q3=PLENTY, Q4={"a": 3, "b": 30}),
            ["2026", *YEAR[:4]],
            {"2026-Q4": {A, B}, "2026-Q3": {A, B}},
            id="the year is out: another quarter is hidden beside the small one",
        ),
        pytest.param(
            year(Q1={"a": 2}, Q2={"a": 7}, Q3={"a": 8}, Q4={"a": 9}),
            ["2026-Q1", "2026-Q2", "2026-H1"],
            {"2026-Q1": {WHOLE, A}, "2026-H1": {WHOLE, A}},
            id="a half-year less its other quarter",
        ),
        pytest.param(
            year(Q1={"a": 7}, Q2={"a": 8}, Q3={"a": 1}, Q4={"a": 2}),
            ["2026-H1", "2026"],
            {"2026": {WHOLE, A}},
            id="a small half-year that nobody approved is the year less the other",
        ),
        pytest.param(
            year(Q1={"a": 30}, Q2={"a": 1}),
            ["2026-Q1", "2026", "2026-Q2"],
            {"2026": {WHOLE, A}, "2026-Q2": {WHOLE, A}},
            id="nine months that nobody approved are the year less the quarter that was",
        ),
        pytest.param(
            year(Q1=PLENTY, Q2=PLENTY, Q3={"a": 3, "b": 30}, Q4={"a": 4, "b": 30}),
            [*YEAR[:4], "2026-H1", "2026"],
            {"2026-Q3": {A, B}, "2026-Q4": {A, B}},
            id="two hidden quarters hide each other",
        ),
        pytest.param(
            year(Q1=PLENTY, Q2=PLENTY, Q3=PLENTY, Q4=PLENTY), [*YEAR], {}, id="nothing is small, nothing is hidden"
        ),
        pytest.param(year(Q1={"a": 3}), YEAR[1:4], {}, id="quarters say nothing of each other"),
    ],
)
def test_what_is_hidden(numbers: dict[str, Numbers], order: list[str], hidden: dict[str, set[Cell]]) -> None:
    found = publish(order, numbers)
    assert {name: set(it.hidden) for name, it in found.items() if it.hidden} == hidden
    assert reader_of(found, numbers).learns() == []


@pytest.mark.parametrize(
    ("hidden", "how"),
    [(frozenset(), "and published"), (frozenset({A}), "and follows"), (frozenset({A, B}), "and follows")],
)
def test_the_reader_finds_what_is_hidden_too_little(hidden: frozenset[Cell], how: str) -> None:
    """One quarter of a year, with everything else out: its numbers are the year less the others."""
    numbers = year(Q1=PLENTY, Q2=PLENTY, Q3=PLENTY, Q4={"a": 3, "b": 30})
    editions = {name: edition(name, numbers[name], state="told") for name in YEAR}
    editions["2026-Q4"] = replace(editions["2026-Q4"], hidden=hidden)
    learnt = reader_of(editions, numbers).learns()
    assert any("2026-Q4" in it and how in it for it in learnt), learnt


def test_the_last_quarter_of_what_is_counted_at_an_end_is_the_year() -> None:
    """Vaccinated people as last reported: the year is no sum, it says what its last quarter says."""
    small: Numbers = {WHOLE: 30, A: 3, B: 27}
    numbers = dict.fromkeys(YEAR, small)
    found = publish(["2026-Q4", "2026"], numbers, at_end=True)
    assert found["2026"].hidden == found["2026-Q4"].hidden == {A, B}


def test_what_was_out_before_is_said_to_be_exposed() -> None:
    numbers = year(Q1=PLENTY, Q2=PLENTY, Q3=PLENTY, Q4={"a": 3, "b": 30})
    told = [edition(name, numbers[name], state="told") for name in ("2026-Q1", "2026-Q2", "2026-Q3", "2026")]
    protected = beside([edition("2026-Q4", numbers["2026-Q4"]), *told], "count", THRESHOLD)
    assert protected.exposed == {("2026-Q4 1", A)}


def test_a_mean_hides_how_few_answered() -> None:
    tallies = [(7, 8, 9, 4), (28,)]
    found: list[Edition] = []
    for name, base in zip((*YEAR[:4], "2026"), [it for row in tallies for it in row], strict=True):
        new = Edition(parse_period(name, CATALOGUE_ZONE), 1, Tally(base * 80, base), "new")
        protected = beside([new, *found], "score", THRESHOLD)
        found.append(replace(new, state="told", hidden=protected.hidden[new.name]))
    assert {it.period.id for it in found if it.hidden} == {"2026-Q4", "2026"}
