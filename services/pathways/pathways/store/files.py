"""What a deployment's files say: communes of France, access rules of each territory. Pathways: `template_files.py`."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from kit.territories import BadFileError, load_yaml
from pathways.domain.access import AccessRules

_ACCESS = "patient-access.yaml"


def load_access_rules(
    territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, AccessRules]:
    """A territory's own `patient-access.yaml`, else that of the reference. Raises BadFileError."""
    usual = load_yaml(reference_dir / _ACCESS, AccessRules)
    own = {slug: territories_dir / slug / _ACCESS for slug in sorted(territories)}
    return {slug: load_yaml(path, AccessRules) if path.exists() else usual for slug, path in own.items()}


def load_communes(folder: Path) -> Mapping[str, str]:
    """INSEE code -> code of today, for the communes of today and those that were merged. Raises BadFileError."""
    today = {code: code for code in _column(folder / "communes.csv", "insee_code", "insee_code")}
    return {**_column(folder / "commune_successors.csv", "old_code", "insee_code"), **today}


def _column(path: Path, key: str, value: str) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row[key]: row[value] for row in csv.DictReader(file)}
    except FileNotFoundError:
        raise BadFileError(f"{path}: no such file") from None
    except KeyError as error:
        raise BadFileError(f"{path}: {error.args[0]}: no such column") from None
