"""One event of each type of hospital stays, advice and alarms, made by the code that tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from activity_samples import with_fixed_ids
from enrolling import Care, anybody
from monitoring import monitored

from contracts.envelope import NATIONAL
from kit.context import current_trace
from pathways.usecases.raise_alarm import escalate_alarms

_ENTITIES = ("stay", "advice", "alarm")
AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
"""The play begins then, whatever was played before."""


async def hospital_events(care: Care, trace: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The last event of each type that the play told, by name."""
    before = len(await care.outbox())
    care.clock.advance(AT - care.clock.now())
    await _stays(care, trace)
    await _advice(care, trace)
    await _alarms(care, trace)
    told = (await care.outbox())[before:]
    return {event["type"]: with_fixed_ids(event) for event in told if event["type"].split(".")[3] in _ENTITIES}


async def _stays(care: Care, trace: dict[str, str]) -> None:
    about = anybody(31)
    await care.enrolment((await care.made("/v1/patients", about))["id"])
    who = {name: about[name] for name in ("family_name", "given_name", "birth_date")}
    came = {"number": "1", "kind": "stay", "motive": "heart-failure", "entry": "ed", "arrived_on": "2026-11-27"}
    left = {"left_on": "2026-11-30", "destination": "home"}
    gone = came | {"number": "2", "cancelled": True}
    async with care.connect("stays:write", sub="hospital", organisation="350000022", client_class="machine") as http:
        for key, stay in enumerate((gone, came | left)):
            keyed = {"Idempotency-Key": f"stay-{key}", **trace}
            answer = await http.post("/v1/stays", json=who | stay, headers=keyed)
            assert answer.status_code == 200, answer.text


async def _advice(care: Care, trace: dict[str, str]) -> None:
    asked = {"kind": "teleexpertise", "specialty": "cardiology", "question": "Un avis ?", "rpps": "99000000016"}
    group = {"label": "Cardiologues", "members": [{"rpps": "99000000016"}, {"rpps": "99000000024"}]}
    async with (
        care.connect("advice:write", "duties:write", sub="gp", rpps="99000000093") as gp,
        care.connect("advice:write", sub="cardiologist", rpps="99000000016") as cardiologist,
    ):

        async def post(http: Any, path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await http.post(path, json=body, headers={"Idempotency-Key": f"{path}-{body}", **trace})
            assert answer.status_code in (200, 201), answer.text
            found: dict[str, Any] = answer.json()
            return found

        shared = (await post(gp, "/v1/duty-groups", group))["id"]
        other = await post(gp, "/v1/advice", {**asked, "rpps": None, "group_id": shared})
        await post(cardiologist, f"/v1/advice/{other['id']}/decline", {"reason": "unavailable"})
        await post(gp, f"/v1/advice/{other['id']}/withdraw", {})
        one = await post(gp, "/v1/advice", asked)
        await post(cardiologist, f"/v1/advice/{one['id']}/answer", {"answer": "Oui."})


async def _alarms(care: Care, trace: dict[str, str]) -> None:
    patient = (await care.made("/v1/patients", anybody(32)))["id"]
    enrolment = await care.enrolment(patient, template="heart-failure", started_on="2026-12-01")
    people = ("99000000016", "99000000024")
    async with (
        care.connect("duties:write", sub="coordinator", role="coordinator") as desk,
        care.connect("alarms:answer", sub="cardiologist", rpps=people[0]) as first,
    ):
        path = await monitored(care, desk, enrolment["id"], people)
        await path.send(trace)
        care.clock.advance(timedelta(hours=3))
        current_trace.set(None)
        async with care.runtime.system.work(NATIONAL, correlation_id="sample") as work:
            await escalate_alarms(work, 10)
        (alarm,) = (await care.get(f"/v1/patients/{patient}/alarms"))["items"]
        for verb, body in (("acknowledge", None), ("close", {"outcome": "treatment_changed"})):
            keyed = {"Idempotency-Key": verb, **trace}
            answer = await first.post(f"/v1/alarms/{alarm['id']}/{verb}", json=body, headers=keyed)
            assert answer.status_code == 200, answer.text
