"""Which port each process listens on, and whether it is free."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

SERVICES = ("directory", "snp-dispatch", "pathways", "indicators")
DEFAULT_GATEWAY_PORT = 8000
_POSTGRES_OFFSET, _NATS_OFFSET = 21, 22


class StackError(Exception):
    """The stack cannot start or go on; the message is one line for the person at the terminal."""


@dataclass(frozen=True)
class Ports:
    """GATEWAY_PORT moves them all; each can be named on its own (`DIRECTORY_PORT`, `DIRECTORY_WORKER_PORT` ...)."""

    gateway: int
    services: Mapping[str, int]
    workers: Mapping[str, int]
    postgres: int
    nats: int

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Ports":
        """Raises StackError naming the variable that is not a port."""
        gateway = _port(env, "GATEWAY_PORT", DEFAULT_GATEWAY_PORT)
        numbered = list(enumerate(SERVICES, start=1))
        return cls(
            gateway=gateway,
            services={name: _port(env, f"{variable(name)}_PORT", gateway + n) for n, name in numbered},
            workers={name: _port(env, f"{variable(name)}_WORKER_PORT", gateway + 10 + n) for n, name in numbered},
            postgres=_port(env, "POSTGRES_PORT", gateway + _POSTGRES_OFFSET),
            nats=_port(env, "NATS_PORT", gateway + _NATS_OFFSET),
        )

    def by_variable(self, *, postgres: bool, nats: bool) -> dict[str, int]:
        """Environment variable -> port, of what is to be started."""
        found = {"GATEWAY_PORT": self.gateway}
        found |= {f"{variable(name)}_PORT": port for name, port in self.services.items()}
        found |= {f"{variable(name)}_WORKER_PORT": port for name, port in self.workers.items()}
        found |= {"POSTGRES_PORT": self.postgres} if postgres else {}
        return found | ({"NATS_PORT": self.nats} if nats else {})


def variable(service: str) -> str:
    """The start of a service's environment variables: SNP_DISPATCH for snp-dispatch."""
    return service.upper().replace("-", "_")


def require_free(ports: Mapping[str, int], patience: float) -> None:
    """Raises StackError naming the first busy port and its variable. `patience` (s) lets a killed stack leave."""
    end = time.monotonic() + patience
    for name, port in ports.items():
        while not _is_free(port):
            if time.monotonic() > end:
                raise StackError(f"port {port} is already in use; free it, or set {name} to another port")
            time.sleep(0.1)


def free_ports_environment() -> dict[str, str]:
    """Variables that put a whole stack on ports which nobody uses now."""
    names = Ports.from_environment({}).by_variable(postgres=True, nats=True)
    probes = {name: socket.socket() for name in names}
    try:
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: str(probe.getsockname()[1]) for name, probe in probes.items()}
    finally:
        for probe in probes.values():
            probe.close()


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{name}={text!r} is not a port number")
    return int(text)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
