"""The open RPPS extract `PS_LibreAcces_Personne_activite` (ANS): its header, its lines.

One line is one activity times one skill (*savoir-faire*) of a person. UTF-8, separator `|`, no quoting,
52 columns (2021) or 56 (2024 on), with or without a `|` at the end of every line.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from operator import itemgetter
from re import compile as pattern
from typing import Literal, NamedTuple

from directory.domain.as_of import PARIS
from directory.domain.identifiers import is_suspect, looks_like_adeli, looks_like_finess, looks_like_rpps
from directory.domain.names import normalise

SEPARATOR = "|"
_FILE_NAME = pattern(r"_(\d{12})\.txt$")

Cause = Literal[
    "not_utf8",
    "line_too_long",
    "control_character",
    "column_count",
    "identifier_missing",
    "identifier_kind_unknown",
    "identifier_malformed",
    "name_missing",
    "profession_missing",
    "profession_unknown",
    "finess_malformed",
]
"""Why a line is refused."""

_NUMBERS = {"8": (looks_like_rpps, "11 digits (RPPS)"), "0": (looks_like_adeli, "9 characters (ADELI)")}
"""Kind of identifier -> what its numbers look like."""

_COLUMNS = {
    "kind": "Type d'identifiant PP",
    "rpps": "Identifiant PP",
    "family_name": "Nom d'exercice",
    "given_name": "Prénom d'exercice",
    "profession": "Code profession",
    "skill": "Code savoir-faire",
    "mode": "Code mode exercice",
    "finess": "Numéro FINESS site",
    "structure": "Identifiant technique de la structure",
    "site_name": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "street_number": "Numéro Voie (coord. structure)",
    "street_repetition": "Indice répétition voie (coord. structure)",
    "street_type": "Libellé type de voie (coord. structure)",
    "street_name": "Libellé Voie (coord. structure)",
    "postal_line": "Bureau cedex (coord. structure)",
    "postal_code": "Code postal (coord. structure)",
    "commune": "Code commune (coord. structure)",
    "commune_name": "Libellé commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
    "sector": "Code secteur d'activité",
    "section": "Code section tableau pharmaciens",
}
_OPTIONAL_COLUMNS = {
    "title": "Code civilité d'exercice",
    "role": "Code rôle",
    "kind_of_activity": "Code genre activité",
}
"""Files of 2021 lack the last two; the first is only a courtesy."""


class RppsLine(NamedTuple):
    """What the directory keeps of one line, as it stands in the file. Empty means that the source is silent.

    `rpps` is the national id, be it an ADELI number.
    """

    rpps: str
    title: str
    family_name: str
    given_name: str
    profession: str
    skill: str
    mode: str
    finess: str
    structure: str
    site_name: str
    sign: str
    street_number: str
    street_repetition: str
    street_type: str
    street_name: str
    postal_line: str
    postal_code: str
    commune: str
    commune_name: str
    phone: str
    sector: str
    section: str
    role: str
    kind_of_activity: str


class HeaderRefusedError(Exception):
    """The file is not an RPPS extract, or not in UTF-8: nothing of it can be read."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class LineRefusedError(Exception):
    """One line cannot be used; the others can. `person` is whom it names, when that much can be read."""

    def __init__(self, cause: Cause, detail: str, column: str | None = None) -> None:
        super().__init__(detail)
        self.cause, self.detail, self.column = cause, detail, column
        self.person: str | None = None


class Warned(NamedTuple):
    """Something wrong about a line that is kept."""

    cause: str
    column: str | None
    detail: str


class Layout(NamedTuple):
    """Where the columns stand in this file. `pick` takes those of RppsLine, in its order."""

    width: int
    kind: int
    person: int
    pick: Callable[[Sequence[str]], tuple[str, ...]]


