"""Axis 5: trainees are hosted, students are met, and a professional settles."""

from datetime import timedelta

from local_stack.api import Api
from local_stack.clock import today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play, first_new
from local_stack.demo.surveys import ask
from local_stack.demo.together import hold
from local_stack.sample import CENTRE

_MET = [{"profession": "10", "speaker": True}, {"audience": "student", "people": 6}]
_STAGES = ("visit", "project", "paperwork")


async def _play(play: Play) -> None:
    await _trainee(play)
    session = await hold(play, "student-meeting", "installation", title="Rencontre avec les internes", people=_MET)
    play.say("Students are met, and say what they think of it", f"{session['title']}: session {session['id']}")
    await _installation(play)
    await ask(
        play,
        ("internship", "internship", "trainee", None),
        ("internship", "internship", "host", None),
        ("installation", "installation", "newcomer", None),
    )


CHAPTER = Chapter(
    "Trainees, and professionals who settle",
    ("I-50", "I-51", "I-52", "I-53", "I-54", "I-55", "I-56", "I-57"),
    _play,
)


async def _trainee(play: Play) -> None:
    """A doctor offers to host, with a room, and an intern comes."""
    coordinator, today = play.caller("coordinator"), today_in_france()
    rpps = first_new([it["rpps"] for it in await play.doctors()], await _hosts(coordinator))
    host = play.caller("practitioner", rpps=rpps)
    stay = {"starts_on": f"{today}", "ends_on": f"{today + timedelta(days=180)}"}
    learns = {"profession": "10", "level": "third_cycle"}
    wanted = {"host": rpps, "commune": CENTRE, "places": 1, "housing": "offered"}
    offer = await play.make(host, "/v1/internship-offers", wanted | learns | stay)
    trainee = await play.make(host, "/v1/trainees", {"offer_id": offer["id"], "hosts": [rpps]} | learns | stay)
    play.say("A doctor hosts an intern", f"RPPS {rpps}, until {trainee['ends_on']}, housing {offer['housing']}")


async def _hosts(coordinator: Api) -> set[str]:
    return {rpps for it in await coordinator.all("/v1/trainees") for rpps in it["hosts"]}


async def _installation(play: Play) -> None:
    """From the first contact to the opening; who it is stays sealed, and is forgotten then."""
    coordinator, today = play.caller("coordinator"), today_in_france()
    wanted = {"profession": "60", "communes": [CENTRE], "spouse_job": "enseignement"}
    project = await play.make(coordinator, "/v1/installations", wanted | {"candidate": {"name": "Exemple Charlie"}})
    path = f"/v1/installations/{project['id']}/stage"
    for stage in _STAGES:
        await play.make(coordinator, path, {"stage": stage})
    opening = {"commune": CENTRE, "opened_on": f"{today}"}
    opened = await play.make(coordinator, path, {"stage": "opened", "opening": opening})
    play.say("A nurse settles", f"first_contact, {', '.join(_STAGES)}, {opened['stage']} in {opened['commune']} today")
