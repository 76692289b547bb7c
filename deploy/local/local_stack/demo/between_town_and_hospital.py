"""Axis 2: patients are followed between town and hospital (heart failure, lung cancer), with all who take part."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from local_stack.api import Api, Refused
from local_stack.clock import PARIS, hour, today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.hospital import alarm, asked_advice, hospital_account, hospital_tells
from local_stack.demo.play import Play
from local_stack.demo.surveys import ask
from local_stack.demo.team import exchanged, no_news, patient_takes_part, shared_plan
from local_stack.ports import StackError

_STEP = "discharge-doctor"
"""Of heart failure: the regular doctor sees the patient after a stay; it asks for that visit as soon as it is due."""


@dataclass(frozen=True)
class Followed:
    """A patient on a pathway, who they are, and their regular doctor by RPPS number."""

    who: dict[str, Any]
    patient_id: str
    enrolment_id: str
    doctor: str


async def _play(play: Play) -> None:
    people = await play.doctors(snp="true")
    doctors = [it["rpps"] for it in people]
    heart = await _enrolled(play, "heart-failure", "Dominique", "1948-05-06", doctors[0])
    town = await hospital_tells(play, heart.who)
    if town["rpps"] != heart.doctor:
        raise StackError("the hospital was not answered with the regular doctor")
    await _visited(play, heart, people)
    await alarm(play, heart.enrolment_id, doctors[:2])
    await asked_advice(play, heart.patient_id)
    await no_news(play, heart.patient_id)
    cancer = await _enrolled(play, "lung-cancer", "Claude", "1957-08-09", doctors[0])
    await shared_plan(play, cancer.enrolment_id, cancer.doctor)
    await patient_takes_part(play, cancer.enrolment_id)
    await exchanged(play, cancer.enrolment_id, cancer.doctor)
    await _desk(play, heart)
    await ask(
        play,
        ("pathway-patient", "pathway", "patient", "oncology"),
        ("pathway-professional", "pathway", "professional", "oncology"),
        ("pathway-patient", "pathway", "carer", "heart-failure"),
        ("pathway-professional", "pathway", "professional", "heart-failure"),
    )


CHAPTER = Chapter(
    "Patients between town and hospital",
    ("I-11", "I-12", "I-13", "I-20", "I-21", "I-22", "I-23", "I-24"),
    _play,
)


async def _enrolled(play: Play, template: str, given_name: str, birth_date: str, doctor: str) -> Followed:
    """By the care team, with consent; the regular doctor and the hospital join it."""
    care = play.caller("care")
    patient, who = await play.patient(care, given_name, birth_date)
    body = {"patient_id": patient["id"], "template": template, "consent": play.consent()}
    enrolment = await play.make(care, "/v1/enrolments", body)
    joining = ({"rpps": doctor, "role": "regular-doctor"}, {"account": hospital_account(), "role": "hospital-team"})
    for member in joining:
        await play.make(care, f"/v1/patients/{patient['id']}/team", member)
    asked_for = [step for step in enrolment["steps"] if step["state"] != "not_needed"]
    play.say(
        f"A patient agrees and enters a pathway: {enrolment['label']}, version {enrolment['template_version']}",
        f"{len(asked_for)} dated steps, from {asked_for[0]['from_on']} to {max(it['due_on'] for it in asked_for)}",
        f"in the care team: RPPS {doctor} as regular doctor, and the hospital",
    )
    return Followed(who, patient["id"], enrolment["id"], doctor)


async def _visited(play: Play, followed: Followed, people: list[dict[str, Any]]) -> None:
    """The step that fell due asks for a visit, the dispatch books it, the visit closes the step."""
    operator = play.caller("operator")
    call = await play.until(lambda: _call(play, operator, followed))
    booking = await _booked(play, operator, call["id"], await play.slot(people, minutes=10))
    seen = await play.until(lambda: _visit(play, followed, "booked"))
    practitioner = play.caller("practitioner", rpps=booking["practitioner_rpps"])
    await play.make(practitioner, f"/v1/bookings/{booking['id']}/fulfil")
    done = await play.until(lambda: _done(play, followed))
    play.say(
        f"The step is due and asks for its visit: {done['label']}",
        f"call {call['id']} of origin {call['origin']}, with a pseudonym and no name, before {hour(call['deadline'])}",
        f"the dispatch books it: {hour(booking['starts_at'])}; on the pathway it is {seen['state']}",
        f"the visit is honoured: the step is {done['state']}, proved by a {done['proof']}",
    )


async def _call(play: Play, operator: Api, followed: Followed) -> dict[str, Any] | None:
    """The call has the id of the visit; the dispatch opens it once it has heard that it is asked for."""
    asked = await _visit(play, followed, "asked")
    if asked is None:
        return None
    try:
        call: dict[str, Any] = await operator.send("GET", f"/v1/calls/{asked['id']}")
    except Refused as refusal:
        if refusal.code == "call_not_found":
            return None
        raise
    return call


async def _visit(play: Play, followed: Followed, state: str) -> dict[str, Any] | None:
    found = await play.caller("care").send("GET", f"/v1/enrolments/{followed.enrolment_id}")
    step = next(it for it in found["steps"] if it["code"] == _STEP)
    told = [it for it in found["visits"] if it["step_id"] == step["id"] and it["state"] == state]
    return told[0] if told else None


async def _done(play: Play, followed: Followed) -> dict[str, Any] | None:
    found = await play.caller("care").send("GET", f"/v1/enrolments/{followed.enrolment_id}")
    step: dict[str, Any] = next(it for it in found["steps"] if it["code"] == _STEP)
    return step if step["state"] == "done" else None


async def _booked(play: Play, operator: Api, call_id: str, slot: dict[str, Any]) -> dict[str, Any]:
    hold = await play.make(operator, f"/v1/calls/{call_id}/holds", {"slot_id": slot["id"]})
    return await play.make(operator, f"/v1/holds/{hold['id']}/confirm", {"token": hold["token"]})


async def _desk(play: Play, followed: Followed) -> None:
    """What the care team does this week, and everything of one patient."""
    care = play.caller("care")
    last = today_in_france() + timedelta(days=7)
    over = datetime.combine(last + timedelta(days=1), time(), PARIS)
    steps = [it async for it in care.each("/v1/steps", open="true", due_before=over.isoformat())]
    mine = [it for it in steps if it["patient_id"] == followed.patient_id]
    moments = await care.send("GET", f"/v1/patients/{followed.patient_id}/timeline", params={"limit": 200})
    past = [it for it in reversed(moments["items"]) if datetime.fromisoformat(it["at"]) <= datetime.now(UTC)]
    play.say(
        "The desk of the care team: what is due this week, and the timeline of one patient",
        f"{len(steps)} steps of its patients are due until {last}; of this one:",
        *(f"  until {it['due_on']}  {it['label']} ({it['role']})" for it in mine),
        "until now:",
        *(f"  {hour(it['at'])}  {it['kind']}  {it['label'] or ''}" for it in past),
    )
