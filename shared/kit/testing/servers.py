"""The real PostgreSQL and NATS of a test session, and fresh databases on them."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import nats
from nats.js.api import StreamInfo

from kit.embedded.databases import create_database, with_database
from kit.embedded.nats import USERS, EmbeddedNats
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import running

Migrate = Callable[[str], Awaitable[None]]
"""Given the URL of a service's login, brings that database to its newest revision."""

_LOGIN_PASSWORD = "testonly"  # noqa: S105 - of throw-away databases
_AT_ONCE = 10
"""Databases that are dropped together."""


@dataclass
class Servers:
    """`admin_database_url` is a superuser's. `nats_urls` has one URL for each user of nats.conf."""

    admin_database_url: str
    nats_urls: dict[str, str]
    _databases: list[str] = field(default_factory=list)
    _finished: list[str] = field(default_factory=list)
    _templates: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def nats_url(self, user: str = "admin") -> str:
        return self.nats_urls[user]

    async def new_database(self, service: str, migrate: Migrate | None = None, *, kind: str = "") -> str:
        """The login's URL of an empty database of `service`, its roles provisioned.

        With `migrate`, it is a copy of a database that was migrated once in this session (about 50 ms);
        `kind` tells apart what several migrations make of one service.
        """
        async with self._lock:
            template = await self._template(service, migrate, kind) if migrate else "template1"
            return await self._create(service, template)

    @contextmanager
    def of_one_test(self) -> Iterator[None]:
        """Databases that are made in the block are dropped some time after it; templates stay."""
        before = set(self._databases)
        yield
        kept = before.union(self._templates.values())
        self._finished += [name for name in self._databases if name not in kept]
        self._databases = [name for name in self._databases if name in kept]

    async def _template(self, service: str, migrate: Migrate, kind: str) -> str:
        if (service, kind) not in self._templates:
            await migrate(await self._create(service, "template1"))
            self._templates[service, kind] = self._databases[-1]
        return self._templates[service, kind]

    async def _create(self, service: str, template: str) -> str:
        if len(self._finished) >= _AT_ONCE:
            await self._drop(self._finished)
            self._finished.clear()
        name = f"test_{service.replace('-', '_')}_{secrets.token_hex(4)}"
        url = await create_database(self.admin_database_url, service, _LOGIN_PASSWORD, database=name, template=template)
        self._databases.append(name)
        return url

    def admin_url(self, database_url: str) -> str:
        """The superuser's URL of the same database, to look behind row-level security."""
        return with_database(self.admin_database_url, database_url.partition("?")[0].rpartition("/")[2])

    async def clear_bus(self) -> None:
        """Removes every stream, and every durable consumer with them."""
        connection = await nats.connect(self.nats_url())
        try:
            streams: list[StreamInfo] = await connection.jetstream().streams_info()
            for stream in streams:
                await connection.jetstream().delete_stream(str(stream.config.name))
        finally:
            await connection.close()

    async def drop_databases(self) -> None:
        """Leaves a server that was lent as it was found."""
        await self._drop([*self._databases, *self._finished])

    async def _drop(self, names: Sequence[str]) -> None:
        connection = await asyncpg.connect(self.admin_database_url)
        try:
            for name in names:
                await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()


@contextmanager
def embedded_servers(folder: Path, deploy: Path, *, admin_url: str | None, nats_url: str | None) -> Iterator[Servers]:
    """Starts in `folder` what is not lent. `deploy` is the folder that holds postgres/ and nats/."""
    with ExitStack() as stack:
        if admin_url is None:
            postgres = EmbeddedPostgres(
                folder / "postgres", free_port(), secrets.token_hex(16), deploy / "postgres", durable=False
            )
            stack.enter_context(running(postgres, folder / "postgres.log"))
            admin_url = postgres.url()
        if nats_url is None:
            passwords = {user: f"p{secrets.token_hex(16)}" for user in USERS}
            server = EmbeddedNats(folder / "nats", free_port(), passwords, deploy / "nats" / "nats.conf")
            stack.enter_context(running(server, folder / "nats.log"))
            urls = {user: server.url(user) for user in USERS}
        else:
            urls = dict.fromkeys(USERS, nats_url)
        yield Servers(admin_url, urls)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
