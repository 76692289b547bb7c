"""From a definition of the catalogue to SQL: what each word of the language is in the tables.

Every name that enters the SQL comes from `places`; codes travel as parameters.
"""

from dataclasses import dataclass
from typing import Any

from indicators.domain.catalogue import Count
from indicators.domain.periods import Period
from indicators.store.places import PLACES, Place


@dataclass(frozen=True)
class Rows:
    """The rows that a Count counts: SQL after SELECT, from FROM on, and its parameters from `$1`."""

    sql: str
    args: list[Any]
    place: Place
    unit: str
    distinct: bool

    def parameter(self, value: Any) -> str:
        """Adds a parameter; answers its placeholder."""
        self.args.append(value)
        return f"${len(self.args)}"


def rows_of(count: Count, territory: str, period: Period) -> Rows:
    """The standing rows of the period that the definition wants."""
    place = PLACES[count.of]
    args: list[Any] = [territory, period.start, period.end]
    conditions = ["territory = $1", "standing", f"{place.at} >= $2", f"{place.at} < $3"]
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
    sql = f"FROM {place.table} WHERE {' AND '.join(conditions)}"
    unit = place.units[count.count]
    return Rows(sql, args, place, unit, distinct=unit != f"{place.key}::text")
