"""Columns of a CSV file of the deployment, such as the 35,000 communes, without the cost of a dict for each line."""

import csv
from collections.abc import Iterator
from pathlib import Path

from kit.territories import BadFileError


def read_columns(path: Path, *names: str) -> Iterator[tuple[str, ...]]:
    """The cells of each line, in the order of the names. Raises BadFileError: no such file, column or cell."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            header = next(lines, [])
            chosen = [_position(path, header, name) for name in names]
            yield from (_cells(path, lines.line_num, line, chosen) for line in lines)
    except FileNotFoundError:
        raise BadFileError(f"{path}: no such file") from None


def _cells(path: Path, number: int, line: list[str], chosen: list[int]) -> tuple[str, ...]:
    try:
        return tuple([line[position] for position in chosen])
    except IndexError:
        raise BadFileError(f"{path}: line {number}: too few columns") from None


def _position(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        raise BadFileError(f"{path}: {name}: no such column")
    return header.index(name)
