"""The communes of France are read from files, and a bad one is named."""

from pathlib import Path

import pytest

from kit.territories import BadFileError
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
