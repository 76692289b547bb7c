"""From a definition of the catalogue to SQL: what each word of the language is in the tables.

Every name that enters the SQL comes from the two dictionaries below; codes travel as parameters.
"""

from dataclasses import dataclass
from typing import Any

from indicators.domain.catalogue import Count
from indicators.domain.periods import Period


@dataclass(frozen=True)
class Place:
    """Where a source lives. `units` that are the row's own id need no DISTINCT. `visits`: bookings prove its rows."""

    table: str
    key: str
    at: str
    units: dict[str, str]
    fields: dict[str, str]
    kinds_of_unit: dict[str, str]
    visits: bool = True


# A sending never changes, so its fact is all there is to know: a row for each of its recipients.
_SENDINGS = """(
SELECT territory, subject, true AS standing, occurred_at AS sent_at, dimensions ->> 'list' AS list, recipient
FROM fact, jsonb_array_elements_text(dimensions -> 'recipients') AS recipient WHERE kind = 'list.sent'
) AS sending"""

# A count holds until the next one: that of a period is the last before its end ($3), of the period before or its own.
_GENERAL_PRACTITIONERS = """(
SELECT territory, subject, true AS standing, greatest(occurred_at, $2) AS counted_at, professional,
       dimensions -> 'accepting' ? professional AS accepts
FROM (SELECT * FROM fact WHERE territory = $1 AND kind = 'acceptance.counted' AND occurred_at < $3
      ORDER BY occurred_at DESC, event_id LIMIT 1) AS last,
     jsonb_array_elements_text(dimensions -> 'general_practitioners') AS professional
) AS general_practitioner"""

PLACES = {
    "slots": Place(
        table="slot_fact",
        key="slot_id",
        at="starts_at",
        units={
            "slot": "slot_id::text",
            "effector": "effector_kind || ':' || effector_id",
            "professional": "effector_id",
        },
        fields={
            "audience": "audience && {codes}::text[]",
            "specialty": "specialties && {codes}::text[]",
            "profession": "profession",
            "mode": "mode",
            "effector_kind": "effector_kind",
            "booked": "booked",
        },
        kinds_of_unit={"professional": "effector_kind = 'professional'"},
    ),
    "calls": Place(
        table="call_fact",
        key="call_id",
        at="received_at",
        units={"call": "call_id::text"},
        fields={
            "origin": "origin",
            "profession": "profession",
            "specialty": "specialty",
            "outcome": "outcome",
            "booked": "booked",
        },
        kinds_of_unit={},
    ),
    "sendings": Place(
        table=_SENDINGS,
        key="subject",
        at="sent_at",
        units={"recipient": "recipient"},
        fields={"list": "list"},
        kinds_of_unit={},
        visits=False,
    ),
    "general_practitioners": Place(
        table=_GENERAL_PRACTITIONERS,
        key="subject",
        at="counted_at",
        units={"professional": "professional"},
        fields={"accepts": "accepts"},
        kinds_of_unit={},
        visits=False,
    ),
}


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
