"""What the chapters of `make demo` share: who calls, keys of their own, waiting for what happens elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from local_stack.api import Api, Refused
from local_stack.clock import PARIS, today_in_france
from local_stack.ports import StackError
from local_stack.sample import CENTRE, RADIUS_KM, TERRITORY
from local_stack.token import mint

Found = TypeVar("Found")
PATIENCE = 30.0
"""Seconds for what was just done to show elsewhere; it takes less than a few."""
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass
class Teller:
    """Prints what happens, steps numbered through all chapters."""

    _step: int = 0

    def chapter(self, number: int, title: str) -> None:
        print(f"\n{'=' * 80}\n{number}. {title}\n{'=' * 80}", flush=True)

    def __call__(self, title: str, *lines: str) -> None:
        self._step += 1
        print(f"\n({self._step}) {title}", *(f"    {line}" for line in lines), sep="\n", flush=True)


@dataclass
class Play:
    """One run of the play. `run` names it: its keys and its invented people are its own, so it may be repeated."""

    client: httpx.AsyncClient
    folder: Path
    """Where the stack keeps the key that signs tokens."""
    say: Teller
    run: str
    _sent: int = 0
    _callers: dict[tuple[str, str | None, str | None], Api] = field(default_factory=dict)

    def caller(self, role: str, *, rpps: str | None = None, organisation: str | None = None) -> Api:
        """Of the gateway, with a token of that role on the sample territory; each is signed once."""
        asked = (role, rpps, organisation)
        if asked not in self._callers:
            token = mint(self.folder, role, TERRITORY, rpps=rpps, organisation=organisation)
            self._callers[asked] = Api(self.client, token)
        return self._callers[asked]

    async def make(self, by: Api, path: str, body: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
        """Posts JSON, or what `request` says (`files`, `data`), and answers what was made."""
        sent = request or {"json": body or {}}
        made: dict[str, Any] = await by.send("POST", path, key=self._key(), **sent)
        return made

    def _key(self) -> str:
        self._sent += 1
        return f"demo-{self.run}-{self._sent}"

    async def patient(self, by: Api, given_name: str, birth_date: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """An invented patient: the entry, and who it is."""
        name = {"family_name": f"Exemple {self.run.translate(_LETTERS)}", "given_name": given_name}
        who = name | {"birth_date": birth_date}
        return await self.make(by, "/v1/patients", who | {"commune": CENTRE}), who

    @staticmethod
    def consent() -> dict[str, str]:
        """Given today by the patient."""
        about = {"given_by": "patient", "channel": "oral", "text_version": "2026-11"}
        return about | {"given_on": f"{today_in_france()}"}

    async def doctors(self, **wanted: str) -> list[dict[str, Any]]:
        """General practitioners around Redon, the nearest first; `wanted` are filters of the directory."""
        near: dict[str, Any] = {"near": CENTRE, "max_distance_km": RADIUS_KM, **wanted}
        about = {"profession": "10", "specialty": "general-practice"}
        return await self.caller("coordinator").all("/v1/professionals", **about, **near)

    async def slot(self, doctors: list[dict[str, Any]], *, minutes: int) -> dict[str, Any]:
        """The first of these doctors who is free opens `minutes` of the next ones, where they practise."""
        starts = datetime.now(PARIS).replace(microsecond=0) + timedelta(minutes=5)
        times = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(minutes=minutes)).isoformat()}
        for doctor in doctors:
            communes = [it["place"]["commune"] for it in doctor["activities"] if it["place"]["commune"]]
            commune = CENTRE if CENTRE in communes else communes[0]
            about = {"effector": {"rpps": doctor["rpps"]}, "place": {"commune": commune}}
            wanted = about | times | {"mode": "AMB", "audience": ["SNP", "CPTS"]}
            try:
                return await self.make(self.caller("coordinator"), "/v1/slots", wanted)
            except Refused as refusal:
                if refusal.code != "slot_overlap":
                    raise
        raise StackError("every general practitioner is busy in the next minutes; try again later")

    async def survey(self, questionnaire: str, subject: str, respondent: str, topic: str | None, **about: str) -> None:
        """Opens a survey for a month, and answers it by one anonymous link."""
        today, coordinator = today_in_france(), self.caller("coordinator")
        days = {"opens_on": f"{today}", "closes_on": f"{today + timedelta(days=30)}"}
        asked = {"questionnaire": questionnaire, "subject": subject, "respondent": respondent, "topic": topic}
        survey = await self.make(coordinator, "/v1/surveys", asked | days | about)
        (path,) = (await self.make(coordinator, f"/v1/surveys/{survey['id']}/links", {"count": 1}))["paths"]
        answer = await self.client.post(path, data={"overall": "4", "patients": "often"})
        if answer.status_code != httpx.codes.OK:
            raise StackError(f"a survey answers {answer.status_code}")

    async def until(self, look: Callable[[], Awaitable[Found | None]]) -> Found:
        """What it finds in the end. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await look()):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)
        return found


def first_new(people: Collection[str], known: Collection[str]) -> str:
    """The first of `people` who is not among `known`, else the first: a repeated play takes the next one."""
    return next((one for one in people if one not in known), next(iter(people)))
