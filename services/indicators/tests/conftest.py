"""Fixtures of the service's tests: its settings, its application, and someone who tells events."""

import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parent))

from producing import Producer, open_producer
from telling import NOW, Stage, Teller, Town, open_stage, open_town

from indicators.domain.catalogue import Catalogue
from indicators.main import build
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.load_catalogue import load_catalogue
from indicators.worker import worker
from kit.clock import FixedClock
from kit.runtime import Runtime
from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers

SCOPES = (
    "indicators:read",
    "indicators:export",
    "indicators:rebuild",
    "figures:write",
    "exports:read",
    "exports:write",
)


@pytest.fixture
def tell() -> Teller:
    return Teller()


@pytest.fixture
def catalogue(deploy_dir: Path) -> Catalogue:
    return load_catalogue(deploy_dir / "indicators" / "catalogue.yaml")


@pytest_asyncio.fixture
async def settings(servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path: Path) -> IndicatorsSettings:
    """Of territories that owe no export: a worker would make those that are due by the clock of the machine."""
    await servers.clear_bus()
    territories = tmp_path / "territories-without-exports"
    shutil.copytree(deploy_dir / "territories", territories, ignore=shutil.ignore_patterns("exports.yaml"))
    return await fresh_settings(
        IndicatorsSettings,
        servers,
        issuer,
        tmp_path,
        migrations=MIGRATIONS,
        deploy=deploy_dir,
        territories_dir=territories,
        catalogue_file=deploy_dir / "indicators" / "catalogue.yaml",
        axes_file=deploy_dir / "indicators" / "axes.yaml",
        exports_dir=tmp_path / "exports",
    )


@pytest_asyncio.fixture
async def stage(settings: IndicatorsSettings, catalogue: Catalogue) -> AsyncIterator[Stage]:
    async with open_stage(settings, catalogue) as opened:
        yield opened


@pytest_asyncio.fixture
async def town(servers: Servers, settings: IndicatorsSettings) -> AsyncIterator[Town]:
    async with open_town(servers) as opened:
        yield opened


@pytest_asyncio.fixture
async def producer(
    servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path: Path, town: Town
) -> AsyncIterator[Producer]:
    """The dispatch, as far as others see it."""
    own = await fresh_settings(IndicatorsSettings, servers, issuer, tmp_path, migrations=MIGRATIONS, deploy=deploy_dir)
    async with open_producer(own, town.buses["snp-dispatch"]) as opened:
        yield opened


@pytest_asyncio.fixture
async def working(settings: IndicatorsSettings, town: Town) -> AsyncIterator[Runtime]:
    """The worker of the service, with the clock of the machine: its timers go by it."""
    async with worker(settings).started() as runtime:
        yield runtime


@pytest.fixture
def clock() -> FixedClock:
    """That of the service."""
    return FixedClock(NOW)


@pytest.fixture
def service(settings: IndicatorsSettings, clock: FixedClock) -> FastAPI:
    return build(settings, clock)


@pytest_asyncio.fixture
async def http(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*SCOPES)) as started:
        yield started
