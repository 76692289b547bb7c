"""The gateway's own routes: health, figures, and the description of the whole API."""

import asyncio
import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.openapi import merge
from gateway.routing import RouteTable
from gateway.upstreams import Upstreams
from kit.metrics import metrics
from kit.problems import Problem, problem_responses

router = APIRouter(tags=["gateway"])

_ASSETS = "/docs/assets"


class Health(BaseModel):
    """`alive` or `ready`."""

    status: str


class Description:
    """The merged OpenAPI document. Made when it is asked for, kept for `fresh_seconds`: services change it rarely."""

    def __init__(
        self, app: FastAPI, table: RouteTable, upstreams: Upstreams, server_url: str, fresh_seconds: float
    ) -> None:
        self._app, self._table, self._upstreams, self._server_url = app, table, upstreams, server_url
        self._fresh_seconds, self._made_at, self._text = fresh_seconds, -fresh_seconds, b""
        self._documents: dict[str, dict[str, Any]] = {}
        self._making = asyncio.Lock()

    async def text(self) -> bytes:
        async with self._making:
            if time.monotonic() - self._made_at >= self._fresh_seconds:
                documents = await self._upstreams.documents()
                if documents != self._documents or not self._text:
                    self._text = orjson.dumps(self._merged(documents))
                self._documents, self._made_at = documents, time.monotonic()
        return self._text

    def _merged(self, documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
        app = self._app
        own = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        return merge(own, documents, lambda service, path: self._table.owner(path) == service, self._server_url)


async def _upstreams(request: Request) -> Upstreams:
    upstreams: Upstreams = request.app.state.upstreams
    return upstreams


async def _description(request: Request) -> Description:
    description: Description = request.app.state.description
    return description


UpstreamsDep = Annotated[Upstreams, Depends(_upstreams)]
DescriptionDep = Annotated[Description, Depends(_description)]


@router.get("/livez")
async def livez() -> Health:
    """The process runs."""
    return Health(status="alive")


@router.get("/readyz", responses=problem_responses(503))
async def readyz(upstreams: UpstreamsDep) -> Health:
    """Every service is up, its projections have caught up and its routes are known. Else 503 names what is not."""
    missing = await upstreams.not_ready()
    if missing:
        named = ", ".join(missing)
        raise Problem(503, "not_ready", f"Not ready: {named}", headers={"Retry-After": "1"}, not_ready=missing)
    return Health(status="ready")


router.add_route("/metrics", metrics, include_in_schema=False)


@router.get("/openapi.json", include_in_schema=False)
async def openapi(description: DescriptionDep) -> Response:
    """The OpenAPI document of all services."""
    return Response(await description.text(), media_type="application/json")


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Swagger UI, from files that the gateway serves itself: no other host is needed."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=request.app.title,
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon-32x32.png",
        swagger_ui_parameters={"persistAuthorization": True, "filter": True, "docExpansion": "none"},
    )


@router.get("/", include_in_schema=False)
async def root() -> RedirectResponse:
    """A person who types the address lands on the documentation."""
    return RedirectResponse("/docs")
