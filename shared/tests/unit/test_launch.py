import subprocess
import sys
from pathlib import Path

_MODULE = """
import gc, sys
import httpx, nats.aio.client, structlog
from kit.server import keep_what_is_loaded
assert __name__ == "__main__", __name__
print(gc.isenabled(), sys.modules["aiohttp"], sys.modules["rich"])
keep_what_is_loaded()
print(gc.isenabled())
"""


def test_a_module_runs_without_collections_until_it_is_loaded_and_without_what_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "started.py").write_text(_MODULE)
    said = subprocess.run(
        [sys.executable, "-m", "kit.launch", "started"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False", "None", "None", "True"]
