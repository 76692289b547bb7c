"""One event of each type of group activities, made by the code that tells it."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from activities import CAMPAIGN, EPU, GP, SHEET, SURVEY, Desk, coordinating, practising
from enrolling import CONSENT, Care, anybody

from contracts.envelope import NATIONAL
from kit.context import current_trace
from pathways.usecases.keep_sheets import tell_visits

AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
"""The play begins then, whatever was played before."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LATER = {"starts_at": "2026-12-03T19:00:00Z", "ends_at": "2026-12-03T21:00:00Z"}


async def activity_events(care: Care, trace: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The last event of each type that the play told, by name."""
    before = len(await care.outbox())
    care.clock.advance(AT - care.clock.now())
    async with coordinating(care) as desk:
        desk.http.headers.update(trace)
        await _sessions(desk)
        await _surveys(desk)
        await _sheets(desk)
        await _experts(care)
        await _visits(care, trace)
    told = (await care.outbox())[before:]
    return {event["type"]: with_fixed_ids(event) for event in told}


async def _sessions(desk: Desk) -> None:
    to_come = await desk.made("/v1/sessions", EPU | _LATER)
    await desk.made(f"/v1/sessions/{to_come['id']}/invitations", {"rpps": [GP]}, status=200)
    await desk.made(f"/v1/sessions/{to_come['id']}/cancel", {"reason": "Intempéries"}, status=200)
    lines = [
        {"rpps": GP, "profession": "10", "speaker": True},
        {"profession": "60"},
        {"audience": "student", "people": 6},
    ]
    await desk.held(lines)


async def _surveys(desk: Desk) -> None:
    survey = await desk.made("/v1/surveys", SURVEY)
    (path,) = (await desk.made(f"/v1/surveys/{survey['id']}/links", {"count": 1}))["paths"]
    answer = await desk.http.post(path, data={"overall": "4", "contact": "yes"})
    assert answer.status_code == 200, answer.text


async def _sheets(desk: Desk) -> None:
    campaign = await desk.made("/v1/prevention-campaigns", CAMPAIGN)
    counted = {"kind": "invited", "day": "2026-11-20", "channel": "letter", "people": 1200}
    await desk.made(f"/v1/prevention-campaigns/{campaign['id']}/counts", counted, status=200)
    sheet = await desk.made("/v1/synthesis-sheets", SHEET)
    await desk.made(f"/v1/synthesis-sheets/{sheet['id']}/publish", status=200)
    await desk.made(f"/v1/synthesis-sheets/{sheet['id']}/withdraw", status=200)


async def _experts(care: Care) -> None:
    patient = await care.made("/v1/patients", anybody(2))
    consent = {**CONSENT, "purpose": "expert-patient"}
    given = await care.made(f"/v1/patients/{patient['id']}/consents", consent)
    await care.made(f"/v1/patients/{patient['id']}/expert-roles", {"role": "expert", "topic": "diabetes"})
    await care.made(f"/v1/patient-consents/{given['id']}/withdraw", {"channel": "oral"}, status=200)


async def _visits(care: Care, trace: dict[str, str]) -> None:
    async with coordinating(care) as desk, practising(care) as gp:
        desk.http.headers.update(trace)
        sheet = await desk.made("/v1/synthesis-sheets", SHEET)
        await desk.made(f"/v1/synthesis-sheets/{sheet['id']}/publish", status=200)
        await gp.get("/v1/synthesis-sheets")
        await gp.get(f"/v1/synthesis-sheets/{sheet['id']}")
    care.clock.advance(timedelta(days=1))
    current_trace.set(None)
    async with care.runtime.system.work(NATIONAL, correlation_id="sample") as work:
        await tell_visits(work, 10)


def with_fixed_ids(event: dict[str, Any]) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the headers."""
    text = json.dumps(event)
    trace = event.get("traceparent") or ""
    for number, found in enumerate(dict.fromkeys(_ID.findall(text)), start=1):
        text = text.replace(found, str(UUID(f"019ab000-0000-7000-8000-{number:012d}"))) if found not in trace else text
    fixed: dict[str, Any] = json.loads(text)
    return fixed
