"""Tables of counts as circulations, for `suppression`: a figure with its breakdowns, and a cross of two dimensions."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

from indicators.domain.communes import Parts, department_of
from indicators.domain.suppression import Arc, Cell

NUMERATOR: Cell = ("", "numerator")
DENOMINATOR: Cell = ("", "denominator")
TOTAL: Cell = ("", "total")
_PLACES = ("commune", "department")


def figure_table(numerator: int, denominator: int | None, breakdown: Mapping[str, Parts]) -> dict[Cell, Arc]:
    """A figure: its numerator, split by each dimension, and the rest of its denominator that is not in the numerator.

    Parts that add up to more than the numerator (somebody counted in two) or less differ from it by a fixed number. A
    part that is None was hidden by who told it: what the others leave of the numerator is shared by these.
    """
    first = "base" if denominator is None else "top"
    splits = _splits(breakdown)
    stages = ["start", *(f"after {name}" for name in splits)]
    stages[-1] = "base"
    arcs = {NUMERATOR: Arc(first, stages[0], numerator)}
    for split, (source, sink) in zip(splits.values(), pairwise(stages), strict=True):
        arcs |= _split(split, numerator, source, sink)
    if denominator is not None:
        arcs[DENOMINATOR] = Arc("base", "top", denominator)
        rest = denominator - numerator
        others = {("", "rest"): Arc("top", "base", rest, "unshown")}
        arcs |= others if rest >= 0 else _balance(("", "rest"), "top", "base", rest)
    return arcs


def cross_table(rows: Sequence[Sequence[int]]) -> dict[Cell, Arc]:
    """Counts by two dimensions with both margins: cell (`row`, `column`), (`row`, ""), ("", `column`) and TOTAL.

    The total flows into the rows, each row into its cells, these into the columns, and the columns into the total.
    """
    columns = [sum(row[place] for row in rows) for place in range(len(rows[0]))]
    arcs = {TOTAL: Arc("columns", "rows", sum(columns))}
    for number, row in enumerate(rows):
        arcs[str(number), ""] = Arc("rows", f"row {number}", sum(row))
        arcs |= {
            (str(number), str(place)): Arc(f"row {number}", f"column {place}", value) for place, value in enumerate(row)
        }
    return arcs | {("", str(place)): Arc(f"column {place}", "columns", value) for place, value in enumerate(columns)}


_Split = Mapping[str, Parts]
"""The dimensions of one stage: one, or departments with their communes."""


def _splits(breakdown: Mapping[str, Parts]) -> dict[str, _Split]:
    """Communes add up to their departments, so these two are one stage."""
    if not breakdown.keys() >= set(_PLACES):
        return {name: {name: parts} for name, parts in breakdown.items()}
    others = {name: {name: parts} for name, parts in breakdown.items() if name not in _PLACES}
    return {**others, "place": {name: breakdown[name] for name in _PLACES}}


def _split(split: _Split, whole: int, source: str, sink: str) -> dict[Cell, Arc]:
    if len(split) > 1:
        return _places(split["commune"], split["department"], whole, source, sink)
    ((name, parts),) = split.items()
    values = fitting(parts, whole)
    arcs = {(name, code): Arc(source, sink, values[code], _role(parts[code])) for code in parts}
    return arcs | _balance((name, " "), source, sink, whole - sum(values.values()))


def _places(communes: Parts, departments: Parts, whole: int, source: str, sink: str) -> dict[Cell, Arc]:
    """Into the departments, and from each of these into its communes."""
    values = fitting(communes, whole)
    sums: dict[str, int] = dict.fromkeys(departments, 0)
    for code, value in values.items():
        sums[department_of(code)] = sums.get(department_of(code), 0) + value
    told = {code: known if (known := departments.get(code)) is not None else value for code, value in sums.items()}
    arcs: dict[Cell, Arc] = {}
    for code, value in told.items():
        shown = departments.get(code) is not None
        arcs["department", code] = Arc(source, f"in {code}", value, "shown" if shown else "unshown")
        arcs |= _balance(("commune", f" {code}"), f"in {code}", sink, value - sums[code])
    for code, value in values.items():
        arcs["commune", code] = Arc(f"in {department_of(code)}", sink, value, _role(communes[code]))
    return arcs | _balance(("department", " "), source, sink, whole - sum(told.values()))


def fitting(parts: Parts, whole: int) -> dict[str, int]:
    """Numbers that fit: what the known parts leave goes to the first that is hidden, whichever it is of."""
    left = max(0, whole - sum(value for value in parts.values() if value is not None))
    filled = {}
    for code, value in parts.items():
        filled[code] = left if value is None else value
        left = 0 if value is None else left
    return filled


def _role(value: int | None) -> Literal["shown", "withheld"]:
    return "withheld" if value is None else "shown"


def _balance(cell: Cell, source: str, sink: str, value: int) -> dict[Cell, Arc]:
    if not value:
        return {}
    return {cell: Arc(source, sink, value, "fixed") if value > 0 else Arc(sink, source, -value, "fixed")}
