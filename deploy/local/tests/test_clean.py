"""`make clean` removes what a stack wrote, and nothing of a running one."""

from pathlib import Path

import pytest

from local_stack import clean, state
from local_stack.keys import Secrets


def test_it_forgets_the_state_and_leaves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    monkeypatch.setattr(clean, "CACHES", ())
    Secrets.load(tmp_path)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "data").touch()
    (tmp_path / "notes.txt").touch()
    assert clean.main() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_it_is_refused_while_a_stack_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    Secrets.load(tmp_path)
    with state.lock(tmp_path):
        assert clean.main() == 1
    assert "already runs" in capsys.readouterr().err
    assert (tmp_path / "secrets.json").exists()
