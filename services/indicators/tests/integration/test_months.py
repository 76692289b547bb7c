"""Facts lie in a partition a month; whenever they occurred and in whatever order they came, they count the same."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from telling import NOW, SLOT_AT, TERRITORY, Stage, Teller, Town

from contracts.registry import DEAD_LETTERS
from indicators.consumers.on_event import on_events
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.store import projections
from indicators.usecases.keep_months import keep_months
from indicators.worker import worker
from kit.testing.harness import until
from kit.testing.servers import Servers
from kit.upgrade import configuration

LATE = datetime(2025, 3, 31, 23, 30, tzinfo=UTC)


async def partitions(stage: Stage) -> dict[str, int]:
    """How many facts each partition holds."""
    async with stage.system.work("fr") as work:
        rows = await work.fetch("SELECT tableoid::regclass::text AS name, count(*) AS facts FROM fact GROUP BY 1")
    return {row["name"]: row["facts"] for row in rows}


async def kept_months(stage: Stage) -> int:
    async with stage.system.work("fr") as work:
        return await keep_months(work)


async def test_a_fact_of_a_month_without_partition_counts_at_once_and_gets_one(stage: Stage, tell: Teller) -> None:
    slot = uuid4()
    await stage.handle(tell.published(slot, time=LATE), tell.confirmed(uuid4(), slot, uuid4(), time=NOW))
    assert await partitions(stage) == {"fact_default": 1, "fact_2026_11": 1}
    assert await stage.value("I-10") == 100
    assert await kept_months(stage) >= 1
    assert await partitions(stage) == {"fact_2025_03": 1, "fact_2026_11": 1}
    assert await stage.value("I-10") == 100
    assert await kept_months(stage) == 0
    await stage.handle(tell.withdrawn(slot, time=NOW))
    assert await stage.value("I-08") == 0


async def test_partitions_are_there_before_anything_occurs_in_them(stage: Stage, tell: Teller) -> None:
    await kept_months(stage)
    await stage.handle(tell.published(uuid4(), time=datetime(2027, 2, 28, 23, 59, tzinfo=UTC)))
    assert await partitions(stage) == {"fact_2027_02": 1}


async def test_a_clock_that_is_wrong_by_years_makes_no_partition(stage: Stage, tell: Teller) -> None:
    for year in (1970, 9999):
        await stage.handle(tell.published(uuid4(), time=datetime(year, 1, 1, tzinfo=UTC)))
    await kept_months(stage)
    assert await partitions(stage) == {"fact_default": 2}
    assert await stage.value("I-08") == 2


async def test_two_replicas_make_a_partition_once(stage: Stage, tell: Teller) -> None:
    await stage.handle(tell.published(uuid4(), time=LATE))
    made = await asyncio.gather(*(kept_months(stage) for _ in range(2)))
    assert min(made) == 0
    assert max(made) >= 1
    assert await partitions(stage) == {"fact_2025_03": 1}


async def test_what_is_told_of_one_slot_in_different_months_is_read_together(stage: Stage, tell: Teller) -> None:
    """Each fact in a transaction of its own, the newest first."""
    slot, call, booking = uuid4(), uuid4(), uuid4()
    times = [datetime(2026, month, 15, tzinfo=UTC) for month in (8, 9, 10, 11)]
    events = [
        tell.published(slot, time=times[0]),
        tell.confirmed(booking, slot, call, time=times[1]),
        tell.missed(booking, slot, call, time=times[2]),
        tell.outcome_undone(booking, slot, call, time=times[3]),
    ]
    await stage.handle(*reversed(events))
    await kept_months(stage)
    await stage.handle(tell.received(call, time=times[0]))
    async with stage.db.work(TERRITORY) as work:
        row = await work.fetchrow("SELECT state, told_from, told_until FROM booking_fact")
    assert tuple(row or ()) == ("confirmed", times[1], times[3])
    assert await stage.value("I-10") == 100
    async with stage.system.work("fr") as work:
        assert [await projections.drifted(work, it, TERRITORY) for it in projections.ALL] == [[], [], []]


async def test_partitions_show_nothing_to_the_roles_of_the_service(stage: Stage, tell: Teller) -> None:
    await stage.handle(tell.published(uuid4()))
    for database in (stage.db, stage.system):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.work(TERRITORY) as work:
                await work.fetch("SELECT * FROM fact_2026_11")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with stage.db.work(TERRITORY) as work:
            await work.fetch("SELECT fact_month('2030-01-01')")


async def test_one_transaction_takes_events_of_many_territories(stage: Stage, tell: Teller) -> None:
    events = []
    for number in range(60):
        slot, call, where = uuid4(), uuid4(), {"territory": f"t-{number}"}
        events += [tell.confirmed(uuid4(), slot, call, **where), tell.published(slot, **where)]
    async with stage.system.work("fr") as work:
        await on_events(events, work)
    for number in (0, 31, 59):
        assert await stage.value("I-10", territory=f"t-{number}") == 100
        assert await stage.value("I-08", territory=f"t-{number}") == 1


async def test_an_event_that_cannot_be_kept_harms_itself_alone(
    settings: IndicatorsSettings, stage: Stage, tell: Teller, town: Town
) -> None:
    """It passes its schema, and PostgreSQL cannot hold it; with it came events of thirty territories."""
    good = [tell.published(uuid4(), territory=f"t-{number % 30}") for number in range(120)]
    bad = tell.received(uuid4(), territory="t-7")
    bad = bad.model_copy(update={"data": bad.data.model_copy(update={"organisation": "a\x00b"})})
    await town.publish(*good[:50], bad, *good[50:])
    async with worker(settings).started():

        async def all_but_one() -> bool:
            letters = (await town.buses["indicators"].jetstream.stream_info(DEAD_LETTERS)).state.messages
            return (letters, sum((await partitions(stage)).values())) == (1, len(good))

        await until(all_but_one)
    async with stage.system.work("fr") as work:
        reasons = await work.fetch("SELECT event_id, dead_reason FROM inbox WHERE dead_reason IS NOT NULL")
    assert [row["event_id"] for row in reasons] == [str(bad.id)]
    assert "UntranslatableCharacter" in reasons[0]["dead_reason"]


async def test_the_migration_keeps_every_fact(servers: Servers) -> None:
    """Facts of three months and the rows that stand on them, from before there were partitions."""
    url = await servers.new_database("indicators")
    config = configuration(MIGRATIONS, url)
    before = ScriptDirectory.from_config(config).get_revision("0006").down_revision
    await asyncio.to_thread(command.upgrade, config, before)
    connection = await asyncpg.connect(servers.admin_url(url))
    try:
        await connection.execute(
            "INSERT INTO fact (event_id, territory, kind, type, subject, version, occurred_at, arrived_at, slot_id, "
            "dimensions) SELECT gen_random_uuid(), 't', 'slot.published', 't', 's', 1, $1::timestamptz - n * "
            "interval '20 days', $1, md5(n::text)::uuid, '{}' FROM generate_series(1, 5) n",
            SLOT_AT,
        )
        await connection.execute(
            "INSERT INTO slot_fact (territory, slot_id, published, standing, booked, specialties, audience) "
            "SELECT territory, slot_id, true, true, false, '{}', '{}' FROM fact"
        )
        columns = "event_id, territory, kind, version, occurred_at, arrived_at, slot_id, dimensions::text"
        old = await connection.fetch(f"SELECT {columns} FROM fact ORDER BY event_id")
        await asyncio.to_thread(command.upgrade, config, "head")
        assert await connection.fetch(f"SELECT {columns} FROM fact ORDER BY event_id") == old
        assert await connection.fetchval("SELECT count(*) FROM fact_default") == 0
        rows: list[Any] = await connection.fetch(
            "SELECT told_from = occurred_at AND told_until = occurred_at AS exact FROM slot_fact JOIN fact "
            "USING (territory, slot_id)"
        )
        assert [row["exact"] for row in rows] == [True] * 5
    finally:
        await connection.close()
