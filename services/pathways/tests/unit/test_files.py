"""The files of a deployment are read with the production models, and a bad one is named."""

from pathlib import Path

import pytest

from kit.territories import BadFileError, territory_slugs
from pathways.store.files import load_catalogue, load_communes


def test_the_pathways_of_this_repository_are_valid(deploy_dir: Path) -> None:
    folder = deploy_dir / "territories"
    catalogue = load_catalogue(folder, territory_slugs(folder))
    assert len(catalogue) == 4
    assert catalogue["pays-de-redon"]["lung-cancer"].sensitive
    assert catalogue["haute-saintonge"] == {}


def test_a_pathway_that_is_not_named_like_its_file_is_refused(deploy_dir: Path, tmp_path: Path) -> None:
    text = (deploy_dir / "territories/pays-de-redon/pathways/lung-cancer.yaml").read_text(encoding="utf-8")
    (tmp_path / "here/pathways").mkdir(parents=True)
    (tmp_path / "here/pathways/other.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFileError, match=r"other\.yaml: id: is 'lung-cancer'"):
        load_catalogue(tmp_path, ["here"])


def test_a_bad_field_is_named(deploy_dir: Path, tmp_path: Path) -> None:
    text = (deploy_dir / "territories/pays-de-redon/pathways/lung-cancer.yaml").read_text(encoding="utf-8")
    (tmp_path / "here/pathways").mkdir(parents=True)
    (tmp_path / "here/pathways/lung-cancer.yaml").write_text(text.replace("to_days: 21", "to_days: soon"), "utf-8")
    with pytest.raises(BadFileError, match=r"lung-cancer\.yaml: steps\.3\.to_days"):
        load_catalogue(tmp_path, ["here"])


def test_communes_of_today_and_of_before(deploy_dir: Path, tmp_path: Path) -> None:
    communes = load_communes(deploy_dir / "reference")
    assert communes["35236"] == "35236"
    assert communes["01003"] == "01165"
    with pytest.raises(BadFileError, match=r"communes\.csv: no such file"):
        load_communes(tmp_path)
    (tmp_path / "communes.csv").write_text("code\n1\n")
    with pytest.raises(BadFileError, match="insee_code: no such column"):
        load_communes(tmp_path)
