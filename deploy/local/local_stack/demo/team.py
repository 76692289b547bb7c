"""Of the chapter between town and hospital: plan, notebook, the patient themself, exchanges, an alert."""

from typing import Any

import httpx

from local_stack.clock import hour
from local_stack.demo.play import Play
from local_stack.ports import StackError


async def shared_plan(play: Play, enrolment_id: str, doctor: str) -> None:
    """The personal care plan (PPS) is published, the regular doctor has read it; a note goes into the notebook."""
    care, regular = play.caller("care"), play.caller("practitioner", rpps=doctor)
    goals = {"goals": ["Marcher une demi-heure chaque jour"]}
    plan = await play.make(care, f"/v1/enrolments/{enrolment_id}/care-plans", goals)
    await play.make(regular, f"/v1/care-plans/{plan['id']}/acknowledge")
    paper = await care.send("GET", f"/v1/care-plans/{plan['id']}")
    said = {"kind": "observation", "text": "Pansement refait, propre"}
    note = await play.make(care, f"/v1/enrolments/{enrolment_id}/notes", said)
    await play.make(regular, f"/v1/enrolments/{enrolment_id}/notes/read", {"note_ids": [note["id"]]})
    readers = (await care.send("GET", f"/v1/notes/{note['id']}/readers"))["items"]
    read = sum(it["acknowledged_at"] is not None for it in paper["recipients"])
    play.say(
        f"The personal care plan (PPS) is published, version {plan['number']}",
        f"for {len(paper['recipients'])} recipients, of whom {read} has read it",
        f"a note stands in the liaison notebook, read by {len(readers)}",
    )


async def patient_takes_part(play: Play, enrolment_id: str) -> None:
    """Behind their own link, opened by a code: the patient reads the plan and reports an event."""
    care = play.caller("care")
    link = await play.make(care, f"/v1/enrolments/{enrolment_id}/patient-links", {"holder": "patient"})
    code = (await care.send("GET", f"/v1/patient-links/{link['id']}/code"))["code"]
    space = await _sent(play, link["path"], {"code": code, "action": "acknowledge"})
    report = {"opened": space["opened"], "action": "report", "kind": "fever", "text": "38,2 depuis ce matin"}
    told = await _sent(play, link["path"], report)
    notes = await care.send("GET", f"/v1/enrolments/{enrolment_id}/notes", params={"event": "true"})
    play.say(
        "The patient opens their own link, has read the plan, and reports a fever",
        f"they read: {told['told']}",
        f"the care team finds {len(notes['items'])} event in the notebook, unread: {notes['unread']}",
    )


async def _sent(play: Play, path: str, form: dict[str, str]) -> dict[str, Any]:
    answer = await play.client.post(path, data=form, headers={"Accept": "application/json"})
    if answer.status_code != httpx.codes.OK:
        raise StackError(f"the space of the patient answers {answer.status_code}")
    found: dict[str, Any] = answer.json()
    return found


async def exchanged(play: Play, enrolment_id: str, doctor: str) -> None:
    """Two professionals write to each other on the patient."""
    care, regular = play.caller("care"), play.caller("practitioner", rpps=doctor)
    about = {"enrolment_id": enrolment_id, "subject": "Entre deux cures", "participants": [{"rpps": doctor}]}
    thread = await play.make(care, "/v1/threads", about)
    path = f"/v1/threads/{thread['id']}"
    await play.make(care, f"{path}/messages", {"text": "Fièvre depuis ce matin : pouvez-vous passer ?"})
    (asked,) = (await regular.send("GET", f"{path}/messages"))["items"]
    await play.make(regular, f"{path}/messages/read", {"message_ids": [asked["id"]]})
    await play.make(regular, f"{path}/messages", {"text": "Je passe à midi."})
    await play.make(care, f"{path}/close")
    messages = (await care.send("GET", f"{path}/messages"))["items"]
    play.say("Two professionals write to each other on the patient", f"{len(messages)} messages; exchange closed")


async def no_news(play: Play, patient_id: str) -> None:
    """Somebody of the care team finds the door closed and raises the alert of the pathway; it is taken and closed."""
    care = play.caller("care")
    alone = {"template": "isolated-elderly", "criteria": {"isolated": True, "in-care-home": False}}
    body = {"patient_id": patient_id, "consent": play.consent(), **alone}
    enrolment = await play.make(care, "/v1/enrolments", body)
    raised = await play.make(care, f"/v1/enrolments/{enrolment['id']}/alerts", {"code": "no-news"})
    asked = play.caller("practitioner", rpps=raised["asked_now"])
    path = f"/v1/alarms/{raised['alarm_id']}"
    await play.make(asked, f"{path}/acknowledge")
    closed = await play.make(asked, f"{path}/close", {"outcome": "visit"})
    play.say(
        f"Nobody opens: a professional raises an alert of the pathway {enrolment['label']}",
        f"asked first: RPPS {raised['asked_now']}; without an answer the next one at {hour(raised['next_at'])}",
        f"it is taken by {closed['acknowledged_by']} and {closed['state']}: {closed['outcome']}",
    )
