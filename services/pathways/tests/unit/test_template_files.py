"""Pathways are read with the production models; a mistake is named with its file, its step and its field."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.territories import BadFileError, territory_slugs
from pathways.domain.template import Template, asked_for
from pathways.store.template_files import load_catalogue

Load = Callable[..., Template]


@pytest.fixture
def load(deploy_dir: Path, tmp_path: Path) -> Load:
    """Reads the pathway of Redon with changes, as the only one of a territory `here`."""
    source = deploy_dir / "territories/pays-de-redon/pathways/lung-cancer.yaml"
    raw = yaml.safe_load(source.read_text(encoding="utf-8"))

    def read(change: Callable[[dict[str, Any]], object] = lambda _: None, name: str = "lung-cancer") -> Template:
        change(raw)
        folder = tmp_path / "here/pathways"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(raw), "utf-8")
        return load_catalogue(tmp_path, deploy_dir / "reference", ["here"])["here"][name]

    return read


def step(raw: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(it for it in raw["steps"] if it["code"] == code)
    return found


def test_the_pathways_of_this_repository_are_valid(deploy_dir: Path) -> None:
    folder = deploy_dir / "territories"
    catalogue = load_catalogue(folder, deploy_dir / "reference", territory_slugs(folder))
    assert len(catalogue) == 4
    assert catalogue["pays-de-redon"]["lung-cancer"].sensitive


def test_what_is_not_validated_is_a_proposal(load: Load) -> None:
    assert load().validated_by is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda it: it.update(id="other"), r"lung-cancer\.yaml: id: is 'other'"),
        (
            lambda it: step(it, "first-course").update(to_days="soon"),
            r"lung-cancer\.yaml: steps\.3 \(first-course\)\.to_",
        ),
        (lambda it: step(it, "course").update(colour="red"), r"steps\.5 \(course\)\.colour: Extra"),
        (lambda it: it["roles"].append({"code": "wizard", "label": "Mage"}), r"roles\.7\.code: no code 'wizard'"),
        (lambda it: it["indicators"].append("I-99"), r"indicators: no code 'I-99'"),
        (
            lambda it: step(it, "satisfaction").update(indicators=["I-98"]),
            r"steps\.10 \(satisfaction\): indicators.*I-98",
        ),
        (
            lambda it: it["surveys"].append({"key": "mood", "audience": "patient"}),
            r"surveys\.3 \(mood\): key: no questionnaire about a pathway is 'mood': .*pathway-patient",
        ),
        (
            lambda it: it["surveys"].append({"key": "internship", "audience": "patient"}),
            r"surveys\.3 \(internship\): key: no questionnaire about a pathway",
        ),
        (
            lambda it: it["surveys"].append({"key": "pathway-professional", "audience": "patient"}),
            r"surveys\.3 \(pathway-professional\): audience: pathway-professional is not for 'patient'",
        ),
        (lambda it: step(it, "blood-test")["needs_visit"].update(act="surgery"), r"\(blood-test\): act: no code 'surg"),
        (lambda it: step(it, "blood-test")["needs_visit"].update(profession="00"), r"\(blood-test\): profession: no"),
        (
            lambda it: step(it, "between-courses")["needs_visit"].update(specialty="magic"),
            r"specialty: no code 'magic'",
        ),
    ],
)
def test_a_mistake_names_file_step_and_field(
    load: Load, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    with pytest.raises(BadFileError, match=complaint):
        load(change)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- a\n", r"x\.yaml: is no pathway"),
        ("a: [", r"x\.yaml: while parsing"),
        ("extends: nothing\n", "no shared path"),
    ],
)
def test_a_file_that_is_no_pathway_is_named(deploy_dir: Path, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "here/pathways").mkdir(parents=True)
    (tmp_path / "here/pathways/x.yaml").write_text(text, "utf-8")
    with pytest.raises(BadFileError, match=complaint):
        load_catalogue(tmp_path, deploy_dir / "reference", ["here"])


def test_a_territory_says_what_differs_from_a_shared_pathway(deploy_dir: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    (reference / "pathways").mkdir(parents=True)
    for name in ("pathway-codes.yaml", "nomenclature.yaml", "snp-codes.yaml", "questionnaires"):
        (reference / name).symlink_to(deploy_dir / "reference" / name)
    shared = (deploy_dir / "territories/pays-de-redon/pathways/lung-cancer.yaml").read_text(encoding="utf-8")
    (reference / "pathways/lung-cancer.yaml").write_text(f"{shared}\neverywhere: true\n", "utf-8")
    (tmp_path / "here/pathways").mkdir(parents=True)
    own = {
        "extends": "lung-cancer",
        "version": "here-1",
        "steps": [
            {"code": "care-team", "to_days": 9},
            {"code": "extra", "label": "x", "role": "oncology", "to_days": 1},
        ],
    }
    (tmp_path / "here/pathways/lung-cancer.yaml").write_text(yaml.safe_dump(own), "utf-8")
    catalogue = load_catalogue(tmp_path, reference, ["here", "there"])
    here, there = (catalogue[slug]["lung-cancer"] for slug in ("here", "there"))
    assert (here.version, here.step("care-team").to_days, here.steps[-1].code) == ("here-1", 9, "extra")
    assert here.step("care-team").label == there.step("care-team").label
    assert len(here.steps) == len(there.steps) + 1


def test_a_step_is_asked_for_where_its_facts_hold(load: Load) -> None:
    nurse = load().step("home-nurse")
    assert asked_for(nurse, {"home-nursing"})
    assert not asked_for(nurse, set())
    assert not asked_for(nurse.model_copy(update={"unless": ("in-care-home",)}), {"home-nursing", "in-care-home"})
