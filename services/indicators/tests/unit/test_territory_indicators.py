"""What a territory says of the common catalogue, and the files that a start refuses."""

import shutil
from pathlib import Path

import pytest

from indicators.domain.catalogue import Catalogue
from indicators.domain.goals import Reference
from indicators.usecases.load_catalogue import load_catalogues
from kit.territories import BadFileError


@pytest.fixture
def files(deploy_dir: Path, tmp_path: Path) -> Path:
    """A deployment of one territory that says nothing yet."""
    shutil.copytree(deploy_dir / "indicators", tmp_path / "indicators")
    (tmp_path / "territories" / "a-town").mkdir(parents=True)
    (tmp_path / "territories" / "a-town" / "territory.yaml").write_text("id: a-town\n")
    return tmp_path


def say(files: Path, text: str) -> None:
    (files / "territories" / "a-town" / "indicators.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")


def load(files: Path) -> Catalogue:
    return load_catalogues(files / "indicators" / "catalogue.yaml", files / "territories").of("a-town")


def test_what_a_territory_does_not_say_is_as_in_the_common_catalogue(files: Path) -> None:
    silent = load(files)
    say(files, "indicators: {}\n")
    assert load(files) == silent
    assert len(silent.followed) == 68


def test_a_territory_says_its_own(files: Path) -> None:
    say(
        files,
        "indicators:\n"
        "  I-01: {target: {value: 8, by: 2027-12-31, source: ACI}, baseline: {value: 11.1, source: Rézone}}\n"
        "  I-14: {target: {value: 4, period: year, source: ACI}, periods: [half_yearly, annual]}\n"
        "  I-09: {expected_trend: up}\n"
        "  I-08: {expected_trend: stable, stable_within_percent: 5}\n"
        "  I-59: {not_followed: no vaccination centre}\n",
    )
    found = {it.id: it for it in load(files).indicators}
    assert found["I-01"].target is not None
    assert (found["I-01"].target.value, found["I-01"].expected_trend) == (8, "down")
    assert found["I-14"].periods == ("half_yearly", "annual")
    assert (found["I-09"].expected_trend, found["I-09"].stable_within_percent) == ("up", None)
    assert (found["I-08"].expected_trend, found["I-08"].stable_within_percent) == ("stable", 5)
    assert found["I-59"].not_followed == "no vaccination centre"
    assert "I-59" not in [it.id for it in load(files).followed]
    assert [source.id for source in found["N-03"].imported_from] == ["rezone", "hospital"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("indicators: {I-99: {}}", "indicators.I-99: the catalogue has no such indicator"),
        ("indicators: {I-01: {colour: red}}", "indicators.I-01.colour: Extra inputs are not permitted"),
        ("indicators: {I-01: {target: {value: 8}}}", "indicators.I-01.target.source: Field required"),
        ("indicators: {I-01: {target: {value: 108, source: s}}}", "I-01.target.value: 108 is no percent"),
        ("indicators: {I-01: {baseline: {value: -1, source: s}}}", "I-01.baseline.value: -1 is no percent"),
        ("indicators: {I-14: {target: {value: 4, source: s}}}", "I-14.target.period: say of what period"),
        ("indicators: {I-14: {target: {value: 4, period: week, source: s}}}", "indicators.I-14.target.period"),
        ("indicators: {I-14: {expected_trend: stable}}", "I-14.stable_within_percent: say how stable"),
        ("indicators: {I-14: {not_followed: ''}}", "indicators.I-14.not_followed"),
        ("context: {C-99: {value: 3, source: s}}", "context.C-99: there is no such context figure"),
    ],
)
def test_a_mistake_stops_the_start_with_file_and_field(files: Path, said: str, message: str) -> None:
    say(files, said)
    with pytest.raises(BadFileError) as refused:
        load(files)
    assert "a-town/indicators.yaml: " in str(refused.value)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("id: I-01, unit: percent", "id: I-99, unit: percent"), "figures.0.id: I-99 is neither an indicator"),
        (("id: I-01, unit: percent", "id: I-01, unit: count"), "figures.0.unit: I-01 is a percent"),
        (("id: I-01, unit: percent", "id: I-08, unit: count"), "figures.0.id: I-08 is counted from events"),
        (("adds_up_with: [msa]", "adds_up_with: [nobody]"), "adds_up_with: there is no source nobody"),
        (("rank: 2", "rank: 0"), "rank: Input should be greater than or equal to 1"),
    ],
)
def test_a_bad_template_stops_the_start_too(files: Path, change: tuple[str, str], message: str) -> None:
    path = files / "indicators" / "imports" / "cpam.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(BadFileError) as refused:
        load(files)
    assert f"{path}: " in str(refused.value)
    assert message in str(refused.value)


def test_the_baselines_of_pays_de_redon_are_loaded(deploy_dir: Path) -> None:
    loaded = load_catalogues(deploy_dir / "indicators" / "catalogue.yaml", deploy_dir / "territories")
    own = loaded.of("pays-de-redon")
    baselines = {it.id: it.baseline.value for it in own.indicators if it.baseline}
    assert baselines == {"I-01": 11.1, "I-02": 1.9, "I-04": 7.7, "I-28": 4, "N-03": 18.4}
    first = own.indicators[0].baseline
    assert first is not None
    assert Reference(area="france", value=10.4) in first.references
    context = loaded.baselines["pays-de-redon"]
    assert context.keys() == {it.id for it in loaded.context.figures}
    assert (context["C-01"].value, context["C-08"].value, context["C-21"].value) == (81246, 25.1, 52)


def test_every_indicator_has_a_label_in_both_languages(catalogue: Catalogue) -> None:
    labels = {it.label_en for it in catalogue.indicators}
    assert len(labels) == 68
    assert all(it.label_en != it.label_fr and it.label_en.isascii() for it in catalogue.indicators)
