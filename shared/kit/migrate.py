"""Migrations run in the process, at start, as the owner role and under an advisory lock."""

import asyncio
from importlib.resources import files

import asyncpg

from kit.provision import provision
from kit.settings import ServiceSettings

_NOTHING_YET = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,  # SET ROLE of a role that does not exist yet
    asyncpg.InsufficientPrivilegeError,
)


async def migrate(settings: ServiceSettings, migrations: str) -> None:
    """Brings the database to the newest revision of the package `migrations`. Raises NotProvisionedError."""
    url, owner = settings.database_url.get_secret_value(), f"{settings.role_prefix}_owner"
    login, revision = await _look(url, owner)
    if revision == newest(migrations):
        return
    from kit.upgrade import upgrade  # noqa: PLC0415 - most starts have nothing to migrate and need not wait for alembic

    await provision(url, settings.service, login)
    await asyncio.to_thread(upgrade, migrations, url)


def newest(migrations: str) -> str:
    """The revision with which the name of the last file begins; tests hold it against the chain of revisions."""
    names = (file.name for file in (files(migrations) / "versions").iterdir())
    return max(number for number in (name.partition("_")[0] for name in names) if number.isdigit())


async def _look(url: str, owner: str) -> tuple[str, str | None]:
    """The login's name and the revision that the database stands at, None before the first."""
    connection = await asyncpg.connect(url)
    try:
        login = str(await connection.fetchval("SELECT session_user"))
        try:
            await connection.execute(f"SET ROLE {owner}")
            return login, await connection.fetchval("SELECT version_num FROM alembic_version")
        except _NOTHING_YET:
            return login, None
    finally:
        await connection.close()
