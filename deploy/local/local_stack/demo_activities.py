"""The second act of `make demo`: what a CPTS does together, one of each kind, and the figures that it moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from local_stack.api import Api
from local_stack.clock import today_in_france
from local_stack.demo_play import Play
from local_stack.ports import StackError

FIGURES = (
    *("I-13", "I-14", "I-15", "I-16", "I-27", "I-34", "I-38", "I-43"),
    *("I-45", "I-46", "I-51", "I-54", "I-57", "I-64"),
)
"""Those that one evening of each kind moves."""
_TOPICS = {
    "workshop": "diabetes",
    "training": "tracer",
    "information": "diabetes",
    "crisis": "crisis",
    "pps-working-session": "oncology",
}
_SURVEYS = (
    ("pathway-patient", "pathway", "patient", "oncology"),
    ("pathway-patient", "pathway", "carer", "oncology"),
    ("pathway-professional", "pathway", "professional", "oncology"),
    ("needs-professional", "pathway", "professional", "addiction"),
    ("internship", "internship", "trainee", None),
    ("internship", "internship", "host", None),
    ("installation", "installation", "newcomer", None),
)
"""Questionnaire, what it is about, who answers, topic."""
_PEOPLE = [
    {"profession": "10", "speaker": True},
    {"profession": "60", "people": 2},
    {"audience": "student", "people": 3},
]


class Activities:
    """Sessions, surveys, a campaign, a sheet and an expert patient."""

    def __init__(self, play: Play) -> None:
        self._play, self._say = play, play.say
        self._coordinator, self._care = play.caller("coordinator"), play.caller("care")

    async def play(self) -> None:
        before = await self._play.figures(FIGURES)
        await self._sessions()
        await self._surveys()
        await self._prevention()
        await self._expert()
        after = await self._play.moved(before)
        shown = [f"{name}  {after[name]['value']}  {after[name]['label_fr']}" for name in FIGURES]
        self._say("The figures of what was done together have moved", *shown)

    async def _make(self, path: str, body: dict[str, Any], by: Api | None = None) -> dict[str, Any]:
        return await self._play.make(by or self._coordinator, path, body)

    async def _sessions(self) -> None:
        words = await self._coordinator.send("GET", "/v1/activity-codes")
        lines = []
        for kind, about in words["session_kinds"].items():
            session = await self._hold(kind, about["label"])
            asked = ("session-participant", "session", "professional", None)
            await self._survey(asked, session_id=session["id"])
            lines.append(f"{about['label']}: {session['id']}")
        self._say("One session of each kind is held, and its participants say what they think of it", *lines)

    async def _hold(self, kind: str, title: str) -> dict[str, Any]:
        began = datetime.now(UTC) - timedelta(minutes=90)
        when = {"starts_at": began.isoformat(), "ends_at": (began + timedelta(hours=1)).isoformat()}
        session = await self._make("/v1/sessions", {"kind": kind, "title": title, "topic": _TOPICS.get(kind)} | when)
        await self._make(f"/v1/sessions/{session['id']}/attendance", {"lines": _PEOPLE})
        return session

    async def _surveys(self) -> None:
        for asked in _SURVEYS:
            await self._survey(asked)
        self._say("Each other questionnaire is answered, by anonymous links", *(", ".join(it[:3]) for it in _SURVEYS))

    async def _survey(self, asked: tuple[str, str, str, str | None], **about: str) -> None:
        questionnaire, subject, respondent, topic = asked
        body = {"questionnaire": questionnaire, "subject": subject, "respondent": respondent, "topic": topic} | about
        today = today_in_france()
        days = {"opens_on": f"{today}", "closes_on": f"{today + timedelta(days=30)}"}
        survey = await self._make("/v1/surveys", body | days)
        (path,) = (await self._make(f"/v1/surveys/{survey['id']}/links", {"count": 1}))["paths"]
        answer = await self._play.client.post(path, data={"overall": "4", "patients": "often"})
        if answer.status_code != httpx.codes.OK:
            raise StackError(f"a survey answers {answer.status_code}")

    async def _prevention(self) -> None:
        today = today_in_france()
        campaign = await self._make("/v1/prevention-campaigns", _campaign(today))
        for kind, people in (("invited", 1200), ("took_part", 380)):
            counted = {"kind": kind, "day": f"{today}", "channel": "letter", "people": people}
            campaign = await self._make(f"/v1/prevention-campaigns/{campaign['id']}/counts", counted)
        text = {"title": "Signes d'alerte", "theme": "warning-signs", "body": "Deux kilos en trois jours : appeler."}
        sheet = await self._make("/v1/synthesis-sheets", text)
        await self._make(f"/v1/synthesis-sheets/{sheet['id']}/publish", {})
        await self._care.send("GET", f"/v1/synthesis-sheets/{sheet['id']}")
        took_part = f"{campaign['took_part']} of {campaign['population']} took part ({campaign['rate']} %)"
        told = (took_part, f"sheet {sheet['id']}")
        self._say("A prevention campaign counts, a synthesis sheet is published and read", *told)

    async def _expert(self) -> None:
        patient, _ = await self._play.patient(self._care, "Camille", "1960-02-03")
        path = f"/v1/patients/{patient['id']}"
        await self._make(f"{path}/consents", self._play.consent() | {"purpose": "expert-patient"}, self._care)
        await self._make(f"{path}/expert-roles", {"role": "expert", "topic": "diabetes"}, self._care)
        self._say("A patient agrees to be asked as an expert", f"patient {patient['id']}")


def _campaign(today: date) -> dict[str, Any]:
    return {
        "kind": "colorectal-screening",
        "title": "Mars bleu",
        "aimed_at": "Habitants de 50 à 74 ans",
        "population": 9500,
        "opens_on": f"{today}",
        "closes_on": f"{today + timedelta(days=30)}",
    }
