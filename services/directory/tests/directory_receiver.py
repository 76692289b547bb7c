"""A webhook receiver on this machine: a real HTTP server that says what it is told to say, or hangs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from directory.usecases.deliver_webhooks import Courier
from directory.usecases.load_reference import Reference
from directory.usecases.means import Means


@dataclass
class Receiver:
    """`answers` are statuses for the next requests, one each; after them 200. `hangs` answers nothing."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    hangs: bool = False
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/very-private"

    def bodies(self, kind: str = "") -> list[dict[str, Any]]:
        """What was taken, of types that end so."""
        return [it for it in (json.loads(body) for _, body in self.taken) if it["type"].endswith(kind)]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append((headers | {"line": head[0]}, body))
        if self.hangs:
            await reader.read()
        status = self.answers.pop(0) if self.answers else 200
        moved = "Location: http://127.0.0.1:1/\r\n" if 300 <= status < 400 else ""
        writer.write(f"HTTP/1.1 {status} x\r\n{moved}Content-Length: 9\r\n\r\nthank you".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


def courier(directory: Any) -> Courier:
    """One more worker."""
    reference: Reference = directory.runtime.extras["reference"]
    return Courier(Means(directory.runtime.keyring, reference, directory.runtime.settings))


async def bring(directory: Any) -> int:
    """One round of the worker's webhook job, to its end."""
    one = courier(directory)
    begun = await one.run(directory.runtime)
    await one.settle()
    return begun
