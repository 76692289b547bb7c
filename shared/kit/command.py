"""What a command of a service works with: `python -m pathways.keys` and its like."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from kit.clock import SystemClock
from kit.database import Database
from kit.settings import ServiceSettings


@asynccontextmanager
async def database_of(
    settings: ServiceSettings, name: str, role: Literal["system", "owner"] = "system"
) -> AsyncIterator[Database]:
    """One connection under a role of the service; `name` is what the server shows of it."""
    url = settings.database_url.get_secret_value()
    database = await Database.create(url, f"{settings.role_prefix}_{role}", SystemClock(), pool_size=1, name=name)
    try:
        yield database
    finally:
        await database.close()
