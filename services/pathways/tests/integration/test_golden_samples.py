"""Every event of pathways, as its producer writes it: the golden samples that its consumers read."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from activity_samples import activity_events
from care_samples import care_events
from doctor_samples import doctor_events
from enrolling import CONSENT, Care, anybody, step
from hospital_samples import hospital_events
from pathway_made import template

from contracts.envelope import NATIONAL
from contracts.registry import EVENTS
from kit.context import current_trace
from kit.testing.samples import check_sample
from kit.work import Work
from pathways.usecases.ask_visits import ask_visits
from pathways.usecases.escalate_steps import escalate_steps
from pathways.usecases.raise_due import raise_due
from pathways.usecases.raise_overdue import raise_overdue
from pathways.usecases.withdraw_visits import withdraw_visits

TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Correlation-Id": "sample"}
PARTS: dict[str, Any] = {
    "id": "lung-cancer",
    "version": "2026-11-1",
    "label": "Cancer broncho-pulmonaire",
    "sensitive": True,
    "roles": [{"code": "coordinating-nurse", "label": "Infirmière de coordination"}],
    "consent": {"version": CONSENT["text_version"], "text": "Oui"},
    "escalation": [{"role": "coordinating-nurse", "after_days": 0}],
}
STEPS = (
    {"code": "care-team", "label": "Équipe désignée", "role": "coordinating-nurse", "to_days": 3},
    {"code": "pps-shared", "label": "PPS transmis", "role": "coordinating-nurse", "to_days": 7},
)


async def events(care: Care) -> dict[str, dict[str, Any]]:
    """One event of each type, by name."""
    templates = care.runtime.extras["catalogue"]["pays-de-redon"]
    templates["lung-cancer"] = template(*STEPS, **PARTS)
    first, second = [await _enrolled(care, number) for number in (21, 22)]
    shared = f"/v1/steps/{step(first, 'pps-shared')['id']}"
    await care.made(f"{shared}/replan", {"from_on": "2026-12-02"}, 200)
    await care.made(f"{shared}/skip", {"reason": "done_elsewhere"}, 200)
    await care.made(f"{shared}/reopen", {"reason": "recorded_by_mistake"}, 200)
    care.clock.advance(timedelta(hours=1))
    await care.made(f"{shared}/done", {}, 200)
    await _late(care, first)
    await care.made(f"/v1/steps/{step(first, 'care-team')['id']}/done", {}, 200)
    path = f"/v1/enrolments/{second['id']}"
    await care.made(f"{path}/pause", {"reason": "hospital_stay", "until_on": "2026-12-07"}, 200)
    await care.made(f"{path}/resume", {}, 200)
    templates["lung-cancer"] = template(*STEPS, **{**PARTS, "version": "2026-12-1"})
    await care.made(f"{path}/migrate", {"to_version": "2026-12-1"}, 200)
    await care.made(f"{path}/leave", {"reason": "patient_moved"}, 200)
    current_trace.set(None)
    async with care.connect("patients:emergency", sub="doctor-9", rpps="99000000093") as doctor:
        broken = await doctor.post(
            f"/v1/patients/{first['patient_id']}/break-glass",
            json={"reason": "life-threatening"},
            headers={"Idempotency-Key": "glass", **TRACE},
        )
    told = await care.outbox()
    patients = [event["data"]["patient"] for event in told if event["type"].endswith("enrolment.started.v1")]
    steps = [item["id"] for enrolment in (first, second) for item in enrolment["steps"]]
    drawn = [first["id"], second["id"], broken.json()["id"], *patients, *steps, *(event["id"] for event in told)]
    return {event["type"]: _with_fixed_ids(event, drawn) for event in reversed(told)}


async def _enrolled(care: Care, number: int) -> dict[str, Any]:
    patient = await care.made("/v1/patients", anybody(number))
    return await care.enrolment(patient["id"])


async def _late(care: Care, enrolment: dict[str, Any]) -> None:
    due_at = datetime.fromisoformat(step(enrolment, "care-team")["due_at"])
    care.clock.advance(due_at - care.clock.now() + timedelta(seconds=1))
    for timer in (raise_due, raise_overdue, escalate_steps):
        current_trace.set(None)
        async with care.runtime.system.work(NATIONAL, correlation_id="sample") as work:
            await timer(work, 1)


async def visit_events(care: Care) -> dict[str, dict[str, Any]]:
    """A step asks for its visit, and is then done without."""
    need = {"profession": "60", "act": "blood_test", "modes": ["HH", "AMB"]}
    asking = {**STEPS[0], "code": "blood-test", "needs_visit": need, "proof": ["visit", "declaration"]}
    care.runtime.extras["catalogue"]["pays-de-redon"]["lung-cancer"] = template(asking, **{**PARTS, "version": "3"})
    enrolment = await _enrolled(care, 23)
    # Whatever happened before: a sample keeps its time.
    care.clock.advance(datetime(2027, 2, 1, 9, tzinfo=UTC) - care.clock.now())
    await _tick(care, raise_due)
    await _tick(care, lambda work, limit: ask_visits(work, care.runtime.keyring, limit))
    await care.made(f"/v1/steps/{step(enrolment, 'blood-test')['id']}/done", {}, 200)
    await _tick(care, withdraw_visits)
    asked = [it for it in await care.outbox() if ".step.visit_" in it["type"]]
    ours = next(it["subject"] for it in asked if it["data"].get("patient_ref") == enrolment["patient_ref"])
    told = [it for it in asked if it["subject"] == ours]
    drawn = [ours, enrolment["patient_ref"], *(event["id"] for event in told)]
    return {event["type"]: _with_fixed_ids(event, drawn) for event in reversed(told)}


async def _tick(care: Care, timer: Callable[[Work, int], Awaitable[int]]) -> None:
    current_trace.set(None)
    async with care.runtime.system.work(NATIONAL, correlation_id="sample") as work:
        await timer(work, 100)


def _with_fixed_ids(event: dict[str, Any], drawn: list[str]) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the headers."""
    text = json.dumps(event)
    for number, found in enumerate(drawn, start=1):
        text = text.replace(found, str(UUID(f"019ab000-0000-7000-8000-{number:012d}")))
    fixed: dict[str, Any] = json.loads(text)
    return fixed


async def test_every_event_of_pathways_has_its_sample(care: Care) -> None:
    care.http.headers.update(TRACE)
    told = await events(care) | await activity_events(care, TRACE) | await hospital_events(care, TRACE)
    told |= await doctor_events(care, TRACE)
    told |= await care_events(care) | await visit_events(care)
    owned = [event for event in EVENTS if event.owner == "pathways"]
    assert told.keys() == {event.name for event in owned}
    for event in owned:
        check_sample(told[event.name])
        assert event.envelope.model_validate(told[event.name]).data.model_dump(mode="json") == told[event.name]["data"]
