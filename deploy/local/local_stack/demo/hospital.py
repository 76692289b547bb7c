"""Of the chapter between town and hospital: a stay is told, an alarm of telemonitoring, a request for advice."""

import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from kit.standard_webhooks import key_of, signature
from local_stack.clock import hour, today_in_france
from local_stack.demo.play import Play
from local_stack.ports import StackError
from local_stack.sample import TERRITORY

_ESTABLISHMENT = "990010001"
"""A FINESS number of the synthetic sample."""
_CARDIOLOGIST = "99000009993"
"""An invented RPPS number, outside those of the sample."""


def hospital_account() -> str:
    """The account of the hospital's software, as a member of care teams."""
    return f"hospital@{TERRITORY}"


async def hospital_tells(play: Play, who: dict[str, Any]) -> dict[str, Any]:
    """Of an emergency visit and of the stay after it, which ends today. Answers who is to be called in town."""
    hospital, today = play.caller("hospital", organisation=_ESTABLISHMENT), today_in_france()
    came = {"motive": "heart-failure", "arrived_on": f"{today - timedelta(days=5)}", **who}
    urgent = {"kind": "ed_visit", "left_on": came["arrived_on"], "destination": "hospitalised"}
    await play.make(hospital, "/v1/stays", came | urgent | {"number": f"U-{play.run}"})
    stayed = {"kind": "stay", "entry": "ed", "left_on": f"{today}", "destination": "home"}
    told = await play.make(hospital, "/v1/stays", came | stayed | {"number": f"S-{play.run}"})
    town: dict[str, Any] = told["town_contact"]
    play.say(
        "The hospital tells of an emergency visit, of the stay after it, and of its end",
        f"stay {told['stay_id']}: discharged today, so the steps after a discharge begin",
        f"it is answered with one contact in town: {town['role']} RPPS {town['rpps']}, or {town['label']}",
    )
    return town


async def alarm(play: Play, enrolment_id: str, doctors: list[str]) -> None:
    """A connected scale raises an alarm; the first of the on-call order takes it, and says what came of it."""
    coordinator, care = play.caller("coordinator"), play.caller("care")
    order = {"label": "Astreinte insuffisance cardiaque", "members": [{"rpps": rpps} for rpps in doctors]}
    group = await play.make(coordinator, "/v1/duty-groups", order)
    scale = {"label": "Balance connectée", "group_id": group["id"]}
    platform = await play.make(coordinator, "/v1/alarm-platforms", scale)
    ref = await play.make(care, f"/v1/enrolments/{enrolment_id}/alarm-refs", {"platform_id": platform["id"]})
    await _signed(play, platform, {"ref": ref["ref"], "code": "telemonitoring-alarm"})
    patients = await care.send("GET", f"/v1/enrolments/{enrolment_id}")
    (raised,) = (await care.send("GET", f"/v1/patients/{patients['patient_id']}/alarms"))["items"]
    asked = play.caller("practitioner", rpps=raised["asked_now"])
    await play.make(asked, f"/v1/alarms/{raised['id']}/acknowledge")
    closed = await play.make(asked, f"/v1/alarms/{raised['id']}/close", {"outcome": "treatment_changed"})
    play.say(
        "A connected scale raises an alarm, signed by its platform",
        f"asked first: RPPS {raised['asked_now']}; without an answer the next one at {hour(raised['next_at'])}",
        f"it is taken by {closed['acknowledged_by']} and {closed['state']}: {closed['outcome']}",
    )


async def _signed(play: Play, platform: dict[str, Any], said: dict[str, str]) -> None:
    """As Standard Webhooks 1.0 says; the signature is the only proof."""
    body, message, now = json.dumps(said).encode(), str(uuid4()), str(int(time.time()))
    proof = signature(key_of(platform["secret"]), message, now, body)
    headers = {"webhook-id": message, "webhook-timestamp": now, "webhook-signature": proof}
    taken = await play.client.post(
        platform["path"], content=body, headers=headers | {"content-type": "application/json"}
    )
    if taken.status_code != httpx.codes.ACCEPTED:
        raise StackError(f"an alarm answers {taken.status_code}")


async def asked_advice(play: Play, patient_id: str) -> None:
    """The care team asks a cardiologist, who answers before the delay is over."""
    question = {
        "kind": "teleexpertise",
        "specialty": "cardiology",
        "question": "Prise de trois kilos en une semaine malgré le traitement : faut-il l'adapter ?",
        "rpps": _CARDIOLOGIST,
        "patient_id": patient_id,
        "patient_informed": True,
    }
    asked = await play.make(play.caller("care"), "/v1/advice", question)
    cardiologist = play.caller("practitioner", rpps=_CARDIOLOGIST)
    answer = {"answer": "Oui, et revoir le poids dans trois jours."}
    answered = await play.make(cardiologist, f"/v1/advice/{asked['id']}/answer", answer)
    play.say(
        "A cardiologist is asked for advice (téléexpertise) and answers",
        f"due before {hour(asked['due_at'])}; {answered['state']} {hour(answered['closed_at'])}",
    )
