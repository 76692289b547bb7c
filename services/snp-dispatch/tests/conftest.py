"""The dispatch on real servers: a fresh database for each test, a clock that moves only when told to."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from dispatch_stage import Dispatch, started

from kit.testing.harness import Issuer, fresh_settings
from kit.testing.servers import Servers
from snp_dispatch.main import MIGRATIONS
from snp_dispatch.settings import Settings

NewSettings = Callable[..., Awaitable[Settings]]


@pytest_asyncio.fixture
async def new_settings(servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path: Path) -> NewSettings:
    """Settings on a fresh, migrated database."""

    async def create(**overrides: Any) -> Settings:
        return await fresh_settings(
            Settings, servers, issuer, tmp_path, migrations=MIGRATIONS, deploy=deploy_dir, **overrides
        )

    return create


@pytest_asyncio.fixture
async def dispatch(new_settings: NewSettings, issuer: Issuer) -> AsyncIterator[Dispatch]:
    async with started(await new_settings(), issuer) as running:
        yield running
