"""Axes 2 to 4: professionals learn and work together; sheets, and a campaign for the inhabitants."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from local_stack.clock import today_in_france
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play

_SESSIONS: tuple[tuple[str, str, str | None], ...] = (
    ("epu", "oncology", "chemotherapy-at-home"),
    ("pps-working-session", "oncology", None),
    ("training", "heart-failure", "telemonitoring"),
    ("workshop", "diabetes", "cooking"),
    ("information", "diabetes", "knowing-diabetes"),
    ("exchange", "geriatrics", "frailty"),
    ("training", "tracer", None),
    ("audit", "tracer", None),
    ("public-training", "first-aid", "defibrillator"),
)
"""Kind, topic, theme."""
People: TypeAlias = list[dict[str, Any]]
_PEOPLE: People = [
    {"profession": "10", "speaker": True},
    {"profession": "60", "people": 2},
    {"audience": "student", "people": 3},
]


async def _play(play: Play) -> None:
    words = await play.caller("coordinator").send("GET", "/v1/activity-codes")
    lines = []
    for kind, topic, theme in _SESSIONS:
        session = await hold(play, kind, topic, theme=theme, title=words["session_kinds"][kind]["label"])
        lines.append(f"{session['title']}: {words['topics'][topic]['label']}")
    play.say("Sessions are held; their participants say what they think of them", *lines)
    await _sheet(play)
    await _prevention(play)


CHAPTER = Chapter(
    "Professionals learn and work together",
    (
        *("I-14", "I-15", "I-16", "I-17", "I-18", "I-25", "I-26", "I-27", "I-32", "I-33"),
        *("I-40", "I-41", "I-42", "I-43", "I-45", "I-46", "I-47", "I-48", "I-49"),
    ),
    _play,
)


async def hold(
    play: Play, kind: str, topic: str, *, title: str, theme: str | None = None, people: People | None = None
) -> dict[str, Any]:
    """A session of the last hours, with who came and what a participant thinks of it."""
    coordinator = play.caller("coordinator")
    began = datetime.now(UTC) - timedelta(minutes=90)
    when = {"starts_at": began.isoformat(), "ends_at": (began + timedelta(hours=1)).isoformat()}
    about = {"kind": kind, "title": title, "topic": topic, "theme": theme}
    session = await play.make(coordinator, "/v1/sessions", about | when)
    await play.make(coordinator, f"/v1/sessions/{session['id']}/attendance", {"lines": people or _PEOPLE})
    await play.survey("session-participant", "session", "professional", None, session_id=session["id"])
    return session


async def _sheet(play: Play) -> None:
    """Published by the coordinator, read by the care team: reading is a visit, told when the day is over."""
    coordinator = play.caller("coordinator")
    text = {"title": "Signes d'alerte", "theme": "warning-signs", "body": "Deux kilos en trois jours : appeler."}
    sheet = await play.make(coordinator, "/v1/synthesis-sheets", text)
    await play.make(coordinator, f"/v1/synthesis-sheets/{sheet['id']}/publish")
    await play.caller("care").send("GET", f"/v1/synthesis-sheets/{sheet['id']}")
    play.say("A synthesis sheet is published and read", f"sheet {sheet['id']}")


async def _prevention(play: Play) -> None:
    coordinator, today = play.caller("coordinator"), today_in_france()
    campaign = await play.make(coordinator, "/v1/prevention-campaigns", _campaign(today))
    for kind, people in (("invited", 1200), ("took_part", 380)):
        counted = {"kind": kind, "day": f"{today}", "channel": "letter", "people": people}
        campaign = await play.make(coordinator, f"/v1/prevention-campaigns/{campaign['id']}/counts", counted)
    took_part = f"{campaign['took_part']} of {campaign['population']} took part ({campaign['rate']} %)"
    play.say("A prevention campaign counts whom it reached", took_part)


def _campaign(today: date) -> dict[str, Any]:
    return {
        "kind": "colorectal-screening",
        "title": "Mars bleu",
        "aimed_at": "Habitants de 50 à 74 ans",
        "population": 9500,
        "opens_on": f"{today}",
        "closes_on": f"{today + timedelta(days=30)}",
    }
