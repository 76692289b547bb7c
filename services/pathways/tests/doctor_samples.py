"""One event of each type of the search of a *médecin traitant*, made by the code that tells it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from activity_samples import with_fixed_ids
from enrolling import Care, anybody

from pathways.store import doctor_searches

AT = datetime(2026, 12, 3, 9, tzinfo=UTC)
"""The play begins then, whatever was played before."""
GP = "99000000016"


async def gp_who_accepts(care: Care, rpps: str = GP, capacity: int = 1) -> None:
    """What the directory told of a general practitioner."""
    async with care.runtime.system.work("pays-de-redon") as work:
        await doctor_searches.told_place(work, rpps, ["35236"], 1, listed=True)
        said = {"accepts": True, "capacity": capacity, "patients": (), "valid_until": date(2099, 3, 1)}
        await doctor_searches.told_acceptance(work, rpps, **said, version=1)


async def doctor_events(care: Care, trace: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The last event of each type that the play told, by name."""
    before = len(await care.outbox())
    care.clock.advance(AT - care.clock.now())
    await gp_who_accepts(care)
    patient = await care.made("/v1/patients", anybody(41))
    scopes = ("searches:write", "searches:manage", "searches:answer")
    async with care.connect(*scopes, sub="coordinator", role="coordinator") as http:

        async def post(path: str, body: dict[str, Any]) -> Any:
            answer = await http.post(path, json=body, headers={"Idempotency-Key": path, **trace})
            assert answer.is_success, answer.text
            return answer.json()

        search = await post("/v1/doctor-searches", {"patient_id": patient["id"], "criteria": ["ald"]})
        proposal = await post(f"/v1/doctor-searches/{search['id']}/proposals", {})
        care.clock.advance(timedelta(days=2, hours=1))
        await post(f"/v1/doctor-proposals/{proposal['id']}/accept", {})
    told = (await care.outbox())[before:]
    return {event["type"]: with_fixed_ids(event) for event in told if ".doctor_" in event["type"]}
