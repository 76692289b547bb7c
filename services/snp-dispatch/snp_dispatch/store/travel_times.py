"""Travel times of a territory (`deploy/territories/<slug>/travel-times.csv`): `from,to,minutes,km` by INSEE code.

A line is one way; a pair that has none goes by the straight line. A wrong line stops the start, with its number.
"""

import csv
from hashlib import sha256
from pathlib import Path

from kit.territories import BadFileError, territory_slugs
from snp_dispatch.domain.distances import Distances, Matrix, StraightLine
from snp_dispatch.domain.geography import Gazetteer

FILE = "travel-times.csv"
COLUMNS = ["from", "to", "minutes", "km"]
LONGEST_MINUTES, LONGEST_KM = 24 * 60, 2000


def load_travel_times(folder: Path, gazetteer: Gazetteer) -> dict[str, Distances]:
    """The matrices of the territories that have one. Raises BadFileError, naming the file and the line."""
    files = {slug: folder / slug / FILE for slug in territory_slugs(folder)}
    return {slug: _matrix(path, gazetteer) for slug, path in files.items() if path.exists()}


def _matrix(path: Path, gazetteer: Gazetteer) -> Matrix:
    content = path.read_bytes()
    lines = csv.DictReader(content.decode("utf-8").splitlines())
    if lines.fieldnames != COLUMNS:
        raise BadFileError(f"{path}: line 1: the columns must be {','.join(COLUMNS)}")
    pairs: dict[tuple[str, str], tuple[float, float]] = {}
    for number, line in enumerate(lines, start=2):
        try:
            pair, found = _line(line, gazetteer)
        except ValueError as error:
            raise BadFileError(f"{path}: line {number}: {error}") from None
        if pair in pairs:
            raise BadFileError(f"{path}: line {number}: {pair[0]} to {pair[1]} stands twice")
        pairs[pair] = found
    return Matrix(pairs, StraightLine(gazetteer), version=sha256(content).hexdigest()[:12])


def _line(line: dict[str, str], gazetteer: Gazetteer) -> tuple[tuple[str, str], tuple[float, float]]:
    if None in line or None in line.values():
        raise ValueError("four values are needed")
    for column in ("from", "to"):
        if line[column] not in gazetteer:
            raise ValueError(f"{column}: no commune {line[column]!r}")
    minutes, km = float(line["minutes"]), float(line["km"])
    if not (0 <= minutes <= LONGEST_MINUTES and 0 <= km <= LONGEST_KM):
        raise ValueError(f"minutes must lie within 0 and {LONGEST_MINUTES}, km within 0 and {LONGEST_KM}")
    return (line["from"], line["to"]), (minutes, km)
