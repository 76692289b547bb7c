"""The worker on a real bus: it hears the directory, buries poison, and its timers run."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import nats
import orjson
import pytest
import pytest_asyncio
from dispatch_stage import HERE, NOW, Dispatch, a_call, a_slot, started

from contracts.directory import ParticipationChanged, ProfessionalUpdated
from contracts.registry import BY_PAYLOAD, DEAD_LETTERS
from kit.bus import Bus
from kit.testing.harness import Issuer, until
from kit.testing.servers import Servers
from snp_dispatch.settings import Settings
from snp_dispatch.worker import build

PERSON = "99000000275"


class Stage:
    """A web process and a worker on one database, and the directory's side of the bus."""

    def __init__(self, dispatch: Dispatch, servers: Servers, directory: Bus) -> None:
        self.dispatch, self.servers, self.directory = dispatch, servers, directory
        self.worker = build(dispatch.settings, dispatch.clock)

    async def tell(self, payload: Any, version: int, number: int, territory: str = "fr", **broken: Any) -> None:
        kind = BY_PAYLOAD[type(payload)]
        body = {
            "specversion": "1.0",
            "id": f"019ab000-0009-7000-8000-{number:012d}",
            "source": kind.source,
            "type": kind.name,
            "time": NOW.isoformat(),
            "subject": PERSON,
            "territory": territory,
            "aggregateversion": version,
            "correlationid": "c",
            "data": payload.model_dump(mode="json"),
            **broken,
        }
        await self.directory.jetstream.publish(kind.subject(territory), orjson.dumps(body))

    async def known(self) -> list[dict[str, Any]]:
        return await self.dispatch.rows("SELECT name, version FROM effector WHERE id = $1", PERSON)


@pytest_asyncio.fixture
async def stage(new_settings: Any, issuer: Issuer, servers: Servers) -> AsyncIterator[Stage]:
    await servers.clear_bus()
    settings: Settings = await new_settings()
    async with AsyncExitStack() as stack:
        dispatch = await stack.enter_async_context(started(settings, issuer))
        directory = await Bus.connect(servers.nats_url("directory"), "directory", "teller")
        stack.push_async_callback(directory.close)
        await directory.ensure_streams()
        pathways = await Bus.connect(servers.nats_url("pathways"), "pathways", "teller")
        stack.push_async_callback(pathways.close)
        await pathways.ensure_streams()
        yield Stage(dispatch, servers, directory)


def person(name: str) -> ProfessionalUpdated:
    return ProfessionalUpdated(
        rpps=PERSON,
        family_name=name,
        given_name="Azenor",
        profession="10",
        skills=(),
        specialties=("general-practice",),
        activities=(),
        listed=True,
    )


async def test_a_worker_that_was_away_catches_up(stage: Stage) -> None:
    """Told out of order, twice, and while nobody listened."""
    await stage.tell(person("SECOND"), 2, 2)
    await stage.tell(person("FIRST"), 1, 1)
    await stage.tell(person("SECOND"), 2, 2)
    await stage.tell(ParticipationChanged(rpps=PERSON, participates=True), 1, 3, HERE)
    async with stage.worker.started() as runtime:
        await until(stage.known)

        async def caught_up() -> bool:
            return not await runtime.health.missing()

        await until(caught_up)
        assert await stage.known() == [{"name": "Azenor SECOND", "version": 2}]
        answer = await stage.dispatch.post("/slots", a_slot(effector={"rpps": PERSON}), role="coordinator")
        assert answer.status_code == 201


async def test_poison_is_buried_and_blocks_nothing(stage: Stage) -> None:
    await stage.tell(person("X"), 1, 1, data={"rpps": PERSON})
    await stage.tell(person("GOOD"), 1, 2)
    async with stage.worker.started():
        await until(stage.known)
        admin = await nats.connect(stage.servers.nats_url())
        try:
            stream = admin.jetstream()

            async def buried() -> bool:
                return (await stream.stream_info(DEAD_LETTERS)).state.messages == 1

            await until(buried)
            letter = await stream.get_msg(DEAD_LETTERS, seq=1)
            assert letter.headers is not None
            assert letter.headers["X-Reason"].startswith("schema: ")
        finally:
            await admin.close()


async def test_the_timers_run(stage: Stage) -> None:
    dispatch = stage.dispatch
    slot = await dispatch.slot(30)
    call = await dispatch.call()
    await dispatch.held(call, slot)
    late = await dispatch.made("/calls", a_call(origin="sas", patient={"contact": {"name": "Someone"}}))
    hours = {"weekdays": [3], "starts": "08:00", "ends": "10:00", "slot_minutes": 30, "every_minutes": 30}
    body = {"effector": {"rpps": "99000000101"}, "place": {"commune": "35236"}, "audience": ["PRO"], **hours}
    await dispatch.made("/availabilities", body, role="coordinator")
    async with stage.worker.started():

        async def slots_are_made() -> bool:
            return len((await dispatch.get("/slots", rpps="99000000101"))["items"]) == 8

        await until(slots_are_made)
        dispatch.advance(minutes=5)

        async def hold_is_swept() -> bool:
            # Jobs that meet on a slot skip each other's rows until the next second: time must go on.
            dispatch.advance(seconds=1)
            return await dispatch.rows("SELECT * FROM seat_claim") == []

        await until(hold_is_swept)
        dispatch.advance(days=31)

        async def all_is_closed() -> bool:
            dispatch.advance(seconds=1)
            states = {row["state"] for row in await dispatch.rows("SELECT state FROM call")}
            return states == {"expired"} and await dispatch.rows("SELECT * FROM call_contact") == []

        await until(all_is_closed)
    assert {row["territory"] for row in await dispatch.told("call.expired", "hold.expired")} == {HERE}
    assert (await dispatch.get(f"/calls/{late['id']}"))["state"] == "expired"
    assert dispatch.clock.now() > datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("absent", "awaited"), [("", {"consumer of pathways", "events of pathways"}), ("pathways", set())]
)
async def test_a_service_that_is_not_deployed_is_not_waited_for(
    new_settings: Any, servers: Servers, absent: str, awaited: set[str]
) -> None:
    await servers.clear_bus()
    directory = await Bus.connect(servers.nats_url("directory"), "directory", "teller")
    await directory.ensure_streams()
    settings: Settings = await new_settings(not_deployed=absent)
    async with build(settings).started() as runtime:

        async def only_what_is_awaited() -> bool:
            return set(await runtime.health.missing(settled=True)) == awaited

        await until(only_what_is_awaited)
    await directory.close()


async def test_a_service_that_nobody_knows_cannot_be_left_out(new_settings: Any) -> None:
    settings: Settings = await new_settings(not_deployed="pathway")
    with pytest.raises(ValueError, match="no service pathway; known: directory"):
        build(settings)
