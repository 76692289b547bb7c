"""From a definition of the catalogue to SQL: what each word of the language is in the tables.

Every name that enters the SQL comes from `places`; codes travel as parameters.
"""

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

    `weight`: the column that says for how many a row stands. `head` begins the whole statement.
    """

    sql: str
    args: list[Any]
    place: Place
    unit: str
    distinct: bool
    weight: str | None = None
    head: str = ""

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
    return Rows(sql, args, place, **_unit(count, place), weight=place.weights.get(count.count))


def entries_of(count: Count, territory: str, period: Period) -> Rows:
    """The same to be counted alone: months that have a sum as its entries, and only the others as rows."""
    place = PLACES[count.of]
    if not place.sums:
        return rows_of(count, territory, period)
    since, until = (list(column) for column in zip(*by_month(period.start, period.end), strict=True))
    args: list[Any] = [territory, period.start, period.end, since, until]
    sql = f"FROM {month_sums.table(count.of)} WHERE {' AND '.join(['true', *_conditions(count, place, args)])}"
    unit = _unit(count, place)
    weight = place.weights.get(count.count) or (None if unit["distinct"] else month_sums.NUMBER)
    return Rows(sql, args, place, **unit, weight=weight, head=month_sums.head(count.of))


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


def _unit(count: Count, place: Place) -> dict[str, Any]:
    unit = place.units[count.count]
    return {"unit": unit, "distinct": unit != f"{place.key}::text"}
