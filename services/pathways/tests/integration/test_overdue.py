"""A step that is late is told once, at its time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from enrolling import Care, anybody, started, step

from contracts.envelope import NATIONAL
from contracts.pathways import StepOverdue
from kit.clock import SystemClock
from kit.testing.harness import Issuer, until
from pathways.settings import PathwaysSettings
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue
from pathways.worker import build as build_worker


async def tick(care: Care, limit: int = 500) -> int:
    """One round of the timers, as the worker runs them. Answers how many steps fell overdue."""
    async with care.runtime.system.work(NATIONAL) as work:
        await raise_due(work, 10_000)
    async with care.runtime.system.work(NATIONAL) as work:
        return await raise_overdue(work, limit)


async def test_a_step_is_late_at_its_due_time_and_not_before(care: Care) -> None:
    enrolment = await care.enrolment()
    first = step(enrolment, "care-team")
    care.clock.advance(datetime.fromisoformat(first["due_at"]) - care.clock.now() - timedelta(microseconds=1))
    assert await tick(care) == 0
    care.clock.advance(timedelta(microseconds=1))
    assert (await tick(care), await tick(care)) == (1, 0)
    assert await care.told(StepOverdue) == [
        {
            "step_id": first["id"],
            "enrolment_id": enrolment["id"],
            "template": "lung-cancer",
            "step": "care-team",
            "role": "coordinating-nurse",
            "due_at": "2026-11-26T23:00:00Z",
        }
    ]
    event = (await care.outbox())[-1]
    assert (event["territory"], event["aggregateversion"]) == ("pays-de-redon", 3)
    after = await care.get(f"/v1/enrolments/{enrolment['id']}")
    assert step(after, "care-team")["state"] == "overdue"
    assert "step_overdue" in [moment["kind"] for moment in after["timeline"]]
    assert [item["id"] for item in (await care.get("/v1/enrolments", overdue=True))["items"]] == [enrolment["id"]]


async def test_a_late_step_can_still_be_done(care: Care) -> None:
    enrolment = await care.enrolment()
    care.clock.advance(timedelta(days=5))
    assert await tick(care) == 1
    done = await care.made(f"/v1/steps/{step(enrolment, 'care-team')['id']}/done", {}, status=200)
    assert (done["state"], done["version"]) == ("done", 4)
    assert await tick(care) == 0


async def test_nothing_falls_late_after_the_end(care: Care) -> None:
    enrolment = await care.enrolment()
    await care.made(f"/v1/enrolments/{enrolment['id']}/leave", {"reason": "patient_deceased"}, status=200)
    care.clock.advance(timedelta(days=400))
    assert await tick(care) == 0


async def test_a_step_that_moved_is_late_at_its_new_time(care: Care) -> None:
    enrolment = await care.enrolment()
    care.clock.advance(timedelta(days=20))
    await care.made(f"/v1/steps/{step(enrolment, 'first-course')['id']}/done", {}, status=200)
    moved = step(await care.get(f"/v1/enrolments/{enrolment['id']}"), "between-courses")
    care.clock.advance(timedelta(days=14))
    await tick(care)
    late = {item["step"] for item in await care.told(StepOverdue)}
    assert "between-courses" not in late
    assert datetime.fromisoformat(moved["due_at"]) > care.clock.now()


async def test_concurrent_rounds_raise_each_step_once(care: Care) -> None:
    for number in range(12):
        patient = await care.made("/v1/patients", anybody(number))
        await care.enrolment(patient["id"])
    care.clock.advance(timedelta(days=400))

    async def runner() -> int:
        raised = 0
        while found := await tick(care, limit=7):
            raised += found
        return raised

    assert sum(await asyncio.gather(*(runner() for _ in range(4)))) == 12 * 21
    told = [item["step_id"] for item in await care.told(StepOverdue)]
    assert len(told) == len(set(told)) == 12 * 21


async def test_two_workers_tell_each_late_step_once(settings: PathwaysSettings, issuer: Issuer) -> None:
    clock = SystemClock()
    begun = (clock.now() - timedelta(days=360)).date().isoformat()
    async with (
        started(settings, issuer, clock) as care,
        build_worker(settings).started(),
        build_worker(settings).started(),
    ):
        for number in range(4):
            patient = await care.made("/v1/patients", anybody(number))
            await care.enrolment(patient["id"], started_on=begun)

        async def all_late() -> bool:
            counts = [await care.get("/v1/steps", state=it) for it in ("planned", "due")]
            return all(page["items"] == [] for page in counts)

        await until(all_late)
        late = await care.get("/v1/steps", state="overdue", limit=200)
        told = await care.told(StepOverdue)
    assert sorted(item["step_id"] for item in told) == sorted(item["id"] for item in late["items"])
    assert len(told) == 4 * 21


async def test_other_territories_are_served_by_the_same_timer(care: Care) -> None:
    catalogue: dict[str, Any] = care.runtime.extras["catalogue"]
    catalogue["haute-saintonge"] = catalogue["pays-de-redon"]
    token = care.issuer.token("pathways:write", "patients:identity", territory="haute-saintonge")
    ours = care.http.headers["Authorization"]
    care.http.headers["Authorization"] = f"Bearer {token}"
    await care.enrolment()
    care.http.headers["Authorization"] = ours
    await care.enrolment()
    care.clock.advance(timedelta(days=5))
    assert await tick(care) == 2
    events = [event for event in await care.outbox() if event["type"].endswith("step.overdue.v1")]
    assert {event["territory"] for event in events} == {"pays-de-redon", "haute-saintonge"}
