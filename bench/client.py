"""A lean HTTP/1.1 client: the load must not cost more than what it measures, on the same two cores."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson


@dataclass
class Request:
    """One request, as bytes on the wire."""

    wire: bytes

    @classmethod
    def build(cls, url: str, path: str, token: str, body: object | None = None, key: str | None = None) -> "Request":
        """A GET, or a POST when there is a body."""
        data = b"" if body is None else orjson.dumps(body)
        lines = [
            f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
            f"Host: {urlsplit(url).netloc}",
            f"Authorization: Bearer {token}",
            f"Content-Length: {len(data)}",
        ]
        lines += ["Content-Type: application/json"] if data else []
        lines += [f"Idempotency-Key: {key}"] if key else []
        return cls("\r\n".join(lines).encode() + b"\r\n\r\n" + data)


@dataclass
class Answer:
    """Status, body and seconds from the first byte sent to the last one read."""

    status: int
    body: bytes
    seconds: float


@dataclass
class Load:
    """What a run of requests gave."""

    seconds: float
    answers: list[Answer] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.answers) / self.seconds

    def statuses(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for answer in self.answers:
            found[answer.status] = found.get(answer.status, 0) + 1
        return found

    def percentile(self, share: float) -> float:
        """Milliseconds under which this share of the answers came."""
        times = sorted(answer.seconds for answer in self.answers)
        return times[min(len(times) - 1, int(share * len(times)))] * 1000


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str) -> "Connection":
        at = urlsplit(url)
        return cls(*await asyncio.open_connection(at.hostname, at.port, limit=1 << 22))

    async def send(self, request: Request) -> Answer:
        started = time.perf_counter()
        self._writer.write(request.wire)
        head = await self._reader.readuntil(b"\r\n\r\n")
        body = await self._reader.readexactly(_length(head))
        return Answer(int(head[9:12]), body, time.perf_counter() - started)

    def close(self) -> None:
        self._writer.close()


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    return int(lower[start : lower.index(b"\r\n", start)])


async def closed_loop(url: str, requests: Iterable[Request], connections: int) -> Load:
    """Every connection sends its next request when it has its answer: what the system can do."""
    opened = [await Connection.open(url) for _ in range(connections)]
    turns, answers = iter(requests), list[Answer]()

    async def work(connection: Connection, mine: Iterator[Request]) -> None:
        for request in mine:
            answers.append(await connection.send(request))

    started = time.perf_counter()
    await asyncio.gather(*(work(connection, turns) for connection in opened))
    seconds = time.perf_counter() - started
    for connection in opened:
        connection.close()
    return Load(seconds, answers)


async def open_loop(url: str, requests: list[Request], per_second: float, connections: int = 50) -> Load:
    """Sends at a fixed rhythm whatever the answers do: what a caller feels. Waiting for a connection counts."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await Connection.open(url))
    started, answers = time.perf_counter(), list[Answer]()

    async def fire(number: int, request: Request) -> None:
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await free.get()
        answer = await connection.send(request)
        answers.append(Answer(answer.status, answer.body, time.perf_counter() - due))
        free.put_nowait(connection)

    await asyncio.gather(*(fire(number, request) for number, request in enumerate(requests)))
    seconds = time.perf_counter() - started
    while not free.empty():
        free.get_nowait().close()
    return Load(seconds, answers)


async def at_once(url: str, requests: list[Request], warm: Request) -> Load:
    """All at the same moment, each on its own warm connection: contention."""
    opened = [await Connection.open(url) for _ in requests]
    for connection in opened:
        await connection.send(warm)
    started = time.perf_counter()
    answers = await asyncio.gather(*(c.send(r) for c, r in zip(opened, requests, strict=True)))
    seconds = time.perf_counter() - started
    for connection in opened:
        connection.close()
    return Load(seconds, list(answers))
