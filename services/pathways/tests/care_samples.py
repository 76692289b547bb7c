"""One event of each type that the team and the patient make together: plans, notebook, links, exchanges."""

from datetime import UTC, datetime
from typing import Any

from activity_samples import with_fixed_ids
from enrolling import Care, anybody

AT = datetime(2026, 12, 15, 9, tzinfo=UTC)
"""The play begins then, whatever was played before."""


async def care_events(care: Care) -> dict[str, dict[str, Any]]:
    """The last event of each type that the play told, by name."""
    care.clock.advance(AT - care.clock.now())
    patient = await care.made("/v1/patients", anybody(71))
    enrolment = await care.enrolment(patient["id"])
    left = len(await care.outbox())
    await _plans(care, enrolment)
    await care.made(f"/v1/enrolments/{enrolment['id']}/notes", {"kind": "fever", "text": "38,5 °C ce matin"})
    told = (await care.outbox())[left:]
    return {event["type"]: with_fixed_ids(event) for event in told}


async def _plans(care: Care, enrolment: dict[str, Any]) -> None:
    plan = await care.made(f"/v1/enrolments/{enrolment['id']}/care-plans", {"goals": ["Marcher chaque jour"]})
    await care.made(f"/v1/care-plans/{plan['id']}/acknowledge", {}, 200)
    await care.made(f"/v1/care-plans/{plan['id']}/withdraw", {"reason": "mistake"}, 200)
