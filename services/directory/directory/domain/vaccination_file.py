"""Files of vaccinated people, and of population, by age band: lines as they are, each bad one with its cause.

A number that the source may not tell (*secret statistique*) is masked: it stays unknown, it is never zero.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["vaccinated", "population"]
Cause: TypeAlias = Literal[
    "column_count",
    "week_malformed",
    "age_band_malformed",
    "commune_unknown",
    "level_mixed",
    "number_malformed",
    "line_repeated",
]
TERRITORY = ""
"""The place of a line about the whole territory."""

_COLUMNS: dict[str, tuple[str, ...]] = {
    "week": ("week", "semaine", "date"),
    "place": ("place", "commune", "code_insee", "lieu"),
    "age_band": ("age_band", "tranche_age", "classe_age"),
    "count": ("vaccinated", "vaccines", "vaccinés", "population", "effectif"),
}
_WANTED: dict[Kind, tuple[str, ...]] = {
    "vaccinated": ("week", "age_band", "count"),
    "population": ("age_band", "count"),
}
_RANGE = re.compile(r"^([0-9]{1,3}) ?(?:-|à) ?([0-9]{1,3})(?: ans)?$")
_OPEN = re.compile(r"^([0-9]{1,3}) ?(?:\+|et \+|et plus|ans et plus|ans et \+)$")
_WEEK = re.compile(r"^([0-9]{4})-?[WS]([0-9]{2})$", re.ASCII)
_BELOW = re.compile(r"^< ?[0-9]+$", re.ASCII)
_MOST = 100_000_000
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


class HeaderRefusedError(Exception):
    """The file is not one of these: `code` and what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Line:
    """A good line. `count` None is masked; `week` is a Monday, None in a file of population."""

    number: int
    place: str
    age_band: str
    week: date | None
    count: int | None


@dataclass(frozen=True)
class BadLine:
    """A line that was refused."""

    number: int
    cause: Cause
    detail: str


@dataclass
class Parsed:
    """What a file says."""

    lines: list[Line] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, cause: Cause, detail: str) -> None:
        self.cause, self.detail = cause, detail


def parse(rows: Sequence[list[str]], kind: Kind, *, masked: Collection[str], communes: Collection[str]) -> Parsed:
    """Reads the rows of a file, a header first. Raises HeaderRefusedError."""
    reader = _Reader(kind, _header(rows[0] if rows else [], kind), masked, communes)
    found, seen, level = Parsed(), set(), None
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        try:
            line = reader.line(number, cells)
            level = (line.place == TERRITORY) if level is None else level
            if (line.place == TERRITORY) is not level:
                raise _Refused("level_mixed", "Communes and the whole territory in one file would count twice")
            if (key := (line.place, line.age_band, line.week)) in seen:
                raise _Refused("line_repeated", "This place, age band and week stand in a line before")
        except _Refused as refused:
            found.bad.append(BadLine(number, refused.cause, refused.detail))
            continue
        seen.add(key)
        found.lines.append(line)
    return found


def age_band_of(text: str) -> str | None:
    """`18-24` or `75+` of what sources write (`18 à 24 ans`, `75 ans et plus`); None when it is no band."""
    text = " ".join(text.lower().split())
    if match := _RANGE.match(text):
        low, high = int(match[1]), int(match[2])
        return f"{low}-{high}" if low <= high <= 120 else None
    if match := _OPEN.match(text):
        return f"{int(match[1])}+" if int(match[1]) <= 120 else None
    return None


def week_of(text: str) -> date | None:
    """The Monday of `2026-W48`, `2026S48` or of a day; None when it is none of them."""
    try:
        if match := _WEEK.match(text.upper()):
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day - timedelta(days=day.weekday()) if _FIRST <= day <= _LAST else None


def _header(cells: list[str], kind: Kind) -> dict[str, int]:
    names = [cell.lower() for cell in cells]
    places = {column: names.index(known) for column, words in _COLUMNS.items() for known in words if known in names}
    if missing := [column for column in _WANTED[kind] if column not in places]:
        words = ", ".join(" or ".join(_COLUMNS[column]) for column in missing)
        raise HeaderRefusedError("column_missing", f"The header has no column {words}")
    return places | {"columns": len(cells)}


@dataclass(frozen=True)
class _Reader:
    """How the lines of one file are read: `columns` says where each stands."""

    kind: Kind
    columns: dict[str, int]
    masked: Collection[str]
    communes: Collection[str]

    def line(self, number: int, cells: list[str]) -> Line:
        columns = self.columns
        if len(cells) != columns["columns"]:
            raise _Refused("column_count", f"{len(cells)} cells, the header has {columns['columns']}")
        place = cells[columns["place"]] if "place" in columns else TERRITORY
        if place and place not in self.communes:
            raise _Refused("commune_unknown", "No commune of today has this code")
        if (band := age_band_of(cells[columns["age_band"]])) is None:
            raise _Refused("age_band_malformed", "Write 18-24 or 75+")
        week = week_of(cells[columns["week"]]) if self.kind == "vaccinated" else None
        if self.kind == "vaccinated" and week is None:
            raise _Refused("week_malformed", "Write 2026-W48 or a day such as 2026-11-23")
        return Line(number, place, band, week, _count(cells[columns["count"]], self.masked))


def _count(text: str, masked: Collection[str]) -> int | None:
    if text.lower() in masked or _BELOW.match(text):
        return None
    bare = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not (bare.isascii() and bare.isdigit() and len(bare) < 12 and int(bare) <= _MOST):
        raise _Refused("number_malformed", "A whole number, or nothing where the source masks it")
    return int(bare)
