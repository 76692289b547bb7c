"""The import contracts of pyproject.toml hold, and can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

_LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]


def test_import_contracts_hold(pytestconfig: pytest.Config) -> None:
    result = subprocess.run(_LINT, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_sibling_import_would_be_reported(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    """The same contracts, on two packages that break them."""
    for package, body in (("directory", ""), ("pathways", "import directory\n")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(body)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["directory", "pathways"]\n'
        '[[tool.importlinter.contracts]]\nname = "independent"\ntype = "independence"\n'
        'modules = ["directory", "pathways"]\n'
    )
    code = "import sys; sys.path.insert(0, '.'); " + _LINT[2]
    result = subprocess.run(
        [_LINT[0], "-c", code, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1, result.stdout + result.stderr
    assert "independent BROKEN" in result.stdout
