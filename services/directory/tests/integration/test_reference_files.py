"""The files of a deployment: loaded once, checked at every start."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.envelope import NATIONAL
from directory.usecases.load_reference import check_territories, load_communes, read_reference
from kit.territories import BadFileError


@pytest.fixture
def files(settings: Any, deploy_dir: Path, tmp_path: Path) -> Path:
    """A copy of the deployment's files that the settings point at."""
    for name in ("reference", "territories"):
        shutil.copytree(deploy_dir / name, tmp_path / name)
    settings.reference_dir, settings.territories_dir = tmp_path / "reference", tmp_path / "territories"
    return tmp_path


async def stamp(directory: Any) -> Any:
    async with directory.runtime.system.work(NATIONAL) as work:
        return await work.fetchrow("SELECT loaded_at, (SELECT count(*) FROM commune) AS communes FROM reference_stamp")


async def test_the_communes_of_france_are_loaded(directory: Any) -> None:
    assert (await stamp(directory))["communes"] == 34_875


async def test_a_restart_loads_nothing_while_the_files_stand(settings: Any, issuer: Any, start: Any) -> None:
    async with start(settings, issuer) as directory:
        before = await stamp(directory)
    async with start(settings, issuer) as directory:
        assert await stamp(directory) == before


async def test_new_files_replace_the_old_rows(settings: Any, issuer: Any, start: Any, files: Path) -> None:
    path = files / "reference/communes.csv"
    path.write_text(path.read_text().replace(",Redon,35,", ",Redon-la-Nouvelle,35,"))
    async with start(settings, issuer) as directory:
        assert (await directory.get("/v1/communes/35236"))["name"] == "Redon-la-Nouvelle"
        assert (await stamp(directory))["communes"] == 34_875


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("reference/communes.csv", "population,", "inhabitants,", "communes.csv: line 2: population: no such column"),
        ("reference/communes.csv", ",860,46.15", ",many,46.15", "communes.csv: line 2: invalid literal"),
        ("reference/commune_successors.csv", "01003,,01165", "01003,,99999", "line 2: insee_code: '99999'"),
        ("territories/pays-de-redon/territory.yaml", '"35236"', '"35999"', "communes.6: 35999 is no commune of today"),
        ("territories/pays-de-redon/territory.yaml", '"35236"', '"75056"', "communes.6: 75056 is in 75"),
        (
            "territories/pays-de-redon/territory.yaml",
            "id: pays-de-redon",
            "id: redon",
            "territory.yaml: id: is 'redon'",
        ),
        ("territories/pays-de-redon/territory.yaml", "size: 3", "size: big", "territory.yaml: size: "),
        ("reference/nomenclature.yaml", 'version: "2026-11-1"', "version: 2026", "nomenclature.yaml: version: "),
    ],
)
async def test_a_bad_file_stops_the_start_and_is_named(
    directory: Any, files: Path, *, file: str, old: str, new: str, said: str
) -> None:
    path = files / file
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))
    with pytest.raises(BadFileError) as refused:
        await _load(directory)
    assert str(path) in str(refused.value)
    assert said in str(refused.value)


async def test_a_missing_file_is_named(directory: Any, files: Path) -> None:
    (files / "reference/commune_successors.csv").unlink()
    with pytest.raises(BadFileError, match=r"commune_successors\.csv: no such file"):
        await _load(directory)


async def test_a_fifth_territory_takes_yaml_and_no_code(settings: Any, issuer: Any, start: Any, files: Path) -> None:
    folder = files / "territories/pays-de-rennes"
    folder.mkdir()
    profile = {"id": "pays-de-rennes", "name": "CPTS Pays de Rennes", "authorities": [{"kind": "ars", "name": "ARS"}]}
    (folder / "territory.yaml").write_text(yaml.safe_dump({**profile, "communes": ["35238"]}))
    async with start(settings, issuer) as directory:
        assert (await directory.get("/v1/territories/pays-de-rennes"))["communes"][0]["name"] == "Rennes"
        async with directory.connect("directory:read", territory="pays-de-rennes") as http:
            assert (await http.get("/v1/professionals?territory=mine")).status_code == 200


async def _load(directory: Any) -> None:
    settings = directory.runtime.settings
    reference = read_reference(settings)
    async with directory.runtime.system.work(NATIONAL) as work:
        await load_communes(work, settings.reference_dir)
        await check_territories(work, reference, settings.territories_dir)
