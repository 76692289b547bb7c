"""Figures are the same whether months have sums or not, whatever comes late, and whoever comes at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from telling import GP, NOW, NURSE, OTHER_GP, TERRITORY, Stage, Teller, event_of

from contracts.activities import SurveyAnswered
from contracts.envelope import Event
from contracts.slots import SlotEffector
from indicators.consumers.on_event import fact_of, on_events
from indicators.domain.campaigns import Campaign, Campaigns
from indicators.domain.catalogue import Count
from indicators.domain.periods import Period, parse_period
from indicators.domain.sources import SOURCES
from indicators.settings import IndicatorsSettings
from indicators.store import figures
from indicators.store.language import entries_of
from indicators.store.month_sums import SUMMED
from indicators.usecases.compare_streams import Comparison, Told, begin_comparison, compare_streams
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.keep_months import keep_months
from indicators.usecases.request_rebuild import request_rebuild
from indicators.usecases.run_rebuild import run_rebuild
from indicators.usecases.sum_months import sum_months
from kit.command import database_of
from kit.jobs import Job, Timer
from kit.testing.servers import Servers
from kit.work import Work

Sql = Callable[[str], Awaitable[Any]]
Sum = tuple[str, str, str]
"""Territory, source and the month, by its first day in Paris."""

SUMMER, WINTER = datetime(2026, 3, 31, 21, 59, tzinfo=UTC), datetime(2026, 10, 31, 22, 59, tzinfo=UTC)
"""The last minutes of the months in which clocks change in Paris."""
INSTANTS = (
    *(SUMMER, SUMMER + timedelta(minutes=1), WINTER, WINTER + timedelta(minutes=1)),
    *(datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    *(datetime(2025, 12, 31, 22, 59, tzinfo=UTC), datetime(2025, 12, 31, 23, tzinfo=UTC)),
    *(datetime(2025, 10, 14, 21, 59, tzinfo=UTC), datetime(2025, 10, 14, 22, tzinfo=UTC)),
    *(datetime(2026, 6, 10, 9, tzinfo=UTC), datetime(2026, 2, 28, 22, 30, tzinfo=UTC)),
    *(NOW, datetime(2027, 1, 4, 8, tzinfo=UTC)),
)
CAMPAIGNS = Campaigns(
    version="1",
    campaigns=(Campaign(name="vaccination", label_fr="Vaccination", begins="10-15", ends="02-28"),),
)
PERIODS = ("2025", "2026", "2026-H1", "2026-Q1", "2026-Q4", "2025-vaccination", "2026-vaccination")
JUNE = datetime(2026, 6, 10, 9, tzinfo=UTC)
_territories = (f"sums-{number}" for number in count())


@pytest.fixture(autouse=True)
def small_months(monkeypatch: pytest.MonkeyPatch) -> None:
    """A month of one row gets its sum."""
    monkeypatch.setattr("indicators.usecases.sum_months.LEAST", 1)


@pytest.fixture
def behind(servers: Servers, settings: IndicatorsSettings) -> Sql:
    """A superuser's hand in the service's tables."""

    async def execute(statement: str) -> Any:
        connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return execute


async def make_sums(stage: Stage) -> None:
    """As the job does: what waits, then, found at its next turn, what lacks one."""
    for _ in range(2):
        while await run_job(stage):
            pass


async def run_job(stage: Stage) -> int:
    async with stage.system.work("fr") as work:
        return await sum_months(work)


async def sums(stage: Stage) -> set[Sum]:
    """Those that are made."""
    async with stage.system.work("fr") as work:
        rows = await work.fetch(
            "SELECT territory, source, to_char(since AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD') AS month "
            "FROM month_sum WHERE entries IS NOT NULL"
        )
    return {(row["territory"], row["source"], row["month"]) for row in rows}


def a_period(stage: Stage, name: str) -> Period:
    return parse_period(name, stage.catalogue.zone, CAMPAIGNS)


async def tallies(stage: Stage, territory: str, *, summed: bool) -> dict[tuple[str, str], Any]:
    """What every indicator of the summed sources is in every period; without sums in a transaction that has none."""
    wanted = [it for it in stage.catalogue.indicators if it.sources & set(SUMMED)]
    work, found = stage.system.open(territory), {}
    try:
        if not summed:
            await work.execute("DELETE FROM month_sum")
        for name in PERIODS:
            for figure in await compute_figures(work, wanted, a_period(stage, name)):
                found[figure.indicator.id, name] = figure.tally
    finally:
        await work.rollback()
    return found


async def assert_same(stage: Stage, territory: str) -> None:
    assert await tallies(stage, territory, summed=True) == await tallies(stage, territory, summed=False)


def answered(score: int | None, at: datetime, territory: str, **about: Any) -> Event[Any]:
    said = {"purpose": "satisfaction", "respondent": "patient", "topic": "oncology", "session_kind": "epu"} | about
    ids = {"answer_id": uuid4(), "survey_id": uuid4()}
    payload = SurveyAnswered(**ids, questionnaire="short", subject="pathway", score=score, **said)
    return event_of(payload, 1, territory=territory, time=at)


class Town:
    """Draws what happens in a territory over two years, the same for a seed but for the ids."""

    def __init__(self, seed: int, territory: str) -> None:
        self._pick, self._tell, self._where = Random(seed), Teller(), {"territory": territory}
        self._territory = territory
        self._slots: dict[UUID, datetime] = {}
        self._calls: dict[UUID, datetime] = {}

    def events(self) -> list[Event[Any]]:
        """In an order that is drawn."""
        told = [event for _ in range(60) for event in self._slot()] + [it for _ in range(40) for it in self._call()]
        told += [event for _ in range(60) for event in self._booking()] + [self._answer() for _ in range(40)]
        self._pick.shuffle(told)
        return told

    def _at(self) -> datetime:
        return self._pick.choice(INSTANTS)

    def _slot(self) -> list[Event[Any]]:
        slot, pick = uuid4(), self._pick
        self._slots[slot] = self._at()
        said: dict[str, Any] = {
            "audience": pick.choice((("SNP",), ("CPTS", "PUBLIC"), ("PUBLIC",), ("PRO", "SNP"))),
            "specialties": pick.choice((("general-practice",), ("nursing", "general-practice"), ())),
            "profession": pick.choice(("10", "60", None)),
            "commune": pick.choice(("35236", "44036", "97411")),
            "mode": pick.choice(("AMB", "HH", "VR")),
        }
        who = pick.choice(({"rpps": GP}, {"rpps": OTHER_GP}, {"effector": SlotEffector(finess="350000001")}))
        published = partial(self._tell.published, slot, **said, **who, **self._where)
        told = [published(starts_at=self._slots[slot])]
        if pick.random() < 0.3:
            told.append(self._tell.withdrawn(slot, 2, **self._where))
        if pick.random() < 0.3:
            self._slots[slot] = self._at()
            told.append(published(version=3, starts_at=self._slots[slot]))
        return told

    def _call(self) -> list[Event[Any]]:
        call, origin = uuid4(), self._pick.choice(("ed", "single_number", "sas", "professional"))
        self._calls[call] = self._at()
        told = [self._tell.received(call, origin, at=self._calls[call], **self._where)]
        if self._pick.random() < 0.7:
            outcome = self._pick.choice(("accepted", "redirected"))
            told.append(self._tell.screened(call, outcome, **self._where))
        return told

    def _booking(self) -> list[Event[Any]]:
        booking, pick, tell = uuid4(), self._pick, self._tell
        (slot, starts), (call, received) = pick.choice([*self._slots.items()]), pick.choice([*self._calls.items()])
        times = {"starts_at": starts, "call_received_at": received}
        told = [tell.confirmed(booking, slot, call, **times, **self._where)]
        for version in range(2, pick.randint(2, 4)):
            verb = pick.choice(("moved", "cancelled", "fulfilled", "missed"))
            if verb == "moved":
                left, (slot, starts) = slot, pick.choice([*self._slots.items()])
                told.append(tell.moved(booking, (left, slot), call, version, starts_at=starts, **self._where))
            else:
                told.append(getattr(tell, verb)(booking, slot, call, version, **self._where))
        return told

    def _answer(self) -> Event[Any]:
        pick = self._pick
        about = {
            "respondent": pick.choice(("patient", "professional", "carer", "trainee")),
            "topic": pick.choice(("oncology", "diabetes", None)),
            "session_kind": pick.choice(("epu", "exchange", None)),
            "purpose": pick.choice(("satisfaction", "needs")),
        }
        return answered(pick.choice((None, 0, 40, 100)), self._at(), self._territory, **about)


@pytest.mark.parametrize("seed", range(4))
async def test_figures_with_sums_are_those_without(stage: Stage, seed: int) -> None:
    """Two thirds are told before sums are made, the rest after: late, withdrawn, moved over the end of a month."""
    territory = next(_territories)
    events = Town(seed, territory).events()
    early = 2 * len(events) // 3
    async with stage.db.work(territory) as work:
        await on_events(events[:early], work)
    await make_sums(stage)
    made = await sums(stage)
    assert {source for _, source, _ in made} == set(SUMMED)
    await assert_same(stage, territory)
    for place in range(early, len(events), 9):
        await stage.handle(*events[place : place + 3])
        async with stage.db.work(territory) as work:
            await on_events(events[place + 3 : place + 9] or events[:1], work)
        if place % 2:
            await make_sums(stage)
            await assert_same(stage, territory)
    await assert_same(stage, territory)
    await make_sums(stage)
    assert await sums(stage) >= made - {it for it in made if it[2] > "2026-10"}
    await assert_same(stage, territory)


def every_count() -> list[Count]:
    """Each unit of the summed sources, whole and in parts, filtered by each field."""
    counts = []
    for of in SUMMED:
        fields = SOURCES[of].fields
        by = tuple(name for name, field in fields.items() if field.kind == "code")
        codes = {"audience": ("SNP", "PRO"), "specialty": ("nursing",), "department": ("35", "974")}
        for unit in sorted(SOURCES[of].units):
            counts += [Count(count=unit, of=of), Count(count=unit, of=of, by=by)]
            for name, field in fields.items():
                wanted: list[Any] = (
                    [True, False] if field.kind == "flag" else [codes.get(name, ("10", "ed", "oncology"))]
                )
                counts += [Count(count=unit, of=of, where={name: it}, by=by) for it in wanted]
    return counts


async def test_every_word_of_the_language_counts_the_same(stage: Stage) -> None:
    territory = next(_territories)
    async with stage.db.work(territory) as work:
        await on_events(Town(77, territory).events(), work)
    periods = [a_period(stage, name) for name in ("2026", "2025-vaccination")]

    async def counted() -> list[Any]:
        async with stage.db.work(territory) as work:
            return [await figures.tally(work, it, period) for it in every_count() for period in periods]

    plain = await counted()
    await make_sums(stage)
    assert len(await sums(stage)) > 10
    assert await counted() == plain
    assert sum(number > 0 for number, _ in plain) > len(plain) / 2


@pytest.mark.parametrize("source", SUMMED)
async def test_a_plan_that_is_kept_reads_no_row_twice(stage: Stage, source: str) -> None:
    """However many months have no sum: their bounds are inside the scan, whatever the parameters are."""
    count = Count(count=next(iter(SOURCES[source].units)), of=source)
    head, (rows,) = entries_of([count], TERRITORY, year := a_period(stage, "2026"))
    async with stage.db.work(TERRITORY) as work:
        await work.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await work.execute(f"PREPARE kept AS {head} SELECT count(*) {rows.sql}")
        plan = await work.fetch(f"EXPLAIN EXECUTE kept ('{TERRITORY}', '{year.start}', '{year.end}', NULL, NULL)")
        await work.execute("DEALLOCATE kept")
    lines = [row["QUERY PLAN"] for row in plan]
    assert any("unsummed.since" in line for line in lines), lines
    assert not any("Join Filter" in line for line in lines), lines


async def test_a_late_fact_takes_its_sum_away_and_counts_at_once(stage: Stage, tell: Teller) -> None:
    may = JUNE - timedelta(days=30)
    told = [tell.published(uuid4(), starts_at=at) for at in (may, JUNE)]
    told += [tell.received(uuid4(), at=JUNE), answered(40, JUNE, TERRITORY), answered(50, may, TERRITORY)]
    await stage.handle(*told)
    await make_sums(stage)
    made = {(TERRITORY, source, "2026-06-01") for source in ("slots", "calls", "answers")}
    made |= {(TERRITORY, source, "2026-05-01") for source in ("slots", "answers")}
    assert await sums(stage) == made
    late = answered(100, JUNE, TERRITORY)
    for event, source, indicator, value in (
        (tell.published(uuid4(), starts_at=JUNE), "slots", "I-08", 3),
        (tell.received(uuid4(), at=JUNE), "calls", "I-09", 2),
        (late, "answers", "I-16", 63.33),
    ):
        await stage.handle(event)
        assert await sums(stage) == made - {(TERRITORY, source, "2026-06-01")}
        assert round(await stage.value(indicator, "2026"), 2) == value
        await make_sums(stage)
        assert await sums(stage) == made
        assert round(await stage.value(indicator, "2026"), 2) == value
    await stage.handle(*told, late)
    assert await sums(stage) == made  # nothing of it was new


async def test_a_booking_moved_from_one_month_into_another_takes_both_sums(stage: Stage, tell: Teller) -> None:
    april = datetime(2026, 4, 20, 8, tzinfo=UTC)
    slots = {uuid4(): at for at in (april, JUNE, JUNE - timedelta(days=30))}
    first, second, _ = slots
    call, booking = uuid4(), uuid4()
    await stage.handle(*(tell.published(slot, starts_at=at) for slot, at in slots.items()), tell.received(call))
    await stage.handle(tell.confirmed(booking, first, call, starts_at=april))
    await make_sums(stage)
    assert {month for _, _, month in await sums(stage)} == {"2026-04-01", "2026-05-01", "2026-06-01"}
    await stage.handle(tell.moved(booking, (first, second), call, starts_at=JUNE))
    assert await sums(stage) == {(TERRITORY, "slots", "2026-05-01")}
    assert (await stage.figure("I-10", "2026")).tally.numerator == 1


async def test_a_slot_published_again_at_another_time_leaves_one_month_for_another(stage: Stage, tell: Teller) -> None:
    slot = uuid4()
    others = [tell.published(uuid4(), starts_at=at) for at in (JUNE, SUMMER, WINTER)]
    await stage.handle(tell.published(slot, starts_at=JUNE), *others)
    await make_sums(stage)
    await stage.handle(tell.published(slot, 2, starts_at=SUMMER))
    assert await sums(stage) == {(TERRITORY, "slots", "2026-10-01")}
    assert (await stage.value("I-08", "2026-Q1"), await stage.value("I-08", "2026-Q2")) == (2, 1)


async def test_a_batch_of_many_territories_takes_the_sums_of_each(stage: Stage, tell: Teller) -> None:
    territories = [next(_territories) for _ in range(5)]

    def told() -> list[Event[Any]]:
        """Answers, slots and calls of each."""
        found = [answered(50, JUNE, where) for where in territories]
        for where in territories:
            found += [tell.published(uuid4(), starts_at=JUNE, territory=where)]
            found += [tell.received(uuid4(), at=JUNE, territory=where)]
        return found

    for summed in (15, 0):
        async with stage.system.work("fr") as work:
            await on_events(told(), work)
        assert await sums(stage) == set()
        if summed:
            await make_sums(stage)
            assert len(await sums(stage)) == summed
    assert [await stage.value("I-08", "2026", where) for where in territories] == [2] * 5


async def test_months_in_which_clocks_change_end_at_midnight_in_paris(stage: Stage, tell: Teller) -> None:
    """A slot in the last minute of the month and one in the first of the next, in March and in October."""
    moments = [end + timedelta(minutes=more) for end in (SUMMER, WINTER) for more in (0, 1)]
    await stage.handle(*(tell.published(uuid4(), starts_at=at) for at in moments))
    await make_sums(stage)
    async with stage.system.work("fr") as work:
        rows = await work.fetch("SELECT since, until, entries FROM month_sum ORDER BY since")
    hours = [(row["until"] - row["since"]) // timedelta(hours=1) for row in rows]
    assert hours == [31 * 24 - 1, 30 * 24, 31 * 24 + 1]  # November goes on
    assert [[entry["number"] for entry in row["entries"]] for row in rows] == [[1]] * 3
    assert [await stage.value("I-08", f"2026-Q{number}") for number in (1, 2, 3, 4)] == [1, 1, 0, 2]


async def test_what_goes_on_what_is_small_and_what_is_old_gets_no_sum(
    stage: Stage, tell: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indicators.usecases.sum_months.LEAST", 3)
    oldest = datetime(2024, 10, 10, tzinfo=UTC)
    for at, slots in ((JUNE, 3), (WINTER, 2), (NOW, 4), (oldest, 3), (oldest - timedelta(days=30), 3)):
        await stage.handle(*(tell.published(uuid4(), starts_at=at) for _ in range(slots)))
    withdrawn = uuid4()
    await stage.handle(tell.published(withdrawn, starts_at=WINTER), tell.withdrawn(withdrawn))
    await make_sums(stage)
    assert await sums(stage) == {(TERRITORY, "slots", "2024-10-01"), (TERRITORY, "slots", "2026-06-01")}


async def test_a_sum_that_another_release_made_is_not_read_and_made_again(
    stage: Stage, tell: Teller, behind: Sql
) -> None:
    await stage.handle(tell.published(uuid4(), starts_at=JUNE))
    await make_sums(stage)
    await behind("""UPDATE month_sum SET shape = 'old', entries = '[{"columns": "of before"}]'""")
    assert await stage.value("I-08", "2026") == 1
    await make_sums(stage)
    assert await behind("SELECT shape FROM month_sum") != "old"
    await behind("DELETE FROM slot_fact")  # so that only the sum can answer
    assert await stage.value("I-08", "2026") == 1


CLOSED = (JUNE, SUMMER, WINTER, datetime(2026, 1, 20, tzinfo=UTC))


class Writer:
    """Adds to closed months of some territories, in batches of one or more of them."""

    def __init__(self, seed: int, stage: Stage, territories: Sequence[str]) -> None:
        self._pick, self._stage, self._territories, self._tell = Random(seed), stage, territories, Teller()

    async def run(self, enough: Callable[[], bool]) -> None:
        while not enough():
            await asyncio.sleep(self._pick.uniform(0, 0.1))
            where = self._pick.sample(self._territories, self._pick.randint(1, len(self._territories)))
            database, of = (self._stage.db, where[0]) if len(where) == 1 else (self._stage.system, "fr")
            async with database.work(of) as work:
                await on_events([event for territory in where for event in self._batch(territory)], work)

    def _batch(self, territory: str) -> list[Event[Any]]:
        """A slot that may be booked and published again at another time; a call; an answer."""
        pick, tell, at, other = self._pick, self._tell, self._pick.choice(CLOSED), self._pick.choice(CLOSED)
        slot, call, where = uuid4(), uuid4(), {"territory": territory}
        told = [tell.published(slot, starts_at=at, **where), tell.received(call, at=other, **where)]
        told.append(answered(10, at, territory))
        if pick.random() < 0.5:
            told.append(tell.confirmed(uuid4(), slot, call, starts_at=at, call_received_at=other, **where))
        if pick.random() < 0.5:
            told.append(tell.published(slot, 2, starts_at=other, **where))
        return told


async def test_sums_are_never_wrong_while_facts_come_and_sums_are_made(stage: Stage) -> None:
    """Five writers on their own connections, sums made without rest, and readers that compare what is counted with the
    rows of the same snapshot.
    """
    places, done = [next(_territories) for _ in range(2)], asyncio.Event()
    read: list[str] = []
    held: list[set[Sum]] = []

    def enough() -> bool:
        """Sums were there and gone again, often, and were read meanwhile."""
        taken = sum(bool(earlier - later) for earlier, later in pairwise(held))
        return taken >= 10 and len(read) >= 100

    async def make() -> None:
        while not done.is_set():
            await run_job(stage)
            held.append(await sums(stage))

    async def compare(place: str) -> None:
        while not done.is_set():
            await assert_right(stage, place)
            read.append(place)

    async def write() -> None:
        await asyncio.gather(*(Writer(seed, stage, places).run(enough) for seed in range(5)))
        done.set()

    await asyncio.gather(write(), make(), *(compare(place) for place in places))
    await make_sums(stage)
    assert len(await sums(stage)) == len(places) * len(SUMMED) * len(CLOSED)
    for place in places:
        await assert_right(stage, place)
        await assert_same(stage, place)


_ROWS = """
WITH slot AS (SELECT * FROM slot_fact WHERE territory = $1 AND standing AND starts_at >= $2 AND starts_at < $3),
     call AS (SELECT * FROM call_fact WHERE territory = $1 AND standing AND received_at >= $2 AND received_at < $3),
     answer AS (SELECT * FROM fact WHERE territory = $1 AND kind = 'survey.answered'
                AND occurred_at >= $2 AND occurred_at < $3)
