"""Golden samples of this service's events, made by the code that tells them (UPDATE_SAMPLES=1 writes them)."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from activity_samples import activity_events
from enrolling import CONSENT, Care, anybody, step

from contracts.envelope import NATIONAL
from contracts.registry import EVENTS
from kit.context import current_trace
from kit.testing.samples import check_sample
from pathways.domain.template import Template
from pathways.usecases.raise_overdue import raise_overdue

TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Correlation-Id": "sample"}
# Not the territory's own pathway: a sample does not change with a territory's file.
SAMPLE = Template.model_validate(
    {
        "id": "lung-cancer",
        "version": "sample",
        "valid_from": "2026-11-01",
        "validated_by": None,
        "label": "Cancer broncho-pulmonaire",
        "specialty": "oncology",
        "sensitive": True,
        "roles": [{"code": "coordinating-nurse", "label": "Infirmière de coordination"}],
        "consent": {"version": CONSENT["text_version"], "text": "Oui"},
        "steps": [
            {"code": "care-team", "label": "Équipe désignée", "role": "coordinating-nurse", "to_days": 3},
            {"code": "pps-shared", "label": "PPS transmis", "role": "coordinating-nurse", "to_days": 7},
        ],
    }
)


async def events(care: Care) -> dict[str, dict[str, Any]]:
    """One event of each type, by name: an enrolment, a step done, another late."""
    care.runtime.extras["catalogue"]["pays-de-redon"]["lung-cancer"] = SAMPLE
    patient = await care.made("/v1/patients", anybody())
    enrolment = await care.enrolment(patient["id"])
    await care.made(f"/v1/steps/{step(enrolment, 'pps-shared')['id']}/done", {}, status=200)
    due_at = datetime.fromisoformat(step(enrolment, "care-team")["due_at"])
    care.clock.advance(due_at - care.clock.now() + timedelta(seconds=1))
    current_trace.set(None)
    async with care.runtime.system.work(NATIONAL, correlation_id="sample") as work:
        await raise_overdue(work, 1)
    current_trace.set(None)
    async with care.connect("patients:emergency", sub="doctor-9", rpps="99000000093") as doctor:
        broken = await doctor.post(
            f"/v1/patients/{patient['id']}/break-glass",
            json={"reason": "life-threatening"},
            headers={"Idempotency-Key": "glass", **TRACE},
        )
    told = await care.outbox()
    drawn = [enrolment["id"], *(item["id"] for item in enrolment["steps"]), *(event["id"] for event in told)]
    drawn += [broken.json()["id"], told[0]["data"]["patient"]]
    return {event["type"]: _with_fixed_ids(event, drawn) for event in told}


def _with_fixed_ids(event: dict[str, Any], drawn: list[str]) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the headers."""
    text = json.dumps(event)
    for number, found in enumerate(drawn, start=1):
        text = text.replace(found, str(UUID(f"019ab000-0000-7000-8000-{number:012d}")))
    fixed: dict[str, Any] = json.loads(text)
    return fixed


async def test_every_event_of_pathways_has_its_sample(care: Care) -> None:
    care.http.headers.update(TRACE)
    told = await events(care) | await activity_events(care, TRACE)
    owned = [event for event in EVENTS if event.owner == "pathways"]
    assert told.keys() == {event.name for event in owned}
    for event in owned:
        check_sample(told[event.name])
        assert event.envelope.model_validate(told[event.name]).data.model_dump(mode="json") == told[event.name]["data"]
