"""A web server that tells the application when it stops, before it waits for open answers to end.

ASGI tells an application of the stop (lifespan) only after the last answer has ended: a stream without end would hold
the process until the server gives up on it.
"""

import gc
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """Calls `on_stop` once it takes no more requests and the open answers should end."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        keep_what_is_loaded()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


def keep_what_is_loaded() -> None:
    """From now on collections look only at what requests make, and rarely at all of it.

    Full ones were the whole p99 of the gateway: 42 ms against 5.6 measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()


def run(app: ASGIApp, on_stop: Callable[[], None], **options: Any) -> None:
    """Serves until SIGTERM or Ctrl-C, as `uvicorn.run` does. Leaves with status 3 when the start failed."""
    server = Server(uvicorn.Config(app, **options), on_stop)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)
