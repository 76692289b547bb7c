"""A file of figures as a source sends it: lines as they are, each bad one with its cause.

A number that the source may not tell (*secret statistique*) is masked: it stays unknown, it is never zero. A line of a
commune is part of the whole that the same file tells.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from indicators.domain.communes import CODE
from indicators.domain.import_templates import FigureOfSource, ImportTemplate
from indicators.domain.told import MASKED, Refusal, Told, ToldRefusedError, checked

OfParts: TypeAlias = Literal[
    "commune_unknown", "part_not_counted", "total_missing", "total_masked", "total_not_counted", "parts_exceed_total"
]
"""What is wrong with a line of a commune: beside the whole that it is part of, or in itself."""
Cause: TypeAlias = Literal["column_count", "figure_unknown", "number_malformed", "line_repeated"] | OfParts | Refusal

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
    commune: str | None = None


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


def parse(rows: Sequence[Sequence[str]], template: ImportTemplate, communes: Set[str] = frozenset()) -> Parsed:
    """Reads the rows of a file, a header first. Raises HeaderRefusedError.

    `communes` of the territory; where it names none, any that could be one is taken.
    """
    columns, known = _header(rows[0] if rows else [], template), template.by_name
    found, seen = Parsed(), set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        try:
            figure = _figure(cells, columns, known, width=len(rows[0]))
            commune = _commune(cells, columns, communes)
            if (figure.id, commune) in seen:
                raise _Refused("line_repeated", f"{figure.id} stands in a line before")
            told = checked(figure.unit, _told(cells, columns, template))
            if commune and not told.masked and told.numerator is None:
                raise _Refused("part_not_counted", "Of a commune the number is told, not the value alone")
        except (_Refused, ToldRefusedError) as refused:
            found.bad.append(BadLine(number, refused.cause, refused.detail))
            continue
        seen.add((figure.id, commune))
        found.lines.append(FigureLine(number, figure.id, told, commune))
    return _with_their_wholes(found)


def _with_their_wholes(found: Parsed) -> Parsed:
    """Without the communes of a figure whose whole they cannot be part of."""
    refused = {}
    for figure in dict.fromkeys(line.figure for line in found.lines if line.commune):
        lines = [line for line in found.lines if line.figure == figure]
        if odd := _not_part(
            next((it.told for it in lines if not it.commune), None), [it for it in lines if it.commune]
        ):
            refused[figure] = odd
    bad = [
        BadLine(line.number, *refused[line.figure]) for line in found.lines if line.commune and line.figure in refused
    ]
    kept = [line for line in found.lines if not line.commune or line.figure not in refused]
    return Parsed(kept, sorted([*found.bad, *bad], key=lambda it: it.number))


def _not_part(whole: Told | None, parts: Sequence[FigureLine]) -> tuple[Cause, str] | None:
    """Why the communes cannot be parts of the whole; None when they can."""
    if whole is None:
        return "total_missing", "No good line of the file tells the whole territory"
    if whole.masked:
        return "total_masked", "The number of the whole territory is hidden: it would follow from its communes"
    if whole.numerator is None:
        return "total_not_counted", "Of the whole territory the value alone is told"
    for name in ("numerator", "denominator"):
        together = sum(getattr(it.told, name) or 0 for it in parts)
        if (most := getattr(whole, name)) is not None and together > most:
            return "parts_exceed_total", f"The communes' {name}s add up to {together}, the whole territory's is {most}"
    return None


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


def _commune(cells: Sequence[str], columns: dict[str, int], communes: Set[str]) -> str | None:
    """The code of the commune that the line tells; None: the whole territory."""
    text = cells[columns["commune"]].strip().upper() if "commune" in columns else ""
    if not text:
        return None
    if not (text in communes if communes else CODE.match(text)):
        raise _Refused("commune_unknown", "No commune of the territory has this code")
    return text


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
