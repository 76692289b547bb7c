"""Real gateways and stand-in services, each on a real socket."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

# pytest calls this checkout's folder `gateway` too, as a namespace without files: the package must win.
if getattr(sys.modules.get("gateway"), "__file__", None) is None:
    sys.modules.pop("gateway", None)
sys.path.insert(0, str(Path(__file__).parent))

from standin.service import StandIn

from gateway.main import create_app
from gateway.settings import GatewaySettings
from kit.testing.harness import ISSUER, Issuer, until
from kit.testing.servers import free_port

Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[str]:
    """Runs an ASGI application on a socket of its own."""
    config = uvicorn.Config(
        app,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)

    async def started() -> bool:
        return server.started

    async with app.router.lifespan_context(app):
        task = asyncio.create_task(server._serve())
        await until(started)
        yield f"http://127.0.0.1:{port}"
        # Not through `should_exit`, which is looked at ten times a second only.
        task.cancel()
        await asyncio.wait([task])
        await server.shutdown()


@pytest_asyncio.fixture
async def dispatch() -> AsyncIterator[StandIn]:
    """A stand-in for the dispatch."""
    standin = StandIn("snp-dispatch")
    async with serving(standin, free_port()) as standin.url:
        yield standin


@pytest_asyncio.fixture
async def directory() -> AsyncIterator[StandIn]:
    """A stand-in for the directory."""
    standin = StandIn("directory")
    async with serving(standin, free_port()) as standin.url:
        yield standin


@pytest.fixture
def nowhere() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def gateway(issuer: Issuer, deploy_dir: Path, dispatch: StandIn, directory: StandIn, nowhere: str) -> Start:
    """Starts a gateway in front of the two stand-ins and two absent services; yields a client of it."""

    @asynccontextmanager
    async def start(token: str | None = None, wait_for: int = 2, **overrides: Any) -> AsyncIterator[httpx.AsyncClient]:
        values: dict[str, Any] = {
            "jwks_file": issuer.jwks_file,
            "token_issuer": ISSUER,
            "territories_dir": deploy_dir / "territories",
            "snp_dispatch_url": dispatch.url,
            "directory_url": directory.url,
            "pathways_url": nowhere,
            "indicators_url": nowhere,
            "refresh_seconds": 0.05,
            **overrides,
        }
        app = create_app(GatewaySettings(**values))
        headers = {"Authorization": f"Bearer {token or issuer.token('calls:read', 'calls:write')}"}
        async with AsyncExitStack() as stack:
            url = await stack.enter_async_context(serving(app, free_port()))
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers, timeout=20))

            async def learnt() -> bool:
                return sum(upstream.operations is not None for upstream in app.state.upstreams) >= wait_for

            await until(learnt)
            client.gateway = app  # type: ignore[attr-defined]
            yield client

    return start


class Process:
    """A stand-in service in a process of its own, to be killed."""

    def __init__(self, port: int) -> None:
        self.port, self._process = port, None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "standin.service", str(self.port), cwd=Path(__file__).parent
        )

        async def up() -> bool:
            async with httpx.AsyncClient() as client:
                try:
                    return (await client.get(f"{self.url}/readyz")).status_code == 200
                except httpx.TransportError:
                    return False

        await until(up)

    async def gone(self) -> int:
        """Waits for its end; answers the exit status."""
        return await self._process.wait()

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()


@pytest_asyncio.fixture
async def process() -> AsyncIterator[Process]:
    mortal = Process(free_port())
    await mortal.start()
    yield mortal
    await mortal.kill()
