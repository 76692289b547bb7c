"""A file of emergency visits and stays: good lines, and of each bad one its number and what is wrong with which field.

What a line says of a patient is in no refusal: they are kept, and shown to whoever mends the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import ValidationError

from pathways.domain.hospital import Hospital, StayTold

COLUMNS = tuple(StayTold.model_fields)
_WANTED = tuple(name for name, it in StayTold.model_fields.items() if it.is_required())
_CAUSES = {"missing": "value_missing"}
_Faults = dict[str | None, str]
"""By column, what is wrong with it."""


class FileRefusedError(Exception):
    """The file is not one of these: `code` and what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class BadLine:
    """A refused line. `column` is null when it is about the whole line."""

    number: int
    column: str | None
    cause: str


@dataclass
class Parsed:
    """What a file says. `good`: by the number of the line."""

    good: dict[int, StayTold] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)
    refused: int = 0
    numbers: set[str] = field(default_factory=set)


def parse(rows: Sequence[list[str]], rules: Hospital, today: date, most: int) -> Parsed:
    """Reads rows under a header of the names in COLUMNS. Raises FileRefusedError."""
    header = [cell.lower() for cell in rows[0]] if rows else []
    _check(header)
    if len(rows) > most + 1:
        raise FileRefusedError("file_too_long", f"At most {most} lines: send it in parts")
    found = Parsed()
    for number, cells in enumerate(rows[1:], start=2):
        if any(cells):
            read = _line(header, cells)
            faults = _faults(read, found.numbers, rules, today) if isinstance(read, StayTold) else read
            _take(found, number, read, faults)
    return found


def _check(header: list[str]) -> None:
    if unknown := [place for place, name in enumerate(header, start=1) if name not in COLUMNS]:
        # Its name is not told: without a header line it is a patient's.
        raise FileRefusedError("column_unknown", f"Column {unknown[0]} is none of {', '.join(COLUMNS)}")
    if missing := [name for name in _WANTED if name not in header]:
        raise FileRefusedError("column_missing", f"The header has no column {', '.join(missing)}")
    if len(set(header)) < len(header):
        raise FileRefusedError("column_repeated", "A column stands twice in the header")


def _line(header: list[str], cells: list[str]) -> StayTold | _Faults:
    if len(cells) != len(header):
        return {None: "column_count"}
    try:
        return StayTold.model_validate({name: cell for name, cell in zip(header, cells, strict=True) if cell})
    except ValidationError as error:
        return {str(it["loc"][0]): _CAUSES.get(it["type"], "value_malformed") for it in error.errors()}


def _faults(told: StayTold, numbers: set[str], rules: Hospital, today: date) -> _Faults:
    found: _Faults = {column: code for column, code, _ in told.faults(rules, today)}
    return {"number": "line_repeated"} if told.number in numbers else found


def _take(found: Parsed, number: int, read: StayTold | _Faults, faults: _Faults) -> None:
    if isinstance(read, StayTold) and not faults:
        found.numbers.add(read.number)
        found.good[number] = read
    else:
        found.bad.extend(BadLine(number, column, cause) for column, cause in faults.items())
        found.refused += 1
