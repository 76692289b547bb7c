"""A file of figures as a source sends it: lines as they are, each bad one with its cause.

A number that the source may not tell (*secret statistique*) is masked: it stays unknown, it is never zero.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from indicators.domain.import_templates import FigureOfSource, ImportTemplate
from indicators.domain.told import MASKED, Refusal, Told, ToldRefusedError, checked

Cause: TypeAlias = Literal["column_count", "figure_unknown", "number_malformed", "line_repeated"] | Refusal

_BELOW = re.compile(r"^(?:<|moins de|inférieur à|fewer than) ?[0-9]+$")
_NUMBER = re.compile(r"^[0-9]{1,12}(?:[.,][0-9]{1,6})?$", re.ASCII)
_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f"))
_WORDS = ("numerator", "denominator", "value")


class HeaderRefusedError(ValueError):
    """The file is not one of this source: `code` and what to do."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class _Refused(Exception):
    def __init__(self, cause: Cause, detail: str) -> None:
        self.cause, self.detail = cause, detail


@dataclass(frozen=True)
class FigureLine:
    """A good line of the file, counted from 1 with the header."""

    number: int
    figure: str
    told: Told


@dataclass(frozen=True)
class BadLine:
    """A line that was refused."""

    number: int
    cause: Cause
    detail: str


@dataclass
class Parsed:
    """What a file says."""

    lines: list[FigureLine] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def parse(rows: Sequence[Sequence[str]], template: ImportTemplate) -> Parsed:
    """Reads the rows of a file, a header first. Raises HeaderRefusedError."""
    columns, known = _header(rows[0] if rows else [], template), template.by_name
    found, seen = Parsed(), set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        try:
            figure = _figure(cells, columns, known, width=len(rows[0]))
            if figure.id in seen:
                raise _Refused("line_repeated", f"{figure.id} stands in a line before")
            told = checked(figure.unit, _told(cells, columns, template))
        except (_Refused, ToldRefusedError) as refused:
            found.bad.append(BadLine(number, refused.cause, refused.detail))
            continue
        seen.add(figure.id)
        found.lines.append(FigureLine(number, figure.id, told))
    return found


def _header(cells: Sequence[str], template: ImportTemplate) -> dict[str, int]:
    """Where each column stands; of the numbers one suffices."""
    names = [" ".join(cell.lower().split()) for cell in cells]
    places = {
        column: names.index(word)
        for column, words in template.columns.named.items()
        for word in reversed(words)
        if word in names
    }
    if "indicator" not in places or not places.keys() & set(_WORDS):
        wanted = "; ".join(words[0] for words in template.columns.named.values())
        raise HeaderRefusedError("column_missing", f"The header must have columns such as {wanted}")
    return places


def _figure(
    cells: Sequence[str], columns: dict[str, int], known: dict[str, FigureOfSource], *, width: int
) -> FigureOfSource:
    if len(cells) != width:
        raise _Refused("column_count", f"{len(cells)} cells, the header has {width}")
    name = " ".join(cells[columns["indicator"]].lower().split())
    if name not in known:
        raise _Refused("figure_unknown", "This source tells no figure of this name")
    return known[name]


def _told(cells: Sequence[str], columns: dict[str, int], template: ImportTemplate) -> Told:
    """What the line tells. One masked number hides the line: with the others it could be found."""
    texts = {word: cells[columns[word]] if word in columns else "" for word in _WORDS}
    if any(_is_masked(text, template) for text in texts.values()):
        return MASKED
    numbers = {word: _number(word, text) for word, text in texts.items()}
    return Told(_whole(numbers["numerator"]), _whole(numbers["denominator"]), numbers["value"])


def _is_masked(text: str, template: ImportTemplate) -> bool:
    plain = " ".join(text.lower().split())
    return plain in template.masked or _BELOW.match(plain) is not None


def _number(word: str, text: str) -> float | None:
    """A number as French files write it: decimal comma, spaces between thousands, a percent sign."""
    bare = text.translate(_SPACES)
    if word == "value":
        bare = bare.removesuffix("%")
    if not bare:
        return None
    if not _NUMBER.match(bare):
        raise _Refused("number_malformed", f"The {word} is no number")
    return float(bare.replace(",", "."))


def _whole(number: float | None) -> int | None:
    if number is None:
        return None
    if number != int(number):
        raise _Refused("number_malformed", "A numerator and a denominator are whole numbers")
    return int(number)
