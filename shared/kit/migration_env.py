"""The body of every service's `migrations/env.py`."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine


def run(metadata: MetaData, service: str) -> None:
    """Runs the migrations online, as the owner role, one process at a time.

    The URL comes from the running service, or from `<SERVICE>_DATABASE_URL` at the command line.
    """
    prefix = service.replace("-", "_")
    url = context.config.attributes.get("url") or os.environ[f"{prefix.upper()}_DATABASE_URL"]
    asyncio.run(_run(str(url).replace("postgresql://", "postgresql+asyncpg://", 1), f"{prefix}_owner", metadata))


async def _run(url: str, owner: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, owner, metadata)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, owner: str, metadata: MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=False,
        include_object=_is_ours,
        include_name=lambda name, kind, _: kind != "table" or name not in _partitions(connection),
    )
    with context.begin_transaction():
        connection.execute(text(f"SET LOCAL ROLE {owner}"))
        # The web process and the worker start together: the second one waits and finds nothing left to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(7062)"))
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


def _is_ours(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    # Expression indexes and exclusion constraints are written by hand in migrations and not comparable.
    return not (kind == "index" and reflected and compare_to is None)


def _partitions(connection: Connection) -> set[str]:
    """Tables that belong to another one, which the code declares."""
    return set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")))
