"""The web process of a service."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import orjson
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from kit import logs, problem_handlers
from kit.clock import Clock
from kit.consumer import Subscription
from kit.metrics import metrics
from kit.middleware import RequestMiddleware
from kit.operations import operations
from kit.probes import livez, readyz
from kit.problems import ProblemBody
from kit.runtime import OnStart, running
from kit.server import run
from kit.settings import ServiceSettings


def create_app(
    settings: ServiceSettings,
    *,
    title: str,
    description: str,
    routers: Sequence[APIRouter],
    migrations: str,
    subscriptions: Sequence[Subscription] = (),
    on_start: OnStart | None = None,
    clock: Clock | None = None,
) -> FastAPI:
    """A FastAPI application with the conventions of the kit. `subscriptions` only tell `/readyz` what to wait for."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(
            settings, process="web", migrations=migrations, subscriptions=subscriptions, on_start=on_start, clock=clock
        ) as runtime:
            app.state.runtime = runtime
            yield

    app = FastAPI(
        title=title,
        description=description,
        version="1.0.0",
        lifespan=lifespan,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the kit counts; it costs per request
    )
    app.add_middleware(RequestMiddleware, log_all=settings.log_requests)
    problem_handlers.install(app)
    for router in routers:
        # Not include_router: an included router looks for its route twice (83 against 30 microseconds for a hold).
        app.router.routes.extend(router.routes)
    _operate(app)
    _describe_problems(app)
    _describe(app)
    return app


def _operate(app: FastAPI) -> None:
    app.add_route("/livez", livez, include_in_schema=False)
    app.add_route("/readyz", readyz, include_in_schema=False)
    app.add_route("/metrics", metrics, include_in_schema=False)


def _describe(app: FastAPI) -> None:
    async def short(_: Request) -> Response:
        return Response(orjson.dumps(operations(app)), media_type="application/json")

    async def whole(_: Request) -> Response:
        # The first time takes a second or two; in a thread, other requests go on.
        return Response(orjson.dumps(await asyncio.to_thread(app.openapi)), media_type="application/json")

    app.add_route("/operations.json", short, include_in_schema=False)
    app.add_route("/openapi.json", whole, include_in_schema=False)


def _describe_problems(app: FastAPI) -> None:
    """Puts the problem schema into the OpenAPI document, to which every documented error refers."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "ProblemBody" not in schemas:
            body = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(body.pop("$defs", {}))
            schemas["ProblemBody"] = body
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def serve(app: FastAPI, settings: ServiceSettings) -> None:
    """Runs the web process until told to stop: `python -m <package>.main`."""

    def stop() -> None:
        app.state.runtime.stop()  # there is one once the application has started

    logs.configure(settings.service, "web", settings.log_level)
    run(
        app,
        stop,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        proxy_headers=False,  # nothing here depends on the client's address; the gateway's is enough
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
        backlog=4096,
    )
