"""Files of FINESS: which format one is, and the lines of the older one (etalab CSV, until May 2026).

The CSV has no header; its first line is metadata, each line begins with the type of its record. `;`, `"` only where
needed. UTF-8 in 2026, ISO-8859-15 or UTF-8 encoded twice before: decided line by line.
"""

import csv
import json
import re
import zlib
from datetime import date
from math import isfinite
from typing import Literal, NamedTuple

from directory.domain.identifiers import looks_like_finess
from directory.domain.projections import lambert93, projection_of
from directory.domain.rpps_file import HeaderRefusedError, Warned
from directory.domain.structures import Item

Format = Literal["finess-structures", "finess-equipments", "finess-plus"]
Cause = Literal[
    "line_too_long",
    "control_character",
    "quote_unbalanced",
    "record_unknown",
    "column_count",
    "identifier_missing",
    "finess_malformed",
    "name_missing",
    "number_malformed",
]
"""Why a record is refused."""

GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_PIECE = 64 * 1024
_METADATA = re.compile(rb"finess;etalab;[^;\n]*;\d{4}-\d\d-\d\d")
_VERSION = re.compile(rb'"schemaVersion"\s*:\s*"v?(\d+)\.')
_WIDTHS = {"structureet": 32, "geolocalisation": 6, "equipementsocial": 28}
_POINTER = 3
"""Fields of the `structureet` line of a file of equipment: it only says which site the next lines are of."""
_SUPPRESSED, _INSTALLED, _AUTHORISED = 15, 9, 18


class RecordRefusedError(Exception):
    """One record cannot be used; the others can. `finess` is what it names, when that much can be read."""

    def __init__(self, cause: Cause, detail: str, column: str | None = None, finess: str | None = None) -> None:
        super().__init__(detail)
        self.cause, self.detail, self.column, self.finess = cause, detail, column, finess


class Read(NamedTuple):
    """What one line or site gives. `item` is None for a line that says nothing by itself."""

    item: Item | None
    warning: Warned | None = None


def format_of(first_bytes: bytes) -> Format:
    """What kind of file begins so. Raises HeaderRefusedError."""
    start = _unpacked(first_bytes).removeprefix(_BOM).lstrip()
    if start.startswith(b"{"):
        version = _VERSION.search(start)
        if version is None:
            raise HeaderRefusedError("schema_missing", "No schemaVersion at the beginning: this is no FINESS+ file")
        if version[1] != b"1":
            raise HeaderRefusedError("schema_unknown", f"schemaVersion {version[1].decode()}: version 1 is read")
        return "finess-plus"
    if _METADATA.match(start) is None:
        detail = "Neither FINESS+ JSON nor an etalab CSV: its first line would be `finess;etalab;<number>;<date>`"
        raise HeaderRefusedError("header_missing", detail)
    second = start.partition(b"\n")[2].partition(b"\n")[0].split(b";")
    pointer = len(second) == _POINTER or second[0] == b"equipementsocial"
    return "finess-equipments" if pointer else "finess-structures"


def _unpacked(first_bytes: bytes) -> bytes:
    if not first_bytes.startswith(GZIP):
        return first_bytes[:_PIECE]
    try:
        return zlib.decompressobj(31).decompress(first_bytes, _PIECE)
    except zlib.error:
        raise HeaderRefusedError("file_malformed", "The file begins like gzip and is not") from None


