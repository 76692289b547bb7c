"""The files of rules at start: what is wrong is named, with its file."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.territories import BadFileError
from snp_dispatch.settings import Settings
from snp_dispatch.store.rules import load_rules

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""Half past midnight of 1 December in Redon."""
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
    assert rules.calendars["pays-de-redon"].version == "2026-11-1"
    assert rules.calendars["haute-saintonge"].version == "default"
    assert rules.policy("atlantis", NOW) is None
    assert rules.today("pays-de-redon", NOW) == date(2026, 12, 1)


def test_a_territory_may_have_no_policy_yet(settings: Settings) -> None:
    (settings.territories_dir / "haute-saintonge" / "snp-policy.yaml").unlink()
    assert load_rules(settings).policy("haute-saintonge", NOW) is None


def test_a_later_version_lies_beside_the_one_in_force(settings: Settings) -> None:
    folder = settings.territories_dir / "pays-de-redon"
    text = (folder / "snp-policy.yaml").read_text(encoding="utf-8")
    later = text.replace('"2026-11-4"', '"2026-12-1"').replace("2026-11-01", "2026-12-01")
    (folder / "snp-policy.2026-12-1.yaml").write_text(later, encoding="utf-8")
    rules = load_rules(settings)
    # 23:59 in Redon, then midnight.
    before, after = NOW - timedelta(minutes=31), NOW - timedelta(minutes=30)
    found = [(it and it.version) for now in (before, after) for it in (rules.policy("pays-de-redon", now),)]
    assert found == ["2026-11-4", "2026-12-1"]
    following = rules.next_policy("pays-de-redon", before)
    assert following is not None
    assert following.version == "2026-12-1"
    assert rules.next_policy("pays-de-redon", after) is None


def test_two_files_of_one_version_stop_the_start(settings: Settings) -> None:
    folder = settings.territories_dir / "pays-de-redon"
    shutil.copy(folder / "snp-policy.yaml", folder / "snp-policy.copy.yaml")
    with pytest.raises(BadFileError, match="same version"):
        load_rules(settings)


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
