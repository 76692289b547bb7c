"""The gateway as a program: `python -m gateway.main`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from gateway import own
from gateway.forwarder import Crossing, Forwarder
from gateway.limits import RateLimiter
from gateway.routing import RouteTable
from gateway.settings import GatewaySettings
from gateway.transport import new_client
from gateway.upstreams import Upstream, Upstreams
from kit import logs, problem_handlers
from kit.auth import Verifier
from kit.middleware import RequestMiddleware
from kit.server import run as serve
from kit.territories import territory_slugs

_EXPOSED = ("X-Request-Id", "Location", "ETag", "Retry-After", "RateLimit", "RateLimit-Policy")


def create_app(settings: GatewaySettings) -> FastAPI:
    """The application. Raises BadFileError or ValueError when its configuration is refused."""
    table, limiter = RouteTable.load(settings.routes_file), RateLimiter.load(settings.limits_file)
    upstreams = [Upstream(name, settings.base_url(name)) for name in table.services]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        verifier = await Verifier.create(settings, territory_slugs(settings.territories_dir))
        async with (
            new_client(settings.connections_per_service) as client,
            new_client(settings.streams_per_service) as streams,
        ):
            services = Upstreams(upstreams, client, settings.refresh_seconds)
            app.state.upstreams = services
            app.state.description = own.Description(app, table, services, settings.public_url, settings.refresh_seconds)
            app.state.forwarder = Forwarder(client, streams, table, services, verifier=verifier, limiter=limiter)
            watch = asyncio.create_task(services.watch())
            yield
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    app = FastAPI(
        title="CPTS backend",
        version="0.1.0",
        description="Directory, single-number dispatch, pathways and indicators of a CPTS, behind one address.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the kit counts; it costs per request
    )
    app.include_router(own.router)
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    app.add_middleware(Crossing)
    app.add_middleware(RequestMiddleware, log_all=settings.log_requests)
    problem_handlers.install(app)
    _allow_browsers(app, settings)
    return app


def _allow_browsers(app: FastAPI, settings: GatewaySettings) -> None:
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
            max_age=600,
        )


def run() -> None:
    """Serves until SIGTERM or Ctrl-C."""
    settings = GatewaySettings()
    logs.configure(settings.service, "gateway", settings.log_level)
    app = create_app(settings)

    def stop() -> None:
        app.state.forwarder.stop()  # there is one once the application has started

    serve(
        app,
        stop,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        backlog=4096,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    run()
