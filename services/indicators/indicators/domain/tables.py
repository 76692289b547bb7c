"""Tables of counts as circulations, for `suppression`: a figure with its breakdowns, and a cross of two dimensions."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from indicators.domain.suppression import Arc, Cell

NUMERATOR: Cell = ("", "numerator")
DENOMINATOR: Cell = ("", "denominator")
TOTAL: Cell = ("", "total")


def figure_table(
    numerator: int, denominator: int | None, breakdown: Mapping[str, Mapping[str, int]]
) -> dict[Cell, Arc]:
    """A figure: its numerator, split by each dimension, and the rest of its denominator that is not in the numerator.

    Parts that add up to more than the numerator (somebody counted in two) or less differ from it by a fixed number.
    """
    first = "base" if denominator is None else "top"
    stages = ["start", *(f"after {name}" for name in breakdown)]
    stages[-1] = "base"
    arcs = {NUMERATOR: Arc(first, stages[0], numerator)}
    for (name, parts), (source, sink) in zip(breakdown.items(), pairwise(stages), strict=True):
        arcs |= {(name, code): Arc(source, sink, value) for code, value in parts.items()}
        arcs |= _balance((name, " "), source, sink, numerator - sum(parts.values()))
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


def _balance(cell: Cell, source: str, sink: str, value: int) -> dict[Cell, Arc]:
    if not value:
        return {}
    return {cell: Arc(source, sink, value, "fixed") if value > 0 else Arc(sink, source, -value, "fixed")}
