"""Fixtures of the service's tests."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from enrolling import Care, started

from kit.testing.harness import Issuer, fresh_settings
from kit.testing.servers import Servers
from pathways.settings import MIGRATIONS, PathwaysSettings


@pytest_asyncio.fixture
async def settings(servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path: Path) -> PathwaysSettings:
    """A fresh database and an empty bus."""
    await servers.clear_bus()
    return await fresh_settings(PathwaysSettings, servers, issuer, tmp_path, migrations=MIGRATIONS, deploy=deploy_dir)


@pytest_asyncio.fixture
async def care(settings: PathwaysSettings, issuer: Issuer) -> AsyncIterator[Care]:
    """The service at a fixed instant, and a care team member's client of it."""
    async with started(settings, issuer) as ready:
        yield ready
