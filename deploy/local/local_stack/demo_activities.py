"""The second act of `make demo`: what a CPTS does together, one of each kind, and the figures that it moves."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from local_stack.api import Api
from local_stack.clock import today_in_france
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
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Activities:
    """Sessions, surveys, a campaign, a sheet and an expert patient. `run` names this play: its keys are its own."""

    def __init__(
        self, client: httpx.AsyncClient, coordinator: Api, care: Api, run: str, say: Callable[..., None]
    ) -> None:
        self._client, self._coordinator, self._care, self._run, self._say = client, coordinator, care, run, say
        self._sent = 0

    async def play(self, patience: float) -> None:
        before = await self._figures()
        await self._sessions()
        await self._surveys()
        await self._prevention()
        await self._expert()
        async with asyncio.timeout(patience):
            while not _moved(before, after := await self._figures()):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)
        shown = [f"{name}  {after[name]['value']}  {after[name]['label_fr']}" for name in FIGURES]
        self._say("The figures of what was done together have moved", *shown)

    async def _make(self, path: str, body: dict[str, Any], by: Api | None = None) -> dict[str, Any]:
        self._sent += 1
        key = f"demo-{self._run}-activity-{self._sent}"
        made: dict[str, Any] = await (by or self._coordinator).send("POST", path, key=key, json=body)
        return made

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
        answer = await self._client.post(path, data={"overall": "4", "patients": "often"})
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
        today = today_in_france()
        name = {"family_name": f"Exemple {self._run.translate(_LETTERS)}", "given_name": "Camille"}
        patient = await self._make("/v1/patients", name | {"birth_date": "1960-02-03", "commune": "35236"}, self._care)
        consent = {"purpose": "expert-patient", "given_on": f"{today}", "given_by": "patient", "channel": "oral"}
        path = f"/v1/patients/{patient['id']}"
        await self._make(f"{path}/consents", consent | {"text_version": "2026-11"}, self._care)
        await self._make(f"{path}/expert-roles", {"role": "expert", "topic": "diabetes"}, self._care)
        self._say("A patient agrees to be asked as an expert", f"patient {patient['id']}")

    async def _figures(self) -> dict[str, Any]:
        found = [await self._coordinator.send("GET", f"/v1/indicators/{name}") for name in FIGURES]
        return {figure["id"]: figure for figure in found}


def _campaign(today: date) -> dict[str, Any]:
    return {
        "kind": "colorectal-screening",
        "title": "Mars bleu",
        "aimed_at": "Habitants de 50 à 74 ans",
        "population": 9500,
        "opens_on": f"{today}",
        "closes_on": f"{today + timedelta(days=30)}",
    }


def _moved(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return all((after[name]["numerator"] or 0) > (before[name]["numerator"] or 0) for name in FIGURES)
