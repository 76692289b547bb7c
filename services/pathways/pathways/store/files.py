"""What a deployment's files say: pathways of each territory, communes of France."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from kit.territories import BadFileError, load_yaml
from pathways.domain.template import Template

Catalogue = Mapping[str, Mapping[str, Template]]
"""Territory -> id -> pathway."""


def load_catalogue(folder: Path, territories: Iterable[str]) -> Catalogue:
    """Reads `<slug>/pathways/*.yaml`; a territory may have none. Raises BadFileError, which names file and field."""
    return {slug: _of_territory(folder / slug / "pathways") for slug in sorted(territories)}


def load_communes(folder: Path) -> Mapping[str, str]:
    """INSEE code -> code of today, for the communes of today and those that were merged. Raises BadFileError."""
    today = {code: code for code in _column(folder / "communes.csv", "insee_code", "insee_code")}
    return {**_column(folder / "commune_successors.csv", "old_code", "insee_code"), **today}


def _of_territory(folder: Path) -> Mapping[str, Template]:
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        template = load_yaml(path, Template)
        if template.id != path.stem:
            raise BadFileError(f"{path}: id: is {template.id!r} but the file is {path.stem!r}")
        found[template.id] = template
    return found


def _column(path: Path, key: str, value: str) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row[key]: row[value] for row in csv.DictReader(file)}
    except FileNotFoundError:
        raise BadFileError(f"{path}: no such file") from None
    except KeyError as error:
        raise BadFileError(f"{path}: {error.args[0]}: no such column") from None
