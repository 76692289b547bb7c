"""What the services wrote into their outboxes."""

from typing import Any

import asyncpg

from local_stack.stack import Stack


async def outbox(stack: Stack, service: str, sql: str) -> list[Any]:
    """The rows of a query on the database of a service, read by its system role."""
    role = f"{service.replace('-', '_')}_system"
    connection = await asyncpg.connect(stack.report.database_urls[service], server_settings={"role": role})
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()
