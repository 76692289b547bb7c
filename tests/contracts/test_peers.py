"""docs/peers.md answers every complaint that concerns the dispatch, by tests that exist."""

import re
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (\d+) \|.*\| (.*) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docs" / "peers.md").read_text(encoding="utf-8")


def defined(root: Path) -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (root / "services" / "snp-dispatch" / "tests").rglob("*.py"))
    return {name for text in texts for name in re.findall(r"def (test_\w+)\(", text)}


def test_every_complaint_is_answered_by_a_test_that_exists(page: str, pytestconfig: pytest.Config) -> None:
    rows = {int(number): answer for number, answer in ROW.findall(page)}
    assert set(rows) == set(range(1, 24))
    named = {number: re.findall(r"`(test_\w+)`", answer) for number, answer in rows.items()}
    tests = defined(pytestconfig.rootpath)
    missing = {number: names for number, names in named.items() if not names or not set(names) <= tests}
    # What is not there yet is said on the page.
    assert {number for number in missing if "yet" not in rows[number]} == set()


def test_files_that_the_page_names_exist(page: str, pytestconfig: pytest.Config) -> None:
    root = pytestconfig.rootpath
    linked = re.findall(r"\]\(([^)#]+)\)", page)
    assert [it for it in linked if not (root / "docs" / it).exists()] == []
    known = {path.name for folder in ("services", "tests") for path in (root / folder).rglob("test_*.py")}
    assert {Path(name).name for name in re.findall(r"`([\w/]*test_\w+\.py)`", page)} <= known
