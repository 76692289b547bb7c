"""Status by server-sent events: what is told, to whom, and that nothing is lost between two connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn
from dispatch_stage import DOCTOR, ELSEWHERE, HERE, Dispatch, a_call, a_slot

from contracts.snp_dispatch import BookingFulfilled
from kit.server import Server
from kit.testing.harness import until
from kit.testing.servers import free_port
from snp_dispatch.api import events
from snp_dispatch.usecases import status_feed
from snp_dispatch.usecases.status_feed import StatusFeed


class Stream:
    """A client's side of one stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.comments: list[str] = []

    async def next(self, seconds: float = 10) -> dict[str, Any]:
        """The next event: its `data` with `id`. Raises TimeoutError, StopAsyncIteration."""
        event: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            while True:
                line = await anext(self._lines)
                if line.startswith(":"):
                    self.comments.append(line)
                elif line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                elif event:
                    data = json.loads(event["data"])
                    assert data["event"] == event["event"]
                    return {**data, "id": event["id"]}

    async def silent(self, seconds: float) -> bool:
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False


class Door:
    """The dispatch on a socket: an in-process client would wait for the end of the answer."""

    def __init__(self, dispatch: Dispatch, url: str, server: Server) -> None:
        self.dispatch, self.url, self.server = dispatch, url, server

    @asynccontextmanager
    async def stream(
        self, path: str = "/events", *, role: str = "ed", last: str | None = None, claims: Any = None, **params: Any
    ) -> AsyncIterator[Stream]:
        headers = {"Authorization": f"Bearer {self.dispatch.token(role, **(claims or {}))}"}
        headers |= {"Last-Event-ID": last} if last else {}
        async with (
            httpx.AsyncClient(base_url=self.url, timeout=30) as http,
            http.stream("GET", f"/v1{path}", headers=headers, params=params) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Stream(answer)

    async def told(self, path: str = "/events", **options: Any) -> list[dict[str, Any]]:
        """All that there is, without going on."""
        found = []
        async with self.stream(path, follow="false", **options) as stream:
            try:
                while True:
                    found.append(await stream.next())
            except StopAsyncIteration:
                return found[1:]

    @property
    def feed(self) -> StatusFeed:
        feed: StatusFeed = self.dispatch.runtime.extras["feed"]
        return feed


@pytest_asyncio.fixture
async def door(dispatch: Dispatch) -> AsyncIterator[Door]:
    port = free_port()
    config = uvicorn.Config(
        dispatch.app, port=port, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = Server(config, lambda: None)
    task = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await until(started)
    yield Door(dispatch, f"http://127.0.0.1:{port}", server)
    server.should_exit = True
    await task


async def a_story(dispatch: Dispatch) -> Any:
    """A visit that is given and takes place."""
    booking = await dispatch.booked(0.5, patient={"ref": "pseudonym-7"})
    dispatch.advance(minutes=30)
    await dispatch.made(f"/bookings/{booking['id']}/fulfil", role="practitioner", rpps=DOCTOR, status=200)
    return booking


async def test_the_story_of_a_call_from_its_receipt(door: Door) -> None:
    booking = await a_story(door.dispatch)
    await door.dispatch.call()
    found = await door.told(f"/calls/{booking['call_id']}/events")
    assert [it["event"] for it in found] == ["booked", "seen"]
    assert found[0]["starts_at"] == booking["starts_at"]
    assert found[0]["effector"] == {"rpps": DOCTOR, "finess": None}
    assert {it["call_id"] for it in found} == {booking["call_id"]}
    assert "pseudonym-7" not in str(found)


async def test_what_happens_is_told_at_once(door: Door) -> None:
    async with door.stream() as stream:
        assert (await stream.next())["event"] == "ready"
        booking = await door.dispatch.booked(4)
        booked = await stream.next(1)
        assert (booked["event"], booked["booking_id"]) == ("booked", booking["id"])
        await door.dispatch.made(f"/bookings/{booking['id']}/cancel", {"reason": "x", "by": "patient"}, status=200)
        cancelled = await stream.next(1)
        assert (cancelled["event"], cancelled["by"]) == ("cancelled", "patient")


async def test_a_dropped_connection_loses_nothing_and_repeats_nothing(door: Door) -> None:
    async with door.stream() as stream:
        ready = await stream.next()
        first = await door.dispatch.booked(4)
        last = await stream.next()
    missed = [await door.dispatch.booked(5 + n) for n in range(5)]
    async with door.stream(last=last["id"]) as stream:
        await stream.next()
        assert [(await stream.next())["booking_id"] for _ in missed] == [it["id"] for it in missed]
        after = await door.dispatch.booked(20)
        assert (await stream.next())["booking_id"] == after["id"]
    assert [it["booking_id"] for it in await door.told(after=ready["id"])] == [
        it["id"] for it in (first, *missed, after)
    ]


async def test_a_transaction_that_commits_late_is_not_lost(door: Door) -> None:
    """It drew a lower number than what was committed before it."""
    dispatch = door.dispatch
    booking = await dispatch.booked(4)
    async with door.stream() as stream:
        ready = await stream.next()
        late = dispatch.runtime.db.open(HERE)
        ids = {name: UUID(booking[name]) for name in ("call_id", "slot_id")}
        late.emit(BookingFulfilled(booking_id=UUID(booking["id"]), **ids, patient_ref=None), version=2)
        await late.flush()
        overtakes = await dispatch.booked(5)
        assert await stream.silent(1.2)
        assert await door.told(after=ready["id"]) == []
        await late.commit()
    found = await door.told(after=ready["id"])
    assert [(it["event"], it["booking_id"]) for it in found] == [
        ("seen", booking["id"]), ("booked", overtakes["id"]),
    ]  # fmt: skip


async def test_a_transaction_that_is_rolled_back_holds_nothing_up(door: Door) -> None:
    dispatch = door.dispatch
    booking = await dispatch.booked(4)
    async with door.stream() as stream:
        await stream.next()
        never = dispatch.runtime.db.open(HERE)
        ids = {name: UUID(booking[name]) for name in ("call_id", "slot_id")}
        never.emit(BookingFulfilled(booking_id=UUID(booking["id"]), **ids, patient_ref=None), version=2)
        await never.flush()
        overtakes = await dispatch.booked(5)
        await never.rollback()
        told = await stream.next(2)
        assert (told["event"], told["booking_id"]) == ("booked", overtakes["id"])


async def test_each_hears_its_own(door: Door) -> None:
    dispatch = door.dispatch
    for hours in (4, 5, 6):
        await dispatch.slot(hours)
    chirc = await dispatch.made("/calls", a_call(mode="book"), sub="triage-1", organisation="CHIRC")
    canal = await dispatch.made("/calls", a_call(mode="book"), sub="triage-2", organisation="Canal")
    alone = await dispatch.made("/calls", a_call(mode="book"), sub="triage-3")
    there = {"role": "coordinator", "territory": ELSEWHERE}
    await dispatch.made("/slots", a_slot(7, effector={"rpps": "99000000101"}), **there)

    async def heard(role: str = "ed", claims: Any = None, **params: Any) -> set[str]:
        return {it["call_id"] for it in await door.told(role=role, claims=claims, after="0.0", **params)}

    assert await heard(claims={"sub": "another", "organisation": "CHIRC"}) == {chirc["id"]}
    assert await heard(claims={"sub": "triage-2", "organisation": "Canal"}, whose="client") == {canal["id"]}
    assert await heard(claims={"sub": "triage-3"}) == {alone["id"]}
    assert await heard(role="operator", whose="territory") == {it["id"] for it in (chirc, canal, alone)}
    assert await heard(role="practitioner", claims={"rpps": DOCTOR}) == set()
    assert await heard(role="operator", claims={"territory": ELSEWHERE}, whose="territory") == set()


@pytest.mark.parametrize(
    ("role", "claims", "path", "status", "code"),
    [
        ("practitioner", {"rpps": DOCTOR}, "/events?whose=territory", 403, "not_your_events"),
        ("practitioner", {"rpps": DOCTOR}, "/events?whose=organisation", 403, "not_your_events"),
        ("ed", {}, "/events?whose=organisation", 403, "no_organisation"),
        ("ed", {}, "/events?after=yesterday", 422, "event_id_invalid"),
        ("ed", {}, "/events?whose=everybody", 422, "invalid_input"),
        ("ed", {}, "/calls/00000000-0000-7000-8000-000000000000/events", 404, "call_not_found"),
    ],
)
async def test_who_may_not(  # noqa: PLR0917
    dispatch: Dispatch, role: str, claims: dict[str, str], path: str, status: int, code: str
) -> None:
    http = await dispatch.client(role, **claims)
    answer = await http.get(f"/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


async def test_a_practitioner_follows_calls_of_their_patients_only(dispatch: Dispatch) -> None:
    other = await dispatch.call()
    http = await dispatch.client("practitioner", rpps=DOCTOR, sub="doctor")
    refused = await http.get(f"/v1/calls/{other['id']}/events")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_call")


async def test_a_stream_beyond_the_most_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STREAMS", 1)
    async with door.stream() as stream:
        await stream.next()
        http = await door.dispatch.client("ed")
        refused = await http.get("/v1/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "too_many_streams")
        assert refused.headers["retry-after"] == "5"


async def test_an_idle_stream_lives_and_holds_no_connection(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.2)
    async with door.stream() as stream:
        await stream.next()
        assert await stream.silent(0.7)
        assert len(stream.comments) >= 2
        assert door.dispatch.runtime.db.in_use == 0


async def test_a_hundred_clients_are_one_reader(door: Door) -> None:
    async def listen(ready: asyncio.Barrier) -> str:
        async with door.stream() as stream:
            await stream.next()
            await ready.wait()
            return str((await stream.next())["booking_id"])

    ready = asyncio.Barrier(101)
    clients = [asyncio.create_task(listen(ready)) for _ in range(100)]
    await ready.wait()
    readers = [task for task in asyncio.all_tasks() if task.get_name() == "statuses"]
    assert (door.feed.listeners, len(readers)) == (100, 1)
    booking = await door.dispatch.booked(4)
    assert set(await asyncio.gather(*clients)) == {booking["id"]}

    async def nobody_listens() -> bool:
        return door.feed.listeners == 0 and all(task.done() for task in readers)

    await until(nobody_listens)


async def test_memory_is_bounded_and_who_fell_behind_reads_the_database(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_feed, "KEPT", 3)
    monkeypatch.setattr(status_feed, "PAGE", 2)
    async with door.stream() as stream:
        ready = await stream.next()
        made = [(await door.dispatch.booked(4 + n))["id"] for n in range(10)]

        async def all_read() -> bool:
            tail = door.feed._tails[HERE]
            return bool(tail.kept) and tail.kept[-1].data["booking_id"] == made[-1]

        await until(all_read)
        assert len(door.feed._tails[HERE].kept) == 3
        assert [(await stream.next())["booking_id"] for _ in made] == made
        async with door.stream(last=ready["id"]) as behind:
            await behind.next()
            assert [(await behind.next())["booking_id"] for _ in made] == made


async def test_streams_end_with_the_process(dispatch: Dispatch) -> None:
    """Not held open until the server gives up on them: a deployment would wait ten seconds for each process."""
    port = free_port()
    config = uvicorn.Config(
        dispatch.app, port=port, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=30
    )
    feed: StatusFeed = dispatch.runtime.extras["feed"]
    server = Server(config, feed.stop)
    task = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await until(started)
    try:
        async with Door(dispatch, f"http://127.0.0.1:{port}", server).stream() as stream:
            await stream.next()
            server.should_exit = True
            with pytest.raises(StopAsyncIteration):
                await stream.next(5)
            await asyncio.wait_for(task, 5)
    finally:
        feed.stopping.clear()
