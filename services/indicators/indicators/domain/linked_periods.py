"""The tables of one indicator over its periods, and how they go together, for `protection`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product

from indicators.domain.communes import Parts, department_of
from indicators.domain.figures import Tally
from indicators.domain.periods import Period
from indicators.domain.protection import Link, Place, Protected, State, Table, protect
from indicators.domain.suppression import Cell
from indicators.domain.tables import DENOMINATOR, NUMERATOR, fitting

REST: Cell = ("", "rest")
"""Who is in the denominator and not in the numerator."""
_MOST_COMBINATIONS = 64


@dataclass(frozen=True)
class Edition:
    """What is said of an indicator in a period: the `number`th approval, or (0) what nobody approved yet, as it is now.

    A period may have both: its facts may have changed since.
    """

    period: Period
    number: int
    tally: Tally
    state: State
    hidden: frozenset[Cell] = frozenset()

    @property
    def name(self) -> str:
        """Of its table."""
        return f"{self.period.id} {self.number}"


def beside(editions: Sequence[Edition], unit: str, threshold: int, *, at_end: bool = False) -> Protected:
    """What the new editions hide, beside what is out of the same indicator. By name of the edition.

    `at_end`: what is counted at the end of a period, so that a year is its last quarter and no sum.
    """
    whole = [it if it.state == "told" else _with_zeros(it, editions) for it in editions]
    tables = {it.name: table_of(it.tally, unit, it.state, it.hidden) for it in whole}
    links = list(links_between(whole, tables, at_end=at_end))
    for name, table, more in [] if at_end else list(_left_over(whole, tables)):
        tables[name] = table
        links += more
    return protect(tables, links, threshold)


def _with_zeros(one: Edition, editions: Sequence[Edition]) -> Edition:
    """With the codes that others have: where nothing is said yet, nobody knows that it is zero."""
    parts: dict[str, dict[str, int | None]] = {}
    for other in editions:
        for name, codes in other.tally.breakdown.items():
            parts.setdefault(name, {}).update(dict.fromkeys(codes, 0))
    known = {name: codes | dict(one.tally.breakdown.get(name, {})) for name, codes in parts.items()}
    return replace(one, tally=replace(one.tally, breakdown=known))


def table_of(tally: Tally, unit: str, state: State, hidden: frozenset[Cell] = frozenset()) -> Table:
    """The numbers of a figure. A score counts those who answered, in its denominator; its numerator counts nobody."""
    if unit == "score":
        return Table({DENOMINATOR: tally.denominator or 0}, state, hidden)
    numbers: dict[Cell, int] = {NUMERATOR: tally.numerator or 0}
    sums: list[dict[Cell, int]] = []
    for name, parts in _fitting(tally.breakdown, tally.numerator or 0).items():
        told = {(name, code): value for code, value in parts.items()}
        numbers |= told
        # Parts may add up to more (somebody counted in two) or less: by how much is taken to be known.
        sums += [{NUMERATOR: -1, **dict.fromkeys(told, 1)}] if any(told.values()) else []
    sums += _sums_of_departments(tally.breakdown)
    numbers |= {("apart", code): value or 0 for code, value in tally.apart.items()}
    if tally.denominator is not None:
        rest = tally.denominator - numbers[NUMERATOR]
        numbers |= {DENOMINATOR: tally.denominator, **({REST: rest} if rest >= 0 else {})}
        sums.append({DENOMINATOR: -1, NUMERATOR: 1, **({REST: 1} if rest >= 0 else {})})
    departments = _withheld(tally.breakdown, "department") if "commune" in tally.breakdown else frozenset[Cell]()
    withheld = frozenset(cell for name in tally.breakdown for cell in _withheld(tally.breakdown, name)) - departments
    behind = frozenset({REST, *_withheld(tally.breakdown, "department")})
    return Table(numbers, state, hidden, behind, tuple(sums), withheld)


def _withheld(breakdown: Mapping[str, Parts], name: str) -> frozenset[Cell]:
    """The parts that are hidden by who told them."""
    return frozenset((name, code) for code, value in breakdown.get(name, {}).items() if value is None)


def _fitting(breakdown: Mapping[str, Parts], whole: int) -> dict[str, dict[str, int]]:
    """The parts, with numbers that fit in the place of those that are hidden by who told them."""
    found = {name: fitting(parts, whole) for name, parts in breakdown.items()}
    if found.keys() >= {"commune", "department"}:
        for code, value in breakdown["department"].items():
            inside = sum(number for it, number in found["commune"].items() if department_of(it) == code)
            found["department"][code] = inside if value is None else value
    return found


def _sums_of_departments(breakdown: Mapping[str, Parts]) -> list[dict[Cell, int]]:
    """Everybody knows which communes a department is the sum of."""
    if not breakdown.keys() >= {"commune", "department"}:
        return []
    return [
        {("department", code): -1, **{("commune", it): 1 for it in breakdown["commune"] if department_of(it) == code}}
        for code in breakdown["department"]
    ]


def links_between(editions: Sequence[Edition], tables: Mapping[str, Table], *, at_end: bool) -> Iterator[Link]:
    """Between a period and those that it is made of, and between the approvals of one period.

    A number that did not change from one approval to the next is taken to be the same number.
    """
    by_period = _by_period(editions)
    newest = [found[0] for found in by_period.values()]
    for found in by_period.values():
        for later, earlier in combinations(found, 2):
            yield from _unchanged(tables, later.name, earlier.name)
        for parts in _made_of(found[0], newest):
            known = [by_period[part.period.id] for part in parts]
            for whole in found:
                yield from _together(tables, whole.name, [[it.name for it in one] for one in known], at_end=at_end)


def _by_period(editions: Sequence[Edition]) -> dict[str, list[Edition]]:
    """The newest approval first."""
    found: dict[str, list[Edition]] = {}
    for edition in sorted(editions, key=lambda it: -it.number):
        found.setdefault(edition.period.id, []).append(edition)
    return found


def _left_over(editions: Sequence[Edition], tables: Mapping[str, Table]) -> Iterator[tuple[str, Table, list[Link]]]:
    """What is left of a period that was told, less all of its parts that were: the others, one alone or together.

    These as of those approvals: their facts may have changed since.
    """
    told = _by_period([it for it in editions if it.state != "unsaid"])
    newest = [found[0] for found in _by_period(editions).values()]
    for whole in (it for it in newest if it.period.id in told):
        for parts in _made_of(whole, newest):
            said = [told[it.period.id] for it in parts if it.period.id in told]
            if said and len(said) < len(parts):
                for ways in islice(product(told[whole.period.id], *said), _MOST_COMBINATIONS):
                    yield _rest(tables, [it.name for it in ways])


def _rest(tables: Mapping[str, Table], told: Sequence[str]) -> tuple[str, Table, list[Link]]:
    """The first of `told` less the others, which nobody publishes. What would be less than nothing says nothing."""
    whole, *others = told
    name, like = " less ".join(told), tables[whole]
    left = {
        cell: number - sum(tables[it].numbers.get(cell, 0) for it in others) for cell, number in like.numbers.items()
    }
    numbers = {cell: value for cell, value in left.items() if value >= 0}
    sums = tuple(one for one in like.sums if one.keys() <= numbers.keys())
    links = [
        Link({(whole, cell): -1, (name, cell): 1, **{(it, cell): 1 for it in others}})
        for cell in numbers
        if cell != REST
    ]
    return name, Table(numbers, "unsaid", behind=frozenset(numbers), sums=sums), links


def _made_of(whole: Edition, others: Sequence[Edition]) -> Iterator[list[Edition]]:
    """The ways to cover a period by shorter ones of one kind: a year by its quarters, and by its half-years."""
    start, end = whole.period.start, whole.period.end
    for kind in ("quarter", "half_year"):
        parts = [it for it in others if it.period.kind == kind != whole.period.kind]
        inside = sorted((it for it in parts if start <= it.period.start < end), key=lambda it: it.period.start)
        joints = [start, *(it.period.end for it in inside)]
        if inside and [*(it.period.start for it in inside), end] == joints:
            yield inside


def _unchanged(tables: Mapping[str, Table], later: str, earlier: str) -> Iterator[Link]:
    before = tables[earlier].numbers
    for cell, value in tables[later].numbers.items():
        if before.get(cell) == value and cell != REST:
            yield Link({(later, cell): 1, (earlier, cell): -1})


def _together(
    tables: Mapping[str, Table], whole: str, parts: Sequence[Sequence[str]], *, at_end: bool
) -> Iterator[Link]:
    """Number by number, of the approvals that add up.

    Where none do, facts came late or somebody counts in two quarters: of what was told, by how much is presumed to be
    known.
    """
    ways = [[name] for name in parts[-1]] if at_end else list(islice(product(*parts), _MOST_COMBINATIONS))
    cells = dict.fromkeys(cell for name in (whole, *ways[0]) for cell in tables[name].numbers)
    for cell in (it for it in cells if it != REST):
        value = tables[whole].numbers.get(cell, 0)
        adding = [way for way in ways if sum(tables[name].numbers.get(cell, 0) for name in way) == value]
        chosen = (adding or ways)[0]
        if adding or all(tables[name].state != "unsaid" for name in (whole, *chosen)):
            places: list[Place] = [(name, cell) for name in chosen]
            yield Link({(whole, cell): -1, **dict.fromkeys(places, 1)}, presumed=not adding)
