"""Migrations run in the process, at start, as the owner role and under an advisory lock."""

import asyncio
from importlib.resources import files

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

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
    config = configuration(migrations, url)
    login, revision = await _look(url, owner)
    if revision is not None and revision == ScriptDirectory.from_config(config).get_current_head():
        return
    await provision(url, settings.service, login)
    await asyncio.to_thread(command.upgrade, config, "head")


def configuration(migrations: str, url: str) -> Config:
    """Alembic's, for the package `migrations` on the database of `url`."""
    config = Config()
    config.set_main_option("script_location", str(files(migrations)))
    config.attributes["url"] = url
    return config


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
