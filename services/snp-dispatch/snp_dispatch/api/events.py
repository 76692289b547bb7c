"""Routes of the status of calls, by server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Message, Send

from kit.http import RuntimeDep, WorkDep, runtime_of, service_router
from kit.problems import Problem, field_problem, problem_responses
from snp_dispatch.api.params import CallReader
from snp_dispatch.domain.statuses import Audience, Position
from snp_dispatch.store.statuses import START
from snp_dispatch.usecases.follow_calls import Whose, follow_call, follow_calls
from snp_dispatch.usecases.status_feed import StatusFeed

router: APIRouter = service_router(tags=["events"])

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 15 * 60.0
"""Then the stream ends and the client comes back with a token that is checked anew."""
SLOW_SECONDS = 30.0
"""A client that takes nothing for so long is let go; it resumes from its last id."""
MOST_STREAMS = 2_000
"""Of one process."""


class EventStream(StreamingResponse):
    """Server-sent events, for as long as the client takes them."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(SLOW_SECONDS):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            return


async def _feed(request: Request) -> StatusFeed:
    feed: StatusFeed = runtime_of(request).extras["feed"]
    if feed.listeners >= MOST_STREAMS or feed.stopping.is_set():
        raise Problem(503, "too_many_streams", "Come back in some seconds", headers={"Retry-After": "5"})
    return feed


async def _since(
    last_event_id: Annotated[
        str | None, Header(description="`id` of the last event that was handled: what was missed comes first")
    ] = None,
    after: Annotated[str | None, Query(max_length=60, description="The same, for clients that set no headers")] = None,
) -> Position | None:
    given = last_event_id or after
    if given is None:
        return None
    try:
        return Position.read(given)
    except ValueError:
        raise field_problem("after", "event_id_invalid", "Use the `id` of an event of this stream as it is") from None


FeedDep = Annotated[StatusFeed, Depends(_feed)]
Since = Annotated[Position | None, Depends(_since)]
Follow = Annotated[bool, Query(description="False: tell what there is, then end, instead of going on")]


@router.get(
    "/calls/{call_id}/events",
    operation_id="followCall",
    summary="What becomes of one call (server-sent events)",
    response_class=EventStream,
    responses=problem_responses(404),
)
async def get_call_events(
    *,
    caller: CallReader,
    work: WorkDep,
    runtime: RuntimeDep,
    feed: FeedDep,
    since: Since,
    call_id: UUID,
    follow: Follow = True,
) -> EventStream:
    """From the receipt of the call, or after `Last-Event-ID`. Events as on `/v1/events`."""
    audience = await follow_call(work, caller, call_id)
    return _stream(feed, _Wish(work.territory, audience, since or START, follow, runtime.clock.now()))


@router.get(
    "/events",
    operation_id="followCalls",
    summary="What becomes of all my calls (server-sent events)",
    response_class=EventStream,
)
async def get_events(
    *,
    caller: CallReader,
    work: WorkDep,
    runtime: RuntimeDep,
    feed: FeedDep,
    since: Since,
    whose: Annotated[
        Whose | None,
        Query(description="Default: `organisation` when the token names one, else `client` (its own calls)"),
    ] = None,
    follow: Follow = True,
) -> EventStream:
    """From now on, or after `Last-Event-ID`: nothing is lost between two connections.

    First `ready`, with the `id` to come back with. Then `booked`, `moved`, `cancelled`, `offered`, `expired`,
    `escalated`, `missed` (no-show), `outcome_undone`, `seen` (the visit took place), `not_seen` (the time to be seen
    is over, told once; a later `seen` replaces it). `data` is JSON without identity. A comment every 15 s keeps the
    connection alive; every 15 minutes the stream ends and the client comes back. An event may be told twice, never
    none: `event_id` tells.
    403 `not_your_events`, `no_organisation`; 503 `too_many_streams`.
    """
    return _stream(feed, _Wish(work.territory, follow_calls(caller, whose), since, follow, runtime.clock.now()))


@dataclass(frozen=True)
class _Wish:
    """What a client wants to hear. `since` is None for from now on."""

    territory: str
    audience: Audience
    since: Position | None
    follow: bool
    now: datetime


def _stream(feed: StatusFeed, wish: _Wish) -> EventStream:
    # Proxies that keep answers back (nginx) are told not to.
    return EventStream(_events(feed, wish), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _events(feed: StatusFeed, wish: _Wish) -> AsyncIterator[bytes]:
    ends = time.monotonic() + LONGEST_SECONDS
    async with feed.listening(wish.territory) as here:
        position = here if wish.since is None else wish.since
        yield _event("ready", position, {"event": "ready", "at": wish.now.isoformat()})
        while not feed.stopping.is_set() and time.monotonic() < ends:
            ticket = feed.ticket()
            heard = await feed.after(wish.territory, wish.audience, position)
            position = heard.reached
            for status in heard.statuses:
                yield _event(status.name, status.position, status.data)
            if heard.more:
                continue
            if not wish.follow:
                return
            if not await _news(ticket):
                yield b": still here\n\n"


async def _news(ticket: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            return await ticket.wait()
    except TimeoutError:
        return False


def _event(name: str, position: Position, data: object) -> bytes:
    return format_sse_event(event=name, id=str(position), data_str=orjson.dumps(data).decode())
