"""Events from the real bus: each is a fact once, whatever is delivered again, late or broken."""

from uuid import UUID, uuid4

import orjson
from examples import every_example
from telling import TERRITORY, Stage, Teller, Town

from contracts.registry import DEAD_LETTERS, STREAMS
from indicators.settings import IndicatorsSettings
from indicators.worker import worker
from kit.runtime import Runtime
from kit.testing.harness import until


async def fact_ids(stage: Stage) -> list[UUID]:
    async with stage.system.work("fr") as work:
        return [row["event_id"] for row in await work.fetch("SELECT event_id FROM fact ORDER BY event_id")]


async def test_every_event_of_every_service_becomes_a_fact_once(stage: Stage, town: Town, working: Runtime) -> None:
    events = every_example()
    await town.publish(*events)
    await town.publish(*events, again=True)
    last = Teller().published(uuid4())
    await town.publish(last)

    async def arrived() -> bool:
        return len(await fact_ids(stage)) >= len(events) + 1

    await until(arrived)
    assert await fact_ids(stage) == sorted([event.id for event in events] + [last.id])


async def test_facts_keep_no_pseudonym_no_name_and_no_free_text(stage: Stage, town: Town, working: Runtime) -> None:
    events = every_example()
    await town.publish(*events)

    async def kept() -> list[str]:
        async with stage.system.work("fr") as work:
            rows = await work.fetch("SELECT dimensions::text AS kept FROM fact")
        return [row["kept"] for row in rows] if len(rows) == len(events) else []

    text = "".join(await until(kept))
    for field in ("patient_ref", "family_name", "given_name", "reason", '"name"'):
        assert field not in text


async def test_a_consumer_that_was_deleted_reads_again_and_changes_nothing(
    stage: Stage, tell: Teller, town: Town, working: Runtime
) -> None:
    await town.publish(tell.published(uuid4()), tell.published(uuid4()))

    async def two() -> bool:
        return await stage.value("I-08") == 2

    await until(two)
    await town.buses["indicators"].jetstream.delete_consumer(STREAMS["snp-dispatch"], "indicators")
    await town.publish(tell.published(uuid4()))

    async def three() -> bool:
        return await stage.value("I-08") == 3

    await until(three)
    assert len(await fact_ids(stage)) == 3


async def test_a_worker_that_was_away_catches_up(
    settings: IndicatorsSettings, stage: Stage, tell: Teller, town: Town
) -> None:
    await town.publish(*(tell.published(uuid4()) for _ in range(50)))
    assert await stage.value("I-08") == 0
    async with worker(settings).started():

        async def all_of_them() -> bool:
            return await stage.value("I-08") == 50

        await until(all_of_them)


async def test_a_broken_message_is_buried_with_its_reason_and_blocks_nothing(
    stage: Stage, tell: Teller, town: Town, working: Runtime
) -> None:
    good = tell.published(uuid4())
    broken = orjson.loads(good.model_dump_json()) | {"id": str(uuid4()), "data": {"slot_id": "no id"}}
    await town.raw(f"cpts.{TERRITORY}.snp-dispatch.slot.published", orjson.dumps(broken), "snp-dispatch")
    await town.publish(good)

    async def counted() -> bool:
        return await stage.value("I-08") == 1

    await until(counted)

    async def buried() -> int:
        return (await town.buses["indicators"].jetstream.stream_info(DEAD_LETTERS)).state.messages

    assert await until(buried) == 1
    letter = await town.buses["indicators"].jetstream.stream_info(DEAD_LETTERS)
    assert letter.state.last_seq == 1
