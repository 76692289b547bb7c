"""Every word of the language of definitions is understood by the database."""

from zoneinfo import ZoneInfo

from telling import Stage

from indicators.domain.catalogue import Count
from indicators.domain.periods import parse_period
from indicators.domain.sources import SOURCES
from indicators.store import evidence, figures
from indicators.store.places import PLACES

PERIOD = parse_period("2026-Q4", ZoneInfo("Europe/Paris"))


def every_count() -> list[Count]:
    """Each unit of each source, filtered by each field, both ways for a flag, and broken down by all it can be."""
    counts = []
    for of, source in SOURCES.items():
        by = tuple(name for name, field in source.fields.items() if field.kind != "codes")
        for unit in sorted(source.units):
            counts.append(Count(count=unit, of=of, by=by))
            for name, field in source.fields.items():
                wanted: list[tuple[str, ...] | bool] = [True, False] if field.kind == "flag" else [("a", "b")]
                counts += [Count(count=unit, of=of, where={name: item}) for item in wanted]
    return counts


def test_the_store_knows_the_words_of_the_domain() -> None:
    assert set(PLACES) == set(SOURCES)
    for name, place in PLACES.items():
        assert set(place.units) == SOURCES[name].units
        assert set(place.fields) == set(SOURCES[name].fields)


async def test_every_definition_can_be_counted_and_proved(stage: Stage) -> None:
    async with stage.db.work("pays-de-redon") as work:
        for count in every_count():
            number, breakdown = await figures.tally(work, count, PERIOD)
            assert (number, set(breakdown)) == (0, set(count.by))
            assert await evidence.units(work, count, PERIOD, None, 5) == []
            assert await evidence.facts_of(work, count, PERIOD, unit="x", after=None, limit=5) == []