def decode(raw: bytes) -> str:
    """The text of a line: UTF-8, UTF-8 that was encoded a second time, or ISO-8859-15."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-15")
    if "\u00c3" in text or "\u00c2" in text:
        for codec in ("cp1252", "latin-1", "iso-8859-15"):
            try:
                return text.encode(codec).decode("utf-8")
            except UnicodeError:
                continue
    return text


def read_record(raw: bytes | None) -> Read:
    """One line of an etalab CSV, below its first. Raises RecordRefusedError with the first cause met."""
    if raw is None:
        raise RecordRefusedError("line_too_long", "No record is this long: is a line feed missing?")
    if b"\x00" in raw:
        raise RecordRefusedError("control_character", "The line holds a NUL character")
    try:
        (cells,) = csv.reader([decode(raw)], delimiter=";", strict=True)
    except (csv.Error, ValueError):
        raise RecordRefusedError("quote_unbalanced", "A quotation mark is opened and not closed") from None
    cells = [cell.strip() for cell in cells]
    kind = cells[0]
    if kind not in _WIDTHS:
        raise RecordRefusedError("record_unknown", f"{kind[:20]!r} is no type of record")
    finess = cells[1] if len(cells) > 1 else ""
    check_number(finess)
    if kind == "structureet" and len(cells) == _POINTER:
        return Read(None)
    if len(cells) != _WIDTHS[kind]:
        detail = f"{len(cells)} fields where {kind} has {_WIDTHS[kind]}"
        raise RecordRefusedError("column_count", detail, finess=finess)
    return _READERS[kind](cells)


def check_number(finess: str) -> None:
    """Raises RecordRefusedError for what is no FINESS number."""
    if not finess:
        raise RecordRefusedError("identifier_missing", "The record names no structure", "nofinesset")
    if not looks_like_finess(finess):
        raise RecordRefusedError("finess_malformed", f"{finess[:20]!r} is no FINESS number", "nofinesset")


def iso_date(text: str | None) -> str | None:
    """A day as ISO writes it; None for what is none."""
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return None


def insee_code(department: str, commune: str) -> str:
    """INSEE code of a commune from the two fields of FINESS: overseas `9A` stands for 971 and so on."""
    if department[:1] == "9" and department[1:] in tuple("ABCDEF"):
        overseas = f"97{'ABCDEF'.index(department[1:]) + 1}"
        return f"97{commune}" if commune[:1] == overseas[-1] else f"{overseas}{commune[-2:]}"
    return department + commune


def _structure(cells: list[str]) -> Read:
    finess, name = cells[1], cells[4] or cells[3]
    if not name:
        raise RecordRefusedError("name_missing", "The structure has no name", "rs", finess)
    postal_code, _, city = cells[15].partition(" ")
    item = Item(
        "site",
        finess,
        {
            "name": name,
            "legal_entity": cells[2] or None,
            "insee": insee_code(cells[13], cells[12]),
            "postal_code": postal_code or None,
            "city": city or None,
            "street": " ".join(cell for cell in cells[7:11] if cell) or None,
            "phone": cells[16] or None,
            "category": cells[18] or None,
            "siret": cells[22] or None,
            "opened_on": iso_date(cells[28]),
            "closed_on": None,
            "listed": True,
        },
    )
    return Read(item)


def _geolocation(cells: list[str]) -> Read:
    projection = projection_of(cells[4])
    if projection is None:
        return Read(None, Warned("projection_unknown", "sourcecoordet", f"{cells[4][:80]!r} names no known projection"))
    try:
        easting, northing = float(cells[2].replace(",", ".")), float(cells[3].replace(",", "."))
        if projection is lambert93 and easting > northing:
            easting, northing = northing, easting
        latitude, longitude = projection(easting, northing)
        if not (isfinite(latitude) and isfinite(longitude)):
            raise ValueError
    except (ValueError, OverflowError, ZeroDivisionError):
        raise RecordRefusedError("number_malformed", "The coordinates are no numbers", "coordxet", cells[1]) from None
    return Read(Item("point", cells[1], {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}))


def _equipment(cells: list[str]) -> Read:
    """What is suppressed counts as nothing, so that the last line of a discipline to go leaves a zero."""
    count = cells[_AUTHORISED] or cells[_INSTALLED] or "0"
    if not (count.isascii() and count.isdigit() and len(count) < 7 and cells[2]):
        detail = f"{count[:20]!r} places of discipline {cells[2][:20]!r}"
        raise RecordRefusedError("number_malformed", detail, "capacity", cells[1])
    kept = 0 if cells[_SUPPRESSED] == "O" or cells[24] == "O" else int(count)
    return Read(Item("equipment", cells[1], {"discipline": cells[2], "count": kept}))


_READERS = {"structureet": _structure, "geolocalisation": _geolocation, "equipementsocial": _equipment}


def has_nul(item: Item) -> bool:
    """PostgreSQL stores no NUL."""
    return "\\u0000" in json.dumps(item.facts)
