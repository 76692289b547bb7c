"""The deployment's files, and the errors that name the file and the field."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from directory.domain.finess_codes import FinessCodes
from directory.domain.imports import Counts, percent
from directory.domain.nomenclature import Nomenclature
from directory.domain.territory import Territory
from kit.territories import BadFileError, load_territories, load_yaml

LEAST: dict[str, Any] = {"id": "x-y", "name": "X", "authorities": [{"kind": "ars", "name": "ARS"}]}


def test_the_four_territories(deploy_dir: Path) -> None:
    territories = load_territories(deploy_dir / "territories", "territory.yaml", Territory)
    assert {slug: len(territory.communes) for slug, territory in territories.items()} == {
        "atlantique-nord-loire": 0,
        "haute-saintonge": 129,
        "marches-de-bretagne": 15,
        "pays-de-redon": 39,
    }


def test_nothing_is_mandatory_but_id_name_and_one_authority() -> None:
    assert Territory.model_validate(LEAST).communes == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "Pays de Redon"}, "id"),
        ({"authorities": []}, "authorities"),
        ({"authorities": [{"kind": "mayor", "name": "X"}]}, "authorities.0.kind"),
        ({"communes": ["35236", 35013]}, "communes.1"),
        ({"communes": ["3523"]}, "communes.0"),
        ({"communes": ["35236", "35236"]}, "communes: named twice: 35236"),
        ({"size": 5}, "size"),
        ({"poplation": 3}, "poplation"),
    ],
)
def test_a_bad_profile_names_file_and_field(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    file = tmp_path / "territory.yaml"
    file.write_text(yaml.safe_dump({**LEAST, **change}))
    with pytest.raises(BadFileError) as refused:
        load_yaml(file, Territory)
    assert str(file) in str(refused.value)
    assert field in str(refused.value)


def test_general_practice_is_any_of_three_skills_of_a_doctor(deploy_dir: Path) -> None:
    nomenclature = load_yaml(deploy_dir / "reference/nomenclature.yaml", Nomenclature)
    for skill in ("SM26", "SM53", "SM54"):
        assert nomenclature.specialties_of([("10", skill)]) == ("general-practice",)
    assert nomenclature.specialties_of([("10", ""), ("60", "SM54")]) == ()
    assert nomenclature.specialties_of([("60", "SI03")]) == ("advanced-practice-nurse",)


def test_a_specialty_uses_known_codes() -> None:
    with pytest.raises(ValidationError, match=r"specialties\.x: unknown codes 11, SM99"):
        Nomenclature(
            version="1",
            professions={"10": "Médecin"},
            skills={},
            modes={},
            sectors={},
            specialties={"x": {"label": "X", "profession": "11", "skills": ["SM99"]}},  # type: ignore[dict-item]
        )


@pytest.mark.parametrize(
    ("phase", "read_bytes", "merged", "expected"),
    [
        ("reading", 0, 0, 0),
        ("reading", 500, 0, 25),
        ("persons", 1000, 40, 72),
        ("structures", 1000, 80, 95),
        ("done", 1000, 80, 100),
    ],
)
def test_progress_grows_to_a_hundred(phase: Any, read_bytes: int, merged: int, expected: int) -> None:
    counts = Counts(lines_read=100, lines_rejected=20, lines_merged=merged)
    assert percent(phase, counts, read_bytes, 1000) == expected
    assert percent("reading", Counts(), 0, 0) == 0


def test_every_code_of_the_samples_has_its_label(deploy_dir: Path) -> None:
    folder = deploy_dir / "reference"
    known, finess = (
        load_yaml(folder / "nomenclature.yaml", Nomenclature),
        load_yaml(folder / "finess.yaml", FinessCodes),
    )
    with (folder / "rpps_sample.txt").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE))
    columns = {
        "Code profession": known.professions,
        "Code savoir-faire": known.skills,
        "Code mode exercice": known.modes,
        "Code secteur d'activité": known.sectors,
    }
    for column, codes in columns.items():
        assert {row[column] for row in rows} - {""} <= codes.keys(), column
    sites = [line.split(";") for line in (folder / "finess_sample.csv").read_text(encoding="utf-8").splitlines()[1:]]
    assert {cells[18] for cells in sites} <= finess.categories.keys()
    assert finess.categories["209"].label == "Service autonomie aide et soins (SAAS)"
