"""The source files that the rules are about."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVICES = {
    "directory": "services/directory/directory",
    "snp_dispatch": "services/snp-dispatch/snp_dispatch",
    "pathways": "services/pathways/pathways",
    "indicators": "services/indicators/indicators",
}
PACKAGES = (*SERVICES.values(), "shared/contracts", "shared/kit", "gateway/gateway", "deploy/local/local_stack")


@dataclass(frozen=True)
class Source:
    """A parsed file; `path` is relative to the checkout."""

    path: Path
    text: str
    tree: ast.Module

    def inside(self, package: str) -> tuple[str, ...]:
        """The folders and name below the package's folder."""
        return self.path.relative_to(package).parts


@pytest.fixture(scope="session")
def sources(pytestconfig: pytest.Config) -> list[Source]:
    """Every Python file of our packages."""
    return [source for package in PACKAGES for source in _read(pytestconfig.rootpath, package)]


@pytest.fixture(scope="session")
def service_sources(pytestconfig: pytest.Config) -> list[tuple[str, Source]]:
    """(package folder, file) of the four services."""
    root = pytestconfig.rootpath
    return [(package, source) for package in SERVICES.values() for source in _read(root, package)]


def _read(root: Path, package: str) -> Iterator[Source]:
    for path in sorted((root / package).rglob("*.py")):
        text = path.read_text()
        yield Source(path.relative_to(root), text, ast.parse(text))
