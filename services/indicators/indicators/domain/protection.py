"""Which numbers of new tables are hidden, so that no small one follows from them and from all that is out already.

Tables of several periods go together: a year is the sum of its quarters, number by number, and each of them is the sum
of its parts. Such sums are no longer a circulation (`suppression`), so a solver looks for witnesses. A witness says how
the numbers that a reader does not see could be others, in whole numbers, with every sum kept: what it moves, nobody can
work out. Where there is none, the cheapest one is made by hiding more of the new tables, the smallest numbers first.
What is out is never hidden again, and a zero only where nothing else would do.

What nobody approved yet may be approved one day: its zeros are seen then, and its small numbers are one at least. So a
witness that moves it within these bounds is looked for first; it can be kept, whatever is told in which order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from indicators.domain.suppression import Cell

_FARTHEST = 20
"""By how much a witness moves a number at most: one is the rule, and a search without an end is none."""
_NODES = 1_000
_TRIFLE = 0.0001
_ZERO = 1_000_000
"""What is lost when a zero is hidden: more than by hiding any other number."""
Place = tuple[str, Cell]
"""A number: the name of its table, and where it stands there."""
Sum = Mapping[Place, int]
"""Numbers with their factors, of which everybody knows what they add up to."""
State = Literal["new", "told", "unsaid"]


@dataclass(frozen=True)
class Link:
    """A sum over several tables. A `presumed` one does not hold to the last unit, but a reader may reckon with it."""

    sum: Sum
    presumed: bool = False


@dataclass(frozen=True)
class Table:
    """The numbers of a table. Of a `told` one all are out but the `hidden`; of an `unsaid` one none is.

    Nobody publishes those `behind` it (who is *not* in a numerator), though they may follow; nor those that are
    `withheld` by who told them, which must not follow whatever they are. `sums` say by cell, with factors, which
    numbers add up to something that everybody knows.
    """

    numbers: Mapping[Cell, int]
    state: State
    hidden: frozenset[Cell] = frozenset()
    behind: frozenset[Cell] = frozenset()
    sums: tuple[Mapping[Cell, int], ...] = ()
    withheld: frozenset[Cell] = frozenset()


@dataclass(frozen=True)
class Protected:
    """By new table what is hidden, and the secrets that nothing new can keep: they were out before."""

    hidden: Mapping[str, frozenset[Cell]]
    exposed: frozenset[Place] = frozenset()


@dataclass
class _Number:
    """A number that a reader may not know. `cost` is what is lost when it is hidden: nothing when it is already.

    A `secret` one must not follow from anything: small, or hidden by an approval, whatever for. One `to_come` stands in
    a table that may be told one day.
    """

    value: int
    secret: bool
    floor: int
    cost: int
    new: bool
    to_come: bool = False
    edges: list[tuple[int, int]] = field(default_factory=list)

    def room(self, *, foreseen: bool) -> tuple[int, int]:
        """By how much a witness may move it up, and down. `foreseen`: as far as can be kept when it is told."""
        tied = foreseen and self.to_come
        floor = min(self.value, 1) if tied else self.floor
        return 0 if tied and not self.value else _FARTHEST, min(self.value - floor, _FARTHEST)


def protect(tables: Mapping[str, Table], links: Iterable[Link], threshold: int) -> Protected:
    """What to hide of the new tables. Where the presumed sums leave no way, only the others count. Deterministic."""
    unknown = _unknown(tables, threshold)
    sums = [
        Link({(name, cell): factor for cell, factor in one.items()})
        for name, table in tables.items()
        for one in table.sums
    ]
    every = sorted([*sums, *links], key=lambda it: it.presumed)
    certain = sum(not it.presumed for it in every)
    _enter(unknown, [it.sum for it in every])
    moved: set[Place] = set()
    exposed: set[Place] = set()
    for place in _secrets(unknown):
        if place not in moved:
            witness = (
                _witness(unknown, len(every), place, foreseen=True)
                or _witness(unknown, len(every), place, foreseen=False)
                or _witness(unknown, certain, place, foreseen=False)
            )
            exposed |= set() if witness else {place}
            moved |= witness
            for it in witness:
                unknown[it].cost = 0
    hidden = {name: set[Cell]() for name, table in tables.items() if table.state == "new"}
    for (name, cell), number in unknown.items():
        if number.new and not number.cost:
            hidden[name].add(cell)
    return Protected({name: frozenset(cells) for name, cells in hidden.items()}, frozenset(exposed))


def _unknown(tables: Mapping[str, Table], threshold: int) -> dict[Place, _Number]:
    """What is not out. A reader takes what is hidden for one at least, since a zero hardly ever is."""
    found = {}
    for name, table in tables.items():
        never_told = table.behind | table.withheld
        for cell, value in table.numbers.items():
            silent = table.state == "unsaid" or cell in never_told
            if silent or cell in table.hidden or table.state == "new":
                is_new = table.state == "new" and not silent
                small = 0 < value < threshold
                cost = (value or _ZERO) if is_new and not small else 0
                secret = small or (cell in table.hidden and not silent) or cell in table.withheld
                to_come = table.state == "unsaid" and cell not in never_told
                found[name, cell] = _Number(value, secret, 0 if silent else min(value, 1), cost, is_new, to_come)
    return found


def _enter(unknown: Mapping[Place, _Number], sums: Sequence[Sum]) -> None:
    """Notes with each number in which sums it stands."""
    for row, one in enumerate(sums):
        for place, factor in one.items():
            if place in unknown:
                unknown[place].edges.append((row, factor))


def _secrets(unknown: Mapping[Place, _Number]) -> list[Place]:
    secrets = [place for place, it in unknown.items() if it.secret]
    return sorted(secrets, key=lambda place: (unknown[place].value, place))


def _witness(unknown: Mapping[Place, _Number], rows: int, place: Place, *, foreseen: bool) -> set[Place]:
    """The cheapest numbers that move with this one, by the first `rows` sums; none when it cannot move."""
    more = _solved(unknown, rows, place, 1, foreseen=foreseen)
    if more and more[0] < 1:
        return more[1]  # of what is hidden already
    found = [it for it in (more, _solved(unknown, rows, place, -1, foreseen=foreseen)) if it]
    return min(found, key=lambda it: it[0])[1] if found else set()


def _solved(
    unknown: Mapping[Place, _Number], rows: int, place: Place, side: int, *, foreseen: bool
) -> tuple[float, set[Place]] | None:
    """By a mixed-integer programme: how much each number is more (first half) and less (second half)."""
    import numpy as np  # noqa: PLC0415 - half a second of a start that only an approval needs
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import csc_array  # noqa: PLC0415

    places = list(unknown)
    numbers = [unknown[it] for it in places]
    entries: list[tuple[int, int, int]] = []
    for column, number in enumerate(numbers):
        edges = [it for it in number.edges if it[0] < rows]
        entries += [(row, column, factor) for row, factor in edges]
        entries += [(row, column + len(places), -factor) for row, factor in edges]
    up, down = zip(*(number.room(foreseen=foreseen) for number in numbers), strict=True)
    least, most = np.zeros(2 * len(places)), np.array([*up, *down], dtype=float)
    this = places.index(place)
    more, less = (this, this + len(places)) if side > 0 else (this + len(places), this)
    least[more], most[less] = 1, 0
    if most[more] < 1:
        return None
    options: dict[str, Any] = {}
    if entries:
        rows_of, columns_of, factors = zip(*entries, strict=True)
        matrix = csc_array((factors, (rows_of, columns_of)), shape=(rows, 2 * len(places)), dtype=float)
        options["constraints"] = LinearConstraint(matrix, 0, 0)
    # A trifle for every number that moves, so that a witness moves none without need.
    costs = np.array([number.cost + _TRIFLE for number in numbers] * 2)
    whole = np.ones(2 * len(places))
    answer = milp(costs, integrality=whole, bounds=Bounds(least, most), options={"node_limit": _NODES}, **options)
    if answer.x is None:
        return None
    moves = np.rint(answer.x[: len(places)] - answer.x[len(places) :])
    return float(answer.fun), {it for it, move in zip(places, moves, strict=True) if move}
