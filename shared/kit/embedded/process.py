"""How a server process is born: in its own group, dying with its parent, never as root where that is refused."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Protocol

NOBODY = 65534
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class EmbeddedServerError(Exception):
    """A server cannot be started here; the message is one line that says what to do."""


@dataclass(frozen=True)
class Command:
    """What to run and how: `prepare_child` runs in the child between fork and exec."""

    argv: tuple[str, ...]
    prepare_child: Callable[[], None]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM


class Server(Protocol):
    """One embedded server. `prepare` is safe to repeat and mends what a `kill -9` left behind."""

    def prepare(self) -> None: ...

    def command(self) -> Command: ...

    def is_ready(self) -> bool: ...


def child_of_this_process(on_parent_death: signal.Signals) -> Callable[[], None]:
    """A `prepare_child` that gives the child its own group and the given signal when this process dies.

    Ctrl-C then reaches this process alone, and a `kill -9` of it leaves no child (Linux only; elsewhere
    the child has to be stopped).
    """
    parent = os.getpid()

    def prepare() -> None:
        os.setpgid(0, 0)
        die_with_parent(on_parent_death)
        if os.getppid() != parent:  # the parent died before the signal was in force
            os._exit(1)

    return prepare


def die_with_parent(on_parent_death: signal.Signals) -> None:
    """Asks for a signal when the thread that forked this process ends. Does nothing but on Linux."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(on_parent_death))


def enter_private_user_namespace() -> None:
    """Makes root look like nobody to the program, while files stay root's. OSError if refused."""
    if _LIBC is None or _LIBC.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER) is refused")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def become_nobody() -> None:
    """Gives root's rights up for those of the user nobody."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


@cache
def namespaces_allowed() -> bool:
    """Whether this machine lets root open a private user namespace (Docker's default profile does not)."""
    try:
        subprocess.run(["true"], preexec_fn=enter_private_user_namespace, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


@contextmanager
def running(server: Server, log: Path, timeout: float = 30.0) -> Iterator[subprocess.Popen[bytes]]:
    """Starts the server, waits until it answers, stops it at the end. Raises EmbeddedServerError."""
    server.prepare()
    command = server.command()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command.argv,
            env={**os.environ, **command.env},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            preexec_fn=command.prepare_child,  # noqa: PLW1509 - prctl and unshare have to run in the child
        )
    try:
        _wait_ready(server, process, log, timeout)
        yield process
    finally:
        _stop(process, command.stop_signal)


def _wait_ready(server: Server, process: subprocess.Popen[bytes], log: Path, timeout: float) -> None:
    end = time.monotonic() + timeout
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > end:
            tail = " | ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise EmbeddedServerError(f"{type(server).__name__} did not start: {tail}")
        time.sleep(0.01)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, grace: float = 20.0) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
