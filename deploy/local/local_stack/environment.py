"""What each process is told by environment variables: its own secrets and nobody else's."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from local_stack.checkout import DEPLOY
from local_stack.keys import AUDIENCE, ISSUER, Secrets, jwks_file
from local_stack.ports import SERVICES, Ports, variable

_SECRETS = ("DATABASE_URL", "NATS_URL", "ENCRYPTION_KEYS", "BLIND_INDEX_KEY")


@dataclass(frozen=True)
class Environment:
    """`given` is the environment of the person who starts the stack; what it names is never replaced."""

    given: Mapping[str, str]
    run_dir: Path
    ports: Ports
    secrets: Secrets

    @property
    def lent_databases(self) -> dict[str, str]:
        """Service -> URL of a database that somebody else runs."""
        named = {service: self.given.get(f"{variable(service)}_DATABASE_URL") for service in SERVICES}
        return {service: url for service, url in named.items() if url}

    @property
    def starts_postgres(self) -> bool:
        return len(self.lent_databases) < len(SERVICES)

    @property
    def starts_nats(self) -> bool:
        return not self.given.get("NATS_URL") and not all(
            self.given.get(f"{variable(service)}_NATS_URL") for service in SERVICES
        )

    def of_service(self, service: str, database_url: str, nats_url: str) -> dict[str, str]:
        """For the two processes of a service."""
        own = {
            "HOST": "127.0.0.1",
            "PORT": str(self.ports.services[service]),
            "WORKER_PORT": str(self.ports.workers[service]),
            "DATABASE_URL": database_url,
            "NATS_URL": nats_url,
            "BLOB_DIR": str(self.run_dir / "blobs" / service),
        }
        if not self.given.get("ENCRYPTION_KEYS"):
            own["ENCRYPTION_KEYS"] = self.secrets.encryption[service]
        if not self.given.get("BLIND_INDEX_KEY"):
            own["BLIND_INDEX_KEY"] = self.secrets.blind_index[service]
        named = {f"{variable(service)}_{name}": value for name, value in own.items()}
        return {**self._common, **named, **self._without_secrets_of_others(service)}

    def of_gateway(self) -> dict[str, str]:
        """The gateway has no secret: it knows where the services are."""
        urls = {f"{variable(name)}_URL": f"http://127.0.0.1:{port}" for name, port in self.ports.services.items()}
        own = {"GATEWAY_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.ports.gateway)}
        return {**self._common, **urls, **own, **self._without_secrets_of_others("gateway")}

    @cached_property
    def _common(self) -> dict[str, str]:
        keys = {} if self.given.get("JWKS_URL") else {"JWKS_FILE": str(jwks_file(self.run_dir))}
        return keys | {
            "TOKEN_ISSUER": ISSUER,
            "TOKEN_AUDIENCE": AUDIENCE,
            "TERRITORIES_DIR": str(DEPLOY / "territories"),
            "REFERENCE_DIR": str(DEPLOY / "reference"),
            "PRODUCERS": ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in self.ports.workers.items()),
            "PYTHONUNBUFFERED": "1",
        }

    def _without_secrets_of_others(self, service: str) -> dict[str, str]:
        foreign = {f"{variable(other)}_{name}" for other in SERVICES if other != service for name in _SECRETS}
        # Nine processes that compile everything at each start are slow: bytecode is kept even where images say not to.
        withheld = foreign | {"PYTHONDONTWRITEBYTECODE"}
        return {name: value for name, value in self.given.items() if value and name not in withheld}


def python(*module: str) -> tuple[str, ...]:
    """The command that runs a module of ours, and what it is given, with this very interpreter."""
    return (sys.executable, "-m", *module)
