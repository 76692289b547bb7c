"""The communes of France are read from files, and a bad one is named."""

from pathlib import Path

import pytest

from kit.territories import BadFileError
from pathways.store.activity_files import load_activities, load_professions
from pathways.store.files import load_communes


def test_communes_of_today_and_of_before(deploy_dir: Path, tmp_path: Path) -> None:
    communes = load_communes(deploy_dir / "reference")
    assert communes["35236"] == "35236"
    assert communes["01003"] == "01165"
    with pytest.raises(BadFileError, match=r"communes\.csv: no such file"):
        load_communes(tmp_path)
    (tmp_path / "communes.csv").write_text("code\n1\n")
    with pytest.raises(BadFileError, match="insee_code: no such column"):
        load_communes(tmp_path)


def test_a_territory_adds_words_and_says_some_anew(deploy_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    own = "version: '1'\ntopics: {sleep: {label: Sommeil}}\nsession_kinds: {epu: {label: Soirée}}\n"
    (tmp_path / "here/activities.yaml").write_text(own, encoding="utf-8")
    words = load_activities(tmp_path, deploy_dir / "reference", ["here", "there"])
    assert words["here"].topics["sleep"].label == "Sommeil"
    assert (words["here"].session_kinds["epu"].label, words["here"].version[-2:]) == ("Soirée", "+1")
    assert words["there"].topic_of("lung-cancer") == "oncology"
    assert load_professions(deploy_dir / "reference")["60"] == "Infirmier"


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("themes: {cup: {label: Coupe, topic: moon}}", "no topic 'moon'"),
        ("topics: {lungs: {label: Poumon, templates: [lung-cancer]}}", "two name the pathway 'lung-cancer'"),
        ("session_kinds: {epu: {}}", r"session_kinds\.epu\.label"),
        ("session_kinds: {EPU: {label: x}}", "String should match pattern"),
    ],
)
def test_words_that_do_not_fit_are_refused(deploy_dir: Path, tmp_path: Path, own: str, message: str) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here/activities.yaml").write_text(f"version: '1'\n{own}\n", encoding="utf-8")
    with pytest.raises(BadFileError, match=message):
        load_activities(tmp_path, deploy_dir / "reference", ["here"])
