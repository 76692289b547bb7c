"""Migrations of a service form one line: two branches that were merged may both have taken the next number."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(ROOT.glob("services/*/*/migrations/versions"))
_IDS = re.compile(r'^(revision|down_revision)(?:: str(?: \| None)?)? = (?:"(\w+)"|None)$', re.MULTILINE)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda it: it.parts[-4])
def test_each_migration_follows_the_one_before(folder: Path) -> None:
    files = sorted(it for it in folder.glob("*.py") if it.name != "__init__.py")
    links = [dict(_IDS.findall(it.read_text(encoding="utf-8"))) for it in files]
    numbers = [it.name.partition("_")[0] for it in files]
    assert numbers == [f"{n:04}" for n in range(1, len(files) + 1)]
    assert [it["revision"] for it in links] == numbers
    assert [it["down_revision"] for it in links] == ["", *numbers[:-1]]


def test_every_service_is_looked_at() -> None:
    assert len(FOLDERS) == 4
