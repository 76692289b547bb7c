"""One event of each type of group activities, made by the code that tells it."""

import json
import re
from typing import Any
from uuid import UUID

from activities import EPU, GP, Desk, coordinating
from enrolling import Care

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LATER = {"starts_at": "2026-12-03T19:00:00Z", "ends_at": "2026-12-03T21:00:00Z"}


async def activity_events(care: Care, trace: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The last event of each type that the play told, by name."""
    before = len(await care.outbox())
    async with coordinating(care) as desk:
        desk.http.headers.update(trace)
        await _sessions(desk)
    told = (await care.outbox())[before:]
    return {event["type"]: _with_fixed_ids(event) for event in told}


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


def _with_fixed_ids(event: dict[str, Any]) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the headers."""
    text = json.dumps(event)
    trace = event.get("traceparent", "")
    for number, found in enumerate(dict.fromkeys(_ID.findall(text)), start=1):
        text = text.replace(found, str(UUID(f"019ab000-0000-7000-8000-{number:012d}"))) if found not in trace else text
    fixed: dict[str, Any] = json.loads(text)
    return fixed
