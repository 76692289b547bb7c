"""From a definition of the catalogue to SQL: what each word of the language is in the tables.

Every name that enters the SQL comes from `places`; codes travel as parameters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from indicators.domain.catalogue import Count
from indicators.domain.months import by_month
from indicators.domain.periods import Period
from indicators.store import month_sums
from indicators.store.places import PLACES, Place


@dataclass(frozen=True)
class Rows:
    """What a Count counts: SQL after SELECT, from FROM on, and its parameters from `$1`.

    `weight`: the column that says for how many a row stands; without one, each for one.
    """

    sql: str
    args: list[Any]
    place: Place
    unit: str
    distinct: bool
    weight: str | None

    def parameter(self, value: Any) -> str:
        """Adds a parameter; answers its placeholder."""
        self.args.append(value)
        return f"${len(self.args)}"


def rows_of(count: Count, territory: str, period: Period) -> Rows:
    """The standing rows of the period that the definition wants."""
    place = PLACES[count.of]
    args: list[Any] = [territory, period.start, period.end]
    standing = ["territory = $1", "standing", f"{place.at} >= $2", f"{place.at} < $3"]
    sql = f"FROM {place.table} WHERE {' AND '.join(standing + _conditions(count, place, args))}"
    return Rows(sql, args, place, *_unit(count, place), place.weights.get(count.count))


def entries_of(counts: Sequence[Count], territory: str, period: Period) -> tuple[str, list[Rows]]:
    """The same for counts of one source that has sums, to be counted alone: what stands before SELECT, and for each
    count its entries; the parameters are common to all of them.
    """
    source, place = counts[0].of, PLACES[counts[0].of]
    since, until = (list(column) for column in zip(*by_month(period.start, period.end), strict=True))
    args: list[Any] = [territory, period.start, period.end, since, until]
    found = [_entries(count, place, args) for count in counts]
    named = " ".join((*(f"{it.unit} {it.sql}" for it in found), *(name for count in counts for name in count.by)))
    words = set(re.findall(r"\w+", named))
    return month_sums.entries(source, [name for name in place.sums if name in words]), found


def _entries(count: Count, place: Place, args: list[Any]) -> Rows:
    sql = f"FROM entry WHERE {' AND '.join(['true', *_conditions(count, place, args)])}"
    unit, distinct = _unit(count, place)
    weight = place.weights.get(count.count) or (None if distinct else month_sums.NUMBER)
    return Rows(sql, args, place, unit, distinct, weight)


def _conditions(count: Count, place: Place, args: list[Any]) -> list[str]:
    """What the definition asks of a row; its codes are added to `args`."""
    conditions = []
    if extra := place.kinds_of_unit.get(count.count):
        conditions.append(extra)
    for name, wanted in count.where.items():
        column = place.fields[name]
        if isinstance(wanted, bool):
            conditions.append(column if wanted else f"NOT {column}")
            continue
        args.append(list(wanted))
        holder = f"${len(args)}"
        conditions.append(column.format(codes=holder) if "{codes}" in column else f"{column} = ANY({holder}::text[])")
    return conditions


def _unit(count: Count, place: Place) -> tuple[str, bool]:
    unit = place.units[count.count]
    return unit, unit != f"{place.key}::text"
