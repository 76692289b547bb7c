"""General practitioners who accept new patients (I-05): the last count before the period ends."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from telling import GP, NURSE, OTHER_GP, Stage, event_of

from contracts.directory import AcceptanceCounted
from indicators.domain.periods import parse_period
from indicators.store import evidence


def counted(month: int, *accepting: str, of: tuple[str, ...] = (GP, OTHER_GP), territory: str = "pays-de-redon") -> Any:
    day = date(2026, month, 1)
    payload = AcceptanceCounted(count_id=uuid4(), day=day, general_practitioners=of, accepting=accepting)
    return event_of(payload, 1, time=datetime(2026, month, 1, 8, tzinfo=UTC), territory=territory)


async def rates(stage: Stage, *periods: str) -> list[Any]:
    return [await stage.value("I-05", period) for period in periods]


async def test_the_last_count_before_the_end_is_that_of_the_period(stage: Stage) -> None:
    await stage.handle(counted(9, GP), counted(5), counted(2, GP, OTHER_GP))
    assert await rates(stage, "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3") == [None, 100, 0, 50]
    assert await rates(stage, "2026-Q4", "2026") == [50, 50], "a count holds until the next one"
    figure = await stage.figure("I-05", "2025-Q4")
    assert (figure.status, figure.reason) == ("undefined", "denominator_zero")


async def test_who_came_and_who_left_count(stage: Stage) -> None:
    await stage.handle(counted(2, GP, NURSE, of=(GP, OTHER_GP, NURSE)), counted(8, GP, of=(GP,)))
    assert await rates(stage, "2026-Q1", "2026-Q3") == [66.67, 100]


async def test_of_its_own_territory(stage: Stage) -> None:
    await stage.handle(counted(2, GP), counted(3, GP, OTHER_GP, territory="haute-saintonge"))
    assert await stage.value("I-05", "2026-Q1") == 50
    assert await stage.value("I-05", "2026-Q1", "haute-saintonge") == 100
    assert await stage.value("I-05", "2026-Q1", "marches-de-bretagne") is None


async def test_the_count_is_its_proof(stage: Stage) -> None:
    told = counted(2, GP)
    await stage.handle(told)
    indicator = stage.catalogue.find("I-05")
    parts = (indicator.numerator, indicator.denominator)
    async with stage.db.work("pays-de-redon") as work:
        period = parse_period("2026-Q3", stage.catalogue.zone)
        found = [await evidence.units(work, part, period, None, 9) for part in parts]
    assert [[it.unit for it in part] for part in found] == [[GP], [GP, OTHER_GP]]
    assert {proof.event_id for part in found for it in part for proof in it.newest} == {told.id}