def read_header(raw: bytes | None) -> Layout:
    """Finds the columns by name. Accents, case and apostrophes of a name do not count. Raises HeaderRefusedError."""
    try:
        text = (raw or b"").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeaderRefusedError(
            "file_not_utf8", f"Line 1 is not UTF-8 (byte {error.start + 1}): save the file as UTF-8, do not convert it"
        ) from None
    names = text.removesuffix(SEPARATOR).split(SEPARATOR)
    found = {normalise(name): position for position, name in enumerate(names)}
    missing = [name for name in _COLUMNS.values() if normalise(name) not in found]
    if len(missing) == len(_COLUMNS):
        raise HeaderRefusedError("header_missing", "Line 1 is not the header of an RPPS extract: no known column name")
    if missing:
        raise HeaderRefusedError("columns_missing", f"The header lacks {', '.join(repr(name) for name in missing)}")
    known = {field: found.get(normalise(name)) for field, name in (_COLUMNS | _OPTIONAL_COLUMNS).items()}
    kind, person = (found[normalise(_COLUMNS[field])] for field in ("kind", "rpps"))
    absent = len(names)
    positions = (absent if known[field] is None else known[field] for field in RppsLine._fields)
    return Layout(len(names), kind, person, itemgetter(*positions))


def read_line(layout: Layout, raw: bytes | None, professions: Collection[str]) -> RppsLine:
    """Reads one line of a file with this layout. Raises LineRefusedError with the first cause met."""
    try:
        return _read(layout, raw, professions)
    except LineRefusedError as error:
        error.person = _named(layout, raw)
        raise


def warning_of(line: RppsLine) -> Warned | None:
    """What is wrong about a line that is kept all the same."""
    if is_suspect(line.rpps):
        return Warned("identifier_luhn", _COLUMNS["rpps"], f"{line.rpps} does not end with its Luhn key")
    return None


def _named(layout: Layout, raw: bytes | None) -> str | None:
    """Whom a refused line names: someone whose only line is broken is not gone from the register."""
    cells = (raw or b"").split(b"|", layout.person + 1)
    named = cells[layout.person].decode("ascii", "ignore").strip() if len(cells) > layout.person else ""
    return named if looks_like_rpps(named) or looks_like_adeli(named) else None


def _read(layout: Layout, raw: bytes | None, professions: Collection[str]) -> RppsLine:
    if raw is None:
        raise LineRefusedError("line_too_long", "No line of an extract is this long: is a line feed missing?")
    try:
        cells = raw.decode("utf-8").split(SEPARATOR)
    except UnicodeDecodeError as error:
        raise LineRefusedError("not_utf8", f"Byte {error.start + 1} of the line is not UTF-8") from None
    if len(cells) == layout.width + 1 and not cells[-1]:
        cells.pop()
    if len(cells) != layout.width:
        raise LineRefusedError("column_count", f"{len(cells)} columns where the header has {layout.width}")
    if b"\x00" in raw:
        raise LineRefusedError("control_character", "The line holds a NUL character")
    kind = cells[layout.kind].strip()
    # What stands after the last column is what a file without a column says of it.
    cells.append("")
    line = RppsLine._make(map(str.strip, layout.pick(cells)))
    _check_identifier(kind, line.rpps)
    _check_content(line, professions)
    return line


def _check_identifier(kind: str, rpps: str) -> None:
    column = _COLUMNS["rpps"]
    if not rpps:
        raise LineRefusedError("identifier_missing", "The line names no person", column)
    if kind not in _NUMBERS:
        detail = f"Identifier of type {kind[:20]!r}: only RPPS (8) and ADELI (0)"
        raise LineRefusedError("identifier_kind_unknown", detail, _COLUMNS["kind"])
    looks_right, shape = _NUMBERS[kind]
    if not looks_right(rpps):
        raise LineRefusedError("identifier_malformed", f"{rpps[:20]!r} is not {shape}", column)


def _check_content(line: RppsLine, professions: Collection[str]) -> None:
    if not line.family_name:
        raise LineRefusedError("name_missing", "The person has no family name", _COLUMNS["family_name"])
    if not line.profession:
        raise LineRefusedError("profession_missing", "The person has no profession", _COLUMNS["profession"])
    if line.profession not in professions:
        detail = f"{line.profession[:20]!r} is no profession of the nomenclature"
        raise LineRefusedError("profession_unknown", detail, _COLUMNS["profession"])
    if line.finess and not looks_like_finess(line.finess):
        raise LineRefusedError("finess_malformed", f"{line.finess[:20]!r} is no FINESS number", _COLUMNS["finess"])


def extracted_at(file_name: str) -> datetime | None:
    """When the source was extracted: only the file's name says it (`..._AAAAMMJJHHMM.txt`, Paris time)."""
    found = _FILE_NAME.search(file_name)
    if not found:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d%H%M").replace(tzinfo=PARIS)
    except ValueError:
        return None
