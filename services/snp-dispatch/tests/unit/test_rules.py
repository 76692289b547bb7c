"""The files of rules at start: what is wrong is named, with its file."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.territories import BadFileError
from snp_dispatch.settings import Settings
from snp_dispatch.store.rules import load_rules

POLICY = Path("territories/pays-de-redon/snp-policy.yaml")
CALENDAR = Path("territories/pays-de-redon/snp-calendar.yaml")


@pytest.fixture
def settings(deploy_dir: Path, tmp_path: Path) -> Settings:
    """Settings on a copy of the deployment's files."""
    for name in ("territories", "reference"):
        shutil.copytree(deploy_dir / name, tmp_path / name, ignore=shutil.ignore_patterns("rpps*"))
    return Settings(
        database_url="postgresql://x",
        nats_url="nats://x",
        encryption_keys="x",
        blind_index_key="x",
        territories_dir=tmp_path / "territories",
        reference_dir=tmp_path / "reference",
    )


def test_the_deployment_s_own_files(settings: Settings) -> None:
    rules = load_rules(settings)
    assert set(rules.policies) == {"pays-de-redon", "marches-de-bretagne", "atlantique-nord-loire", "haute-saintonge"}
    assert rules.gazetteer.name("35236") == "Redon"
    assert rules.policy("atlantis") is None
    assert rules.calendars["pays-de-redon"].version == "2026-11-1"
    assert rules.calendars["haute-saintonge"].version == "default"


def test_a_territory_may_have_no_policy_yet(settings: Settings) -> None:
    (settings.territories_dir / "haute-saintonge" / "snp-policy.yaml").unlink()
    assert load_rules(settings).policy("haute-saintonge") is None


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        (POLICY, lambda text: text.replace("- chest_pain", "- bad_mood"), "red_flags: bad_mood"),
        (POLICY, lambda text: text.replace("hold_seconds: 300", "hold_seconds: soon"), "hold_seconds"),
        (POLICY, lambda text: text + "\ncolour: blue\n", "colour"),
        (POLICY, lambda text: "[" + text, "snp-policy.yaml"),
        (CALENDAR, lambda text: text.replace("extra_days: []", "extra_days: [soon]"), "extra_days"),
        (Path("reference/snp-codes.yaml"), lambda _: "version: 1", "origins"),
        (Path("reference/communes.csv"), lambda text: text.replace("latitude", "lat", 1), "communes.csv"),
        (Path("reference/communes.csv"), None, "no such file"),
    ],
)
def test_a_wrong_file_stops_the_start(
    settings: Settings, tmp_path: Path, file: Path, change: Callable[[str], str] | None, said: Any
) -> None:
    path = tmp_path / file
    if change is None:
        path.unlink()
    else:
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BadFileError) as refused:
        load_rules(settings)
    assert said in str(refused.value)
    assert path.name in str(refused.value)
