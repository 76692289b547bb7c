"""What a deployment's files say: communes of France, access rules of each territory. Pathways: `template_files.py`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from kit.csv_columns import read_columns
from kit.territories import load_yaml
from pathways.domain.access import AccessRules
from pathways.domain.advice import AdviceRules
from pathways.domain.doctor_search import SearchRules
from pathways.domain.hospital import Hospital, OwnHospital
from pathways.domain.notebook import Notebook
from pathways.domain.retention import RetentionRules
from pathways.domain.template_codes import Nomenclature

M = TypeVar("M", bound=BaseModel)


def load_access_rules(
    territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, AccessRules]:
    """A territory's own `patient-access.yaml`, else that of the reference. Raises BadFileError."""
    return _own_or_usual("patient-access.yaml", AccessRules, territories_dir, reference_dir, territories)


def load_retention_rules(
    territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, RetentionRules]:
    """A territory's own `retention.yaml`, else that of the reference. Raises BadFileError."""
    return _own_or_usual("retention.yaml", RetentionRules, territories_dir, reference_dir, territories)


def load_advice_rules(
    territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, AdviceRules]:
    """A territory's own `advice.yaml`, else that of the reference. Raises BadFileError."""
    return _own_or_usual("advice.yaml", AdviceRules, territories_dir, reference_dir, territories)


def load_specialties(reference_dir: Path) -> frozenset[str]:
    """Codes of specialties of the nomenclature. Raises BadFileError."""
    return frozenset(load_yaml(reference_dir / "nomenclature.yaml", Nomenclature).specialties)


def load_hospital(territories_dir: Path, reference_dir: Path, territories: Iterable[str]) -> Mapping[str, Hospital]:
    """Rules of hospital stays, with what each territory says differently. Raises BadFileError."""
    usual = load_yaml(reference_dir / "hospital.yaml", Hospital)
    own = {slug: territories_dir / slug / "hospital.yaml" for slug in sorted(territories)}
    return {
        slug: usual.with_own(load_yaml(path, OwnHospital)) if path.exists() else usual for slug, path in own.items()
    }


def load_notebooks(territories_dir: Path, reference_dir: Path, territories: Iterable[str]) -> Mapping[str, Notebook]:
    """A territory's own `notebook.yaml`, else that of the reference. Raises BadFileError."""
    return _own_or_usual("notebook.yaml", Notebook, territories_dir, reference_dir, territories)


def load_search_rules(
    territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, SearchRules]:
    """A territory's own `doctor-search.yaml`, else that of the reference. Raises BadFileError."""
    return _own_or_usual("doctor-search.yaml", SearchRules, territories_dir, reference_dir, territories)


def load_centroids(folder: Path) -> Mapping[str, tuple[float, float]]:
    """Latitude and longitude (WGS84, degrees) of each commune. Raises BadFileError."""
    rows = read_columns(folder / "communes.csv", "insee_code", "latitude", "longitude")
    return {code: (float(north), float(east)) for code, north, east in rows if north and east}


def load_communes(folder: Path) -> Mapping[str, str]:
    """INSEE code -> code of today, for the communes of today and those that were merged. Raises BadFileError."""
    today = {code: code for (code,) in read_columns(folder / "communes.csv", "insee_code")}
    merged = {row[0]: row[1] for row in read_columns(folder / "commune_successors.csv", "old_code", "insee_code")}
    return merged | today


def _own_or_usual(
    name: str, model: type[M], territories_dir: Path, reference_dir: Path, territories: Iterable[str]
) -> Mapping[str, M]:
    usual = load_yaml(reference_dir / name, model)
    own = {slug: territories_dir / slug / name for slug in sorted(territories)}
    return {slug: load_yaml(path, model) if path.exists() else usual for slug, path in own.items()}
