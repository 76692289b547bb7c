"""The two servers of a stack, and the databases on them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from kit.embedded.nats import EmbeddedNats
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import Server
from local_stack.checkout import DEPLOY
from local_stack.environment import Environment
from local_stack.ports import SERVICES, StackError, variable
from local_stack.processes import Spec


def postgres_of(environment: Environment) -> EmbeddedPostgres:
    """Its data is `.run/postgres`."""
    data = environment.run_dir / "postgres"
    return EmbeddedPostgres(data, environment.ports.postgres, environment.secrets.postgres, DEPLOY / "postgres")


def nats_of(environment: Environment) -> EmbeddedNats:
    """Its streams are in `.run/nats`."""
    configuration: Path = DEPLOY / "nats" / "nats.conf"
    return EmbeddedNats(environment.run_dir / "nats", environment.ports.nats, environment.secrets.nats, configuration)


def spec_of(name: str, server: Server, environment: Environment) -> Spec:
    """How to supervise it: every start first mends what the last end left."""
    return Spec(name, server.command, _asked_in_a_thread(server), dict(environment.given), prepare=server.prepare)


def nats_urls(environment: Environment, server: EmbeddedNats | None) -> dict[str, str]:
    """Service -> URL with its own user; `admin` too where the server is ours."""
    if server is not None:
        return {user: server.url(user) for user in server.passwords} | _named_nats_urls(environment)
    return dict.fromkeys((*SERVICES, "admin"), environment.given.get("NATS_URL", "")) | _named_nats_urls(environment)


async def database_urls(environment: Environment, server: EmbeddedPostgres | None) -> dict[str, str]:
    """Service -> URL of its login; databases, logins and roles are created on our own server where missing."""
    lent = environment.lent_databases
    if server is None:
        return lent
    from asyncpg import InvalidPasswordError  # noqa: PLC0415 - not needed, nor waited for, with lent servers

    from kit.embedded.databases import create_database  # noqa: PLC0415

    own = [service for service in SERVICES if service not in lent]
    passwords = environment.secrets.databases
    try:
        urls = [await create_database(server.url(), service, passwords[service]) for service in own]
    except InvalidPasswordError:
        raise StackError(
            f"the passwords in {environment.run_dir} are not those of its PostgreSQL; `make clean` starts over"
        ) from None
    return lent | dict(zip(own, urls, strict=True))


def _named_nats_urls(environment: Environment) -> dict[str, str]:
    named = {service: environment.given.get(f"{variable(service)}_NATS_URL") for service in SERVICES}
    return {service: url for service, url in named.items() if url}


def _asked_in_a_thread(server: Server) -> Callable[[], Awaitable[str | None]]:
    async def not_ready() -> str | None:
        return None if await asyncio.to_thread(server.is_ready) else "it does not answer yet"

    return not_ready
