"""What was approved stays as it was told, and what is approved later gives none of it away."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from fastapi import FastAPI
from reporting import BOARD, moved
from telling import NOW, Stage, Teller, event_of

from contracts.coordination import StayRecorded
from indicators.main import build
from indicators.settings import IndicatorsSettings
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client

QUARTERS = {f"2025-Q{number}": datetime(2025, 3 * number - 1, 12, 8, tzinfo=UTC) for number in range(1, 5)}
SCOPES = (*BOARD, "indicators:published")


def visit(at: datetime) -> StayRecorded:
    return StayRecorded(
        stay_id=uuid4(), kind="ed_visit", motive="heart-failure", entry=None, readmission=False, arrived_on=at.date()
    )


async def visits(stage: Stage, **numbers: int) -> None:
    """So many visits of the emergency department (I-20) in each quarter."""
    for name, number in numbers.items():
        at = QUARTERS[f"2025-{name}"]
        await stage.handle(*(event_of(visit(at), 1, time=at) for _ in range(number)))


@pytest_asyncio.fixture
async def board(service: FastAPI, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(service, issuer.token(*SCOPES)) as started:
        yield started


async def approve(board: httpx.AsyncClient, *periods: str) -> None:
    for period in periods:
        await moved(board, "submit", "approve", period=period)


async def told(board: httpx.AsyncClient, period: str) -> Any:
    """What somebody outside is told of I-20: a number, or None where it is hidden."""
    return (await board.get(f"/v1/published/periods/{period}/figures/I-20")).raise_for_status().json()["value"]


async def all_told(board: httpx.AsyncClient, *periods: str) -> Mapping[str, Any]:
    return {period: await told(board, period) for period in periods}


async def test_the_year_hides_what_would_give_its_small_quarter_away(stage: Stage, board: httpx.AsyncClient) -> None:
    await visits(stage, Q1=10, Q2=20, Q3=10, Q4=3)
    await approve(board, *QUARTERS, "2025", "2025-H1")
    assert await all_told(board, *QUARTERS, "2025", "2025-H1") == {
        "2025-Q1": 10,
        "2025-Q2": 20,
        "2025-Q3": 10,
        "2025-Q4": None,
        "2025": None,
        "2025-H1": 30,
    }


async def test_a_quarter_that_comes_after_its_year_hides_another_one(stage: Stage, board: httpx.AsyncClient) -> None:
    await visits(stage, Q1=10, Q2=20, Q3=10, Q4=3)
    await approve(board, "2025", "2025-Q1", "2025-Q4", "2025-Q2")
    before = await all_told(board, "2025", "2025-Q1", "2025-Q4", "2025-Q2")
    assert before == {"2025": 43, "2025-Q1": 10, "2025-Q4": None, "2025-Q2": 20}
    await approve(board, "2025-Q3")
    assert await told(board, "2025-Q3") is None
    assert await all_told(board, *before) == before, "what was told stays told"


async def test_a_half_year_that_nobody_approved_is_not_the_rest_of_the_year(
    stage: Stage, board: httpx.AsyncClient
) -> None:
    await visits(stage, Q1=10, Q2=20, Q3=1, Q4=2)
    await approve(board, "2025-H1", "2025")
    assert await all_told(board, "2025-H1", "2025") == {"2025-H1": 30, "2025": None}


async def test_another_approval_does_not_uncover_what_the_first_one_hid(stage: Stage, board: httpx.AsyncClient) -> None:
    await visits(stage, Q1=10, Q2=20, Q3=10, Q4=3)
    await approve(board, *QUARTERS, "2025")
    await moved(board, "reopen", period="2025")
    await approve(board, "2025")
    assert await told(board, "2025") is None
    await visits(stage, Q4=4)
    await moved(board, "reopen", period="2025-Q4")
    await approve(board, "2025-Q4")
    assert await told(board, "2025-Q4") == 7, "it is no small number any more"
    assert await told(board, "2025") is None, "the year is still the one of which the small quarter was a part"


async def test_a_later_threshold_changes_nothing_that_is_out(
    stage: Stage, board: httpx.AsyncClient, settings: IndicatorsSettings, issuer: Issuer
) -> None:
    await visits(stage, Q1=7, Q2=3)
    await approve(board, "2025-Q1", "2025-Q2")
    (settings.territories_dir / "pays-de-redon" / "small-cells.yaml").write_text("version: 2\nthreshold: 20\n")
    async with client(build(settings, FixedClock(NOW)), issuer.token(*SCOPES)) as stricter:
        assert await all_told(stricter, "2025-Q1", "2025-Q2") == {"2025-Q1": 7, "2025-Q2": None}
    (settings.territories_dir / "pays-de-redon" / "small-cells.yaml").write_text("version: 3\nthreshold: 2\n")
    async with client(build(settings, FixedClock(NOW)), issuer.token(*SCOPES)) as laxer:
        assert await all_told(laxer, "2025-Q1", "2025-Q2") == {"2025-Q1": 7, "2025-Q2": None}


async def test_the_figure_of_the_period_before_goes_out_with_its_own_approval(
    stage: Stage, tell: Teller, board: httpx.AsyncClient
) -> None:
    """Slots are nobody's secret; yet nobody has approved those of the third quarter."""
    for name, number in (("2025-Q3", 3), ("2025-Q4", 8)):
        at = QUARTERS[name]
        await stage.handle(*(tell.published(uuid4(), starts_at=at, time=at) for _ in range(number)))
    await approve(board, "2025-Q4")
    inside = (await board.get("/v1/indicators/I-06?period=2025-Q4")).json()["trend"]
    outside = (await board.get("/v1/published/periods/2025-Q4/figures/I-06")).json()["trend"]
    assert inside["compared_with"] == {"kind": "previous_period", "value": 1, "period": "2025-Q3"}
    assert outside == {**inside, "compared_with": None}
