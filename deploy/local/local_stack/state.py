"""What the stack leaves in `.run/` for others: the lock, `stack.json`, the logs."""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from local_stack import private_files
from local_stack.ports import StackError


@dataclass
class Report:
    """`stack.json`, mode 0600 because the URLs hold passwords. `processes` gives pid and restarts by name."""

    pid: int
    gateway_url: str
    service_urls: dict[str, str]
    worker_urls: dict[str, str]
    database_urls: dict[str, str]
    admin_database_url: str | None
    nats_url: str
    processes: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def write(self, run_dir: Path) -> None:
        private_files.write(run_dir / "stack.json", json.dumps(asdict(self), indent=2))


def read_report(run_dir: Path) -> Mapping[str, Any] | None:
    """The running stack's report, None when none runs: a killed one leaves its file and not its lock."""
    path = run_dir / "stack.json"
    return dict(json.loads(path.read_text())) if path.exists() and _is_locked(run_dir) else None


def was_killed(run_dir: Path) -> bool:
    """Whether the last stack had no time to stop. To be asked by the holder of the lock."""
    return (run_dir / "stack.json").exists()


def forget_report(run_dir: Path) -> None:
    """After a clean stop."""
    (run_dir / "stack.json").unlink(missing_ok=True)


def _taken(file: IO[str]) -> bool:
    """Tries twice: somebody may just be looking whether a stack runs."""
    for pause in (0.1, 0.0):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(pause)
        else:
            return True
    return False


def _is_locked(run_dir: Path) -> bool:
    try:
        with (run_dir / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    return False


def lock(run_dir: Path) -> IO[str]:
    """Holds `.run/` until the process ends, however it ends. Raises StackError naming the pid of the holder."""
    run_dir.mkdir(parents=True, exist_ok=True)
    file = (run_dir / "lock").open("a+")
    if not _taken(file):
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise StackError(f"a stack already runs on {run_dir} (pid {holder}); stop it, or set RUN_DIR")
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def fresh_logs(run_dir: Path) -> Path:
    """The folder of the logs; those of the last run are kept once, as `<name>.log.1`."""
    folder = run_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.log"):
        file.replace(file.with_suffix(".log.1"))
    return folder
