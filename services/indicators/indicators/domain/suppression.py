"""Which numbers of a table are hidden, so that no small one follows from the numbers that are left.

A table is read as a circulation: every number flows from one sum into another, and at each sum as much comes in as goes
out. Parts flow side by side, a total flows back. What a reader may still believe of the hidden numbers is then every
other circulation with the same visible numbers; one of them is known for sure exactly when no cycle of hidden numbers
leads through it along which it could be one more, or one less. Such bounds are whole numbers (the matrix of a network
is totally unimodular), so this is as sharp as linear programming.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal

Cell = tuple[str, str]
"""Where a number stands: the dimension (empty for the whole figure) and the code."""
Role = Literal["shown", "unshown", "withheld", "fixed"]


@dataclass(frozen=True)
class Arc:
    """One number that flows from a sum to another.

    An `unshown` one stands in no table, though it may follow from one (who is *not* in a numerator). A `withheld` one
    is hidden by who told it, and must not follow whatever it is; its value here is one that fits. A `fixed` one is
    taken to be known by everybody (by how much parts overlap), which errs on the side of hiding more.
    """

    source: str
    sink: str
    value: int
    role: Role = "shown"


@dataclass(frozen=True)
class _Edge:
    cell: Cell
    to: str
    cost: int


def suppressed(arcs: Mapping[Cell, Arc], threshold: int) -> frozenset[Cell]:
    """The shown cells to hide: those of 1 to `threshold` - 1, and others, the smallest, so that none can be derived.

    Zero is shown and therefore never hidden: whoever sees a hidden cell knows that it is 1 or more.
    """
    withheld = {cell for cell, arc in arcs.items() if arc.role == "withheld"}
    small = {cell for cell, arc in arcs.items() if arc.role != "fixed" and 0 < arc.value < threshold} | withheld
    hidden = small | {cell for cell, arc in arcs.items() if arc.role == "unshown"}
    pending = sorted(small, key=lambda cell: (-arcs[cell].value, cell))
    while pending:
        needed = sorted(_doubt(arcs, hidden, pending.pop()) - hidden)
        hidden.update(needed)
        pending += needed
    return frozenset(cell for cell in hidden if arcs[cell].role == "shown")


def _doubt(arcs: Mapping[Cell, Arc], hidden: set[Cell], cell: Cell) -> set[Cell]:
    """What must be hidden, at the least loss, for `cell` to be possibly one more or one less than it is.

    Nothing helps where all is zero: a part of none is none, whoever withholds it.
    """
    arc = arcs[cell]
    ways = [_cheapest(arcs, hidden, cell, arc.sink, arc.source)]
    if arc.value > _floor(arc):
        ways.append(_cheapest(arcs, hidden, cell, arc.source, arc.sink))
    found = min((way for way in ways if way), key=lambda way: way[0], default=None)
    return found[1] if found else set()


def _cheapest(
    arcs: Mapping[Cell, Arc], hidden: set[Cell], without: Cell, start: str, end: str
) -> tuple[int, set[Cell]] | None:
    """The cheapest way of changes from one sum to another (Dijkstra), and the cells on it; None when there is none."""
    edges = _edges(arcs, hidden, without)
    found: list[tuple[int, int, str, tuple[Cell, ...]]] = [(0, 0, start, ())]
    seen: set[str] = set()
    while found:
        cost, length, node, path = heappop(found)
        if node == end:
            return cost, set(path)
        if node in seen:
            continue
        seen.add(node)
        for edge in edges.get(node, ()):
            heappush(found, (cost + edge.cost, length + 1, edge.to, (*path, edge.cell)))
    return None


def _edges(arcs: Mapping[Cell, Arc], hidden: set[Cell], without: Cell) -> dict[str, list[_Edge]]:
    edges: dict[str, list[_Edge]] = {}
    for cell, arc in arcs.items():
        if cell != without and (cell in hidden or (arc.role == "shown" and arc.value)):
            for start, end in _changes(arc):
                edges.setdefault(start, []).append(_Edge(cell, end, 0 if cell in hidden else arc.value))
    return edges


def _changes(arc: Arc) -> Iterator[tuple[str, str]]:
    """A hidden number could always be more, and less down to its floor."""
    yield arc.source, arc.sink
    if arc.value > _floor(arc):
        yield arc.sink, arc.source


def _floor(arc: Arc) -> int:
    return 1 if arc.role == "shown" else 0
