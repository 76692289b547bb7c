"""What the stack leaves in `.run/` for others: the lock, `stack.json`, the logs."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from local_stack import private_files
from local_stack.ports import StackError


@dataclass
class Report:
    """`stack.json`, mode 0600 because the URLs hold passwords. `processes` gives pid, port and restarts by name."""

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
    """The running stack's report, None when none runs or ran to a clean end."""
    path = run_dir / "stack.json"
    return dict(json.loads(path.read_text())) if path.exists() else None


def forget_report(run_dir: Path) -> None:
    """After a clean stop; one that is left tells the next start that the last one was killed."""
    (run_dir / "stack.json").unlink(missing_ok=True)


def lock(run_dir: Path) -> IO[str]:
    """Holds `.run/` until the process ends, however it ends. Raises StackError naming the pid of the holder."""
    run_dir.mkdir(parents=True, exist_ok=True)
    file = (run_dir / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise StackError(f"a stack already runs on {run_dir} (pid {holder}); stop it, or set RUN_DIR") from None
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