SELECT (SELECT count(*) FROM slot), (SELECT count(*) FROM slot WHERE booked), (SELECT count(*) FROM call),
       (SELECT 10 * count(*) FROM answer)
"""
_COUNTS = (
    Count(count="slot", of="slots"),
    Count(count="slot", of="slots", where={"booked": True}),
    Count(count="call", of="calls"),
    Count(count="score", of="answers"),
)


async def assert_right(stage: Stage, territory: str) -> None:
    """One snapshot: what is counted, by sums where there are any, is what its rows say."""
    period = a_period(stage, "2026")
    async with stage.db.work(territory) as work:
        await work.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        counted = [(await figures.tally(work, it, period))[0] for it in _COUNTS]
        assert counted == list(*await work.fetch(_ROWS, territory, period.start, period.end))


async def test_two_replicas_make_each_sum_once(stage: Stage, tell: Teller) -> None:
    """The job of two workers: eight months of slots, and as many of calls."""
    for at in INSTANTS:
        await stage.handle(tell.published(uuid4(), starts_at=at), tell.received(uuid4(), at=at))
    runs: list[int] = []

    async def run(work: Work) -> int:
        again = await sum_months(work)
        runs.append(await work.fetchval("SELECT count(*) FROM month_sum WHERE entries IS NOT NULL"))
        return again

    job = Job("sum-months-test", timedelta(minutes=5), run, again=True)
    async with stage.system.work("fr") as work:
        await work.execute("INSERT INTO job_run (name, due_at) VALUES ($1, $2)", job.name, work.now)

    async def replica() -> None:
        while len(runs) < 1 + 2 * 8:
            await Timer(job, stage.system).tick()

    await asyncio.gather(replica(), replica())
    assert runs == list(range(1 + 2 * 8))  # looked once, then made one at a time
    assert {source for _, source, _ in await sums(stage)} == {"slots", "calls"}
    await assert_same(stage, TERRITORY)


async def test_two_that_make_sums_without_knowing_of_each_other_do_no_harm(stage: Stage, tell: Teller) -> None:
    await stage.handle(*(tell.published(uuid4(), starts_at=at) for at in INSTANTS))
    await asyncio.gather(make_sums(stage), make_sums(stage))
    assert len(await sums(stage)) == 8
    await assert_same(stage, TERRITORY)


@pytest_asyncio.fixture
async def summed(stage: Stage, tell: Teller) -> list[Event[Any]]:
    """Ten slots, calls and answers of June, with their sums, one of which is falsified by the test."""
    told = [tell.published(uuid4(), starts_at=JUNE, rpps=rpps) for rpps in (GP, GP, OTHER_GP, NURSE)]
    told += [tell.received(uuid4(), at=JUNE) for _ in range(3)]
    told += [answered(score, JUNE, TERRITORY) for score in (10, 20, 60)]
    await stage.handle(*told)
    await make_sums(stage)
    return told


FALSE = "UPDATE month_sum SET entries = jsonb_set(entries, '{0,number}', '1000') WHERE source = 'calls'"


async def compared(settings: IndicatorsSettings, stage: Stage, told: Sequence[Event[Any]]) -> Comparison:
    """What `python -m indicators.rebuild` does with the events of the streams."""

    async def batches() -> AsyncIterator[list[Told]]:
        yield [Told(fact_of(event), due=True) for event in told]

    async with database_of(settings, "test", "owner") as database:
        work = database.open("fr")
        try:
            await begin_comparison(work)
            return await compare_streams(work, stage.catalogue, {}, batches())
        finally:
            await work.rollback()


async def test_a_falsified_sum_is_a_difference(
    settings: IndicatorsSettings, stage: Stage, summed: list[Event[Any]], behind: Sql
) -> None:
    assert (await compared(settings, stage, summed)).identical
    await behind(FALSE)
    comparison = await compared(settings, stage, summed)
    wrong = {(it.indicator_id, it.period_id) for it in comparison.differences}
    assert wrong == {("I-09", it) for it in ("2026-Q2", "2026-H1", "2026")}
    assert {it.served.numerator for it in comparison.differences} == {1000}
    assert len(await sums(stage)) == 3


async def test_a_rebuild_puts_a_falsified_sum_right(
    stage: Stage, summed: list[Event[Any]], behind: Sql, tell: Teller
) -> None:
    elsewhere = next(_territories)
    await stage.handle(tell.published(uuid4(), starts_at=JUNE, territory=elsewhere))
    await make_sums(stage)
    await behind(FALSE)
    assert await stage.value("I-09", "2026") == 1000
    async with stage.db.work(TERRITORY) as work:
        await request_rebuild(work, "tester")
    async with stage.system.work("fr") as work:
        assert await run_rebuild(work) == 1
    assert await stage.value("I-09", "2026") == 3
    assert await sums(stage) == {(elsewhere, "slots", "2026-06-01")}


async def test_rows_that_a_rebuild_mends_take_their_sums_away(
    stage: Stage, summed: list[Event[Any]], behind: Sql
) -> None:
    """Sums that were made of rows that had drifted."""
    await behind("UPDATE slot_fact SET booked = true")
    await behind("DELETE FROM month_sum")
    await make_sums(stage)
    assert await stage.value("I-10", "2026") == 100
    async with stage.db.work(TERRITORY) as work:
        await request_rebuild(work, "tester")
    async with stage.system.work("fr") as work:
        await run_rebuild(work)
    assert await stage.value("I-10", "2026") == 0


async def test_a_territory_sees_and_removes_its_own_sums_only(stage: Stage, summed: list[Event[Any]]) -> None:
    async with stage.db.work("haute-saintonge") as work:
        assert await work.fetchval("SELECT count(*) FROM month_sum") == 0
        assert await work.execute("DELETE FROM month_sum") == "DELETE 0"
    async with stage.db.work(TERRITORY) as work:
        assert await work.fetchval("SELECT count(*) FROM month_sum") == 3
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with stage.db.work(TERRITORY) as work:
            await work.execute("INSERT INTO month_sum SELECT * FROM month_sum")
    assert len(await sums(stage)) == 3


async def test_sums_stay_when_partitions_of_facts_are_made(stage: Stage, summed: list[Event[Any]]) -> None:
    """Moving facts between partitions changes nothing of them."""
    async with stage.system.work("fr") as work:
        assert await keep_months(work) > 0
    assert len(await sums(stage)) == 3
    await assert_same(stage, TERRITORY)
