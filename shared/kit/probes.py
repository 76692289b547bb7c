"""What an orchestrator asks of a process: does it live, can it serve."""

from starlette.requests import Request
from starlette.responses import JSONResponse


async def livez(_: Request) -> JSONResponse:
    """The process answers; nothing else is asked."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """200 when the service can serve, else 503 with what is missing by name. `?settled`: and no event is on its way."""
    missing = await request.app.state.runtime.health.missing(settled="settled" in request.query_params)
    return JSONResponse({"status": "not ready" if missing else "ok", "missing": missing}, 503 if missing else 200)
