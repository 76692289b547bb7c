"""Request bodies: small ones are read whole, the others flow through, never more than a piece in memory."""

from collections.abc import AsyncIterator

from starlette.types import Receive

from gateway.routing import Terms
from kit.problems import Problem

SMALL = 64 * 1024
"""Bytes. Up to here a body is handled in one piece, in both directions."""


class ClientGone(Exception):
    """The client hung up before the end of its request. There is nobody left to answer."""


class RequestBody:
    """What the client sends after its headers."""

    def __init__(self, headers: dict[bytes, bytes], receive: Receive, terms: Terms) -> None:
        """Raises Problem 413 when the announced length is over the limit."""
        self._receive, self.terms = receive, terms
        self.length = int(headers[b"content-length"]) if b"content-length" in headers else None
        self.streamed = b"transfer-encoding" in headers or (self.length or 0) > SMALL
        self.failure: Problem | ClientGone | None = None
        self.complete = False
        if (self.length or 0) > terms.max_body_bytes:
            raise _too_large(terms)

    async def content(self) -> bytes | AsyncIterator[bytes] | None:
        """The body as the client session wants it. Raises ClientGone, Problem 413."""
        if self.streamed:
            return self._pieces()
        if not self.length:
            self.complete = True
            return None
        return b"".join([piece async for piece in self._pieces()])

    async def hung_up(self) -> None:
        """Waits until the client closes its connection. Only once the body is complete."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _pieces(self) -> AsyncIterator[bytes]:
        size = 0
        while not self.complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.failure = ClientGone()
                raise self.failure
            piece = message.get("body", b"")
            size += len(piece)
            if size > self.terms.max_body_bytes:
                self.failure = _too_large(self.terms)
                raise self.failure
            self.complete = not message.get("more_body", False)
            if piece:
                yield piece


def _too_large(terms: Terms) -> Problem:
    # The connection stays: the server drops what is still to come, and the client can read why.
    return Problem(413, "body_too_large", f"At most {terms.max_body_bytes} bytes here")
