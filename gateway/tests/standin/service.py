"""A small ASGI service that stands behind the gateway in tests. `python -m standin.service PORT` runs it alone."""

import asyncio
import gzip
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


class StandIn(Starlette):
    """Echoes, streams, waits and dies on demand; keeps what it saw."""

    def __init__(self, name: str) -> None:
        self.name, self.url = name, ""
        self.ready: dict[str, str] = {}
        self.scope = "calls:read"
        self.documented = True
        self.garbage = ""
        self.seen: list[str] = []
        self.first_piece, self.go_on, self.left = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.digest = ""
        routes = [
            Route("/operations.json", self._openapi),
            Route("/openapi.json", self._openapi),
            Route("/readyz", self._readyz),
            Route("/v1/calls/stream", self._stream),
            Route("/v1/calls/forever", self._forever),
            Route("/v1/calls/{call}/events", self._forever),
            Route("/v1/calls/slow", self._slow),
            Route("/v1/calls/zipped", self._zipped),
            Route("/v1/calls/die", self._die, methods=["GET", "POST"]),
            Route("/v1/calls/die-talking", self._die_talking),
            Route("/v1/imports/rpps", self._upload, methods=["POST"]),
            Route("/v1/{rest:path}", self._echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
        ]
        super().__init__(routes=routes)

    async def _openapi(self, _: Request) -> Response:
        return Response(self.text, status_code=200 if self.documented else 503)

    @property
    def text(self) -> str:
        return self.garbage or json.dumps(self.document())

    def document(self) -> dict[str, Any]:
        operation = {"operationId": "get_one", "security": [{"HTTPBearer": [self.scope]}], "responses": {"200": {}}}
        noun = {"directory": "professionals", "snp-dispatch": "calls"}[self.name]
        place = {"type": "object", "title": self.name}
        return {
            "openapi": "3.1.0",
            "info": {"title": self.name, "version": "1", "description": f"About {self.name}"},
            "paths": {f"/v1/{noun}/{{id}}": {"get": operation}, "/internal": {"get": operation}},
            "components": {"schemas": {"Place": place}},
        }

    async def _readyz(self, _: Request) -> Response:
        return JSONResponse({"missing": self.ready}, 503 if self.ready else 200)

    async def _echo(self, request: Request) -> Response:
        self.seen.append(request.url.path)
        body = {
            "service": self.name,
            "target": request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode(),
            "headers": [[name.decode(), value.decode()] for name, value in request.scope["headers"]],
            "body": (await request.body()).decode(),
        }
        status = int(request.query_params.get("status", "200"))
        headers = {"Location": "/v1/calls/1", "X-Request-Id": "not-this-one", "Keep-Alive": "timeout=5"}
        return JSONResponse(body, status, headers)

    async def _zipped(self, _: Request) -> Response:
        answer = Response(gzip.compress(b"plain text"), headers={"Content-Encoding": "gzip"})
        answer.headers.append("Set-Cookie", "a=1")
        answer.headers.append("Set-Cookie", "b=2")
        return answer

    async def _stream(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first,"
            await self.go_on.wait()
            yield b"second"

        return StreamingResponse(pieces(), media_type="text/csv")

    async def _forever(self, _: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"data: tick\n\n"
                    await asyncio.sleep(0.01)
            finally:
                self.left.set()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def _slow(self, _: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    async def _upload(self, request: Request) -> Response:
        digest, size = hashlib.sha256(), 0
        async for piece in request.stream():
            self.first_piece.set()
            digest.update(piece)
            size += len(piece)
        return JSONResponse({"size": size, "sha256": digest.hexdigest()}, 202)

    async def _die(self, _: Request) -> Response:
        os.kill(os.getpid(), signal.SIGKILL)
        return Response()

    async def _die_talking(self, _: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first,"
            await asyncio.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
            yield b"never"

        return StreamingResponse(pieces())


if __name__ == "__main__":
    uvicorn.run(StandIn("snp-dispatch"), port=int(sys.argv[1]), log_level="error")
