import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).parent))

from toy.service import MIGRATIONS, ToySettings, app

from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers

READ, WRITE = "directory:read", "directory:write"


@pytest_asyncio.fixture
async def settings(servers: Servers, issuer: Issuer, deploy_dir: Path, tmp_path: Path) -> ToySettings:
    await servers.clear_bus()
    return await fresh_settings(ToySettings, servers, issuer, tmp_path, migrations=MIGRATIONS, deploy=deploy_dir)


@pytest.fixture
def toy(settings: ToySettings) -> FastAPI:
    return app(settings)


@pytest_asyncio.fixture
async def http(toy: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(toy, issuer.token(READ, WRITE)) as started:
        yield started


@pytest.fixture
def post(http: httpx.AsyncClient) -> Callable[..., Any]:
    async def send(name: str, key: str = "1", **headers: str) -> httpx.Response:
        return await http.post("/v1/things", json={"name": name}, headers={"Idempotency-Key": key, **headers})

    return send
