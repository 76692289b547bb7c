"""A service's database and login on a server where we are the administrator."""

from urllib.parse import quote, urlsplit

import asyncpg

from kit.provision import provision


def with_login(url: str, user: str, password: str, database: str) -> str:
    """The same server for another user and database."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}", path=f"/{database}").geturl()


def with_database(url: str, database: str) -> str:
    """The same server and user, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


async def create_database(
    admin_url: str, service: str, password: str, *, database: str | None = None, template: str = "template1"
) -> str:
    """Creates login, database and the three roles of a service where they are missing; returns the login's URL.

    The login inherits nothing: the service takes the role that each transaction needs.
    """
    login = f"{service.replace('-', '_')}_login"
    name = database or service.replace("-", "_")
    connection = await asyncpg.connect(admin_url)
    try:
        await _ensure_login(connection, login, password)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {login}")
    finally:
        await connection.close()
    # A template's grants on the database itself are not copied, so this runs for every database.
    await provision(with_database(admin_url, name), service, login)
    return with_login(admin_url, login, password, name)


async def _ensure_login(connection: asyncpg.Connection, login: str, password: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", login)
    verb = "ALTER" if known else "CREATE"
    # A role's password takes no parameter; it is generated from letters and digits.
    if not password.isalnum():
        raise ValueError("passwords of service logins are letters and digits only")
    await connection.execute(f"{verb} ROLE {login} LOGIN NOINHERIT PASSWORD '{password}'")
