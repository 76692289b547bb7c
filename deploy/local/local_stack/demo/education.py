"""Axis 3: therapeutic education (ETP) for diabetes and alcohol, who is trained for it, patients asked as experts."""

from typing import Any

from local_stack.api import Api
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play, first_new
from local_stack.demo.surveys import ask

_STATEMENT = "etp_trained"


async def _play(play: Play) -> None:
    await _assessed(play, "type-2-diabetes", "educational-assessment", "diabetes", name="Sacha", born="1961-04-05")
    await _assessed(play, "alcohol", "shared-assessment", "able-to-build", name="Maxime", born="1970-10-11")
    await _trained(play)
    await _expert(play)
    await ask(
        play,
        ("pathway-patient", "pathway", "patient", "diabetes"),
        ("pathway-professional", "pathway", "professional", "diabetes"),
        ("pathway-patient", "pathway", "carer", "addiction"),
        ("pathway-professional", "pathway", "professional", "addiction"),
        ("needs-professional", "pathway", "professional", "addiction"),
    )


CHAPTER = Chapter(
    "Learning to live with an illness: diabetes, alcohol",
    ("I-28", "I-29", "I-30", "I-31", "I-34", "I-35", "I-36", "I-37", "I-38", "I-39"),
    _play,
)


async def _assessed(play: Play, template: str, step: str, criterion: str, *, name: str, born: str) -> None:
    """A patient enters the pathway, and the first talk (*bilan éducatif partagé*) takes place."""
    care = play.caller("care")
    patient, _ = await play.patient(care, name, born)
    agreed = {"consent": play.consent(), "criteria": {criterion: True}}
    enrolment = await play.make(care, "/v1/enrolments", {"patient_id": patient["id"], "template": template} | agreed)
    talk = next(it for it in enrolment["steps"] if it["code"] == step)
    done = await play.make(care, f"/v1/steps/{talk['id']}/done", {"proof": {"kind": "declaration"}})
    play.say(
        f"A patient enters a pathway, and the first talk takes place: {enrolment['label']}",
        f"{done['label']}: {done['state']}; the workshops are counted from this day",
    )


async def _trained(play: Play) -> None:
    coordinator = play.caller("coordinator")
    rpps = first_new([it["rpps"] for it in await play.doctors()], await _attested(coordinator))
    said = {"value": ["training_40h", "diabetes"], "source": "coordinator"}
    told = await coordinator.send("PUT", f"/v1/professionals/{rpps}/statements/{_STATEMENT}", json=said)
    play.say(
        "The territory attests who is trained in therapeutic education", f"RPPS {rpps}: {', '.join(told['labels'])}"
    )


async def _attested(coordinator: Api) -> set[str]:
    return {it["about"] for it in await coordinator.all("/v1/statements", kind=_STATEMENT)}


async def _expert(play: Play) -> None:
    care = play.caller("care")
    patient, _ = await play.patient(care, "Camille", "1960-02-03")
    path = f"/v1/patients/{patient['id']}"
    await play.make(care, f"{path}/consents", play.consent() | {"purpose": "expert-patient"})
    expert: dict[str, Any] = await play.make(care, f"{path}/expert-roles", {"role": "expert", "topic": "diabetes"})
    play.say("A patient agrees to be asked as an expert", f"role {expert['role']}, on {expert['topic']}")
