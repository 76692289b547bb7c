"""`make clean`: forgets the state of the local stack and the caches of the tools."""

import shutil
import sys
from pathlib import Path

from local_stack import state
from local_stack.checkout import ROOT, run_dir
from local_stack.ports import StackError

STATE = (
    "postgres", "postgres.new", "postgres-socket", "nats", "logs", "blobs",
    "secrets.json", "signing_key.pem", "jwks.json", "stack.json", "lock",
)  # fmt: skip
"""What a stack writes; anything else in the folder is not ours to remove."""
CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")


def main() -> int:
    """1 when a stack still runs on the folder."""
    folder = run_dir()
    try:
        lock = state.lock(folder)
    except StackError as error:
        print(f"make clean: {error}", file=sys.stderr)
        return 1
    with lock:
        for path in [*(folder / name for name in STATE), *(ROOT / name for name in CACHES)]:
            remove(path)
    return 0


def remove(path: Path) -> None:
    """A file or a folder, whatever is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
