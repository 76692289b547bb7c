"""The three database roles of a service: who owns, who serves requests, who works across territories."""

import asyncpg
import structlog

log = structlog.get_logger(__name__)

KINDS = ("owner", "app", "system")


class NotProvisionedError(Exception):
    """The roles are missing and the login may not create them; the message says what to run."""


async def provision(url: str, service: str, login: str) -> None:
    """Creates the roles if absent and lets `login` take them. Raises NotProvisionedError.

    `url` leads to the service's database as a user who may create roles (once, by an operator), or as
    the login itself when everything is there.
    """
    prefix = service.replace("-", "_")
    connection = await asyncpg.connect(url)
    try:
        # Roles belong to the whole server: two services, or two processes of one, may come here at once.
        await connection.execute("SELECT pg_advisory_lock(7061)")
        if not await _ready(connection, prefix, login):
            await _create(connection, prefix, login)
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotProvisionedError(
            f"database roles of {service} are missing and {login} may not create them ({error}); "
            "run deploy/postgres/provision.sql as an administrator"
        ) from None
    finally:
        await connection.close()


async def _ready(connection: asyncpg.Connection, prefix: str, login: str) -> bool:
    roles = [f"{prefix}_{kind}" for kind in KINDS]
    members = await connection.fetchval(
        "SELECT count(*) FROM pg_roles WHERE rolname = ANY($1) AND pg_has_role($2, oid, 'MEMBER')", roles, login
    )
    may_create = await connection.fetchval(
        "SELECT count(*) FROM pg_roles WHERE rolname = $1 "
        "AND has_database_privilege(oid, current_database(), 'CREATE') "
        "AND has_schema_privilege(oid, 'public', 'CREATE')",
        roles[0],
    )
    return bool(members == len(KINDS) and may_create)


async def _create(connection: asyncpg.Connection, prefix: str, login: str) -> None:
    database = await connection.fetchval("SELECT current_database()")
    for kind in KINDS:
        role = f"{prefix}_{kind}"
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f"CREATE ROLE {role} NOLOGIN")
        await connection.execute(f'GRANT {role} TO "{login}" WITH INHERIT FALSE, SET TRUE')
    await connection.execute(f'GRANT CREATE ON DATABASE "{database}" TO {prefix}_owner')
    await connection.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {prefix}_owner")
    await connection.execute(f"GRANT USAGE ON SCHEMA public TO {prefix}_app, {prefix}_system")
    log.info("database roles created", roles=[f"{prefix}_{kind}" for kind in KINDS])
