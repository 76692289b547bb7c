"""Messages of a durable consumer, asked for by the batch.

nats-py's own `fetch` waits for each message by a task of its own, which cost half the time of a consumer that
takes a thousand at once (89 of 170 microseconds a message); here one wait serves the batch.
"""

import asyncio

import nats.js.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

_ANSWER_SECONDS = 1.0
"""The server answers at once to a question that does not wait."""
_NOTHING = {"404", "408"}
_TOO_MANY = "Exceeded MaxAckPending"


class Pull:
    """One reader of a consumer. What comes too late for one `fetch` is given by the next."""

    def __init__(self, client: Client, stream: str, consumer: str) -> None:
        self._client, self._next = client, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._messages: list[Msg] = []
        self._wanted = 1
        self._refused: Msg | None = None
        self._done = asyncio.Event()

    async def open(self) -> None:
        self._subscription = await self._client.subscribe(self._inbox, cb=self._take)

    async def close(self) -> None:
        if self._subscription is not None and not self._client.is_closed:
            await self._subscription.unsubscribe()

    async def fetch(self, count: int, seconds: float) -> list[Msg]:
        """What waits, `count` messages at most. When nothing does, the first that comes within `seconds`.

        Raises APIError when the consumer is gone.
        """
        if not self._messages:
            await self._ask(count, _ANSWER_SECONDS, no_wait=True)
        if not self._messages:
            await self._ask(1, seconds + _ANSWER_SECONDS, expires=int(seconds * 1e9))
        found, self._messages = self._messages[:count], self._messages[count:]
        return found

    async def _ask(self, count: int, seconds: float, **how: int) -> None:
        self._wanted, self._refused = count, None
        self._done.clear()
        await self._client.publish(self._next, orjson.dumps({"batch": count, **how}), reply=self._inbox)
        try:
            async with asyncio.timeout(seconds):
                await self._done.wait()
        except TimeoutError:
            return  # the server is away: the connection says so, and comes back by itself
        if self._refused is not None:
            raise nats.js.errors.APIError.from_msg(self._refused)

    async def _take(self, message: Msg) -> None:
        status = message.headers.get("Status") if message.headers else None
        if status is None:
            self._messages.append(message)
            if len(self._messages) >= self._wanted:
                self._done.set()
            return
        if status not in _NOTHING and _TOO_MANY not in (message.headers or {}).get("Description", ""):
            self._refused = message
        self._done.set()
