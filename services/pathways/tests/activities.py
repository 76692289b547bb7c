"""A coordinator who runs group activities, a professional who takes part, and the routes that they use."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from enrolling import Care

PLAN, READ, ATTEND = "activities:write", "activities:read", "activities:attend"
ASK, RESULTS = "surveys:write", "surveys:read"
GP, NURSE = "99000000016", "99000000032"

ANY = UUID("00000000-0000-4000-8000-000000000000")
ROUTES = (
    ("GET", "/v1/activity-codes", (READ,)),
    ("POST", "/v1/sessions", (PLAN,)),
    ("GET", "/v1/sessions", (READ,)),
    ("GET", f"/v1/sessions/{ANY}", (READ,)),
    ("PUT", f"/v1/sessions/{ANY}", (PLAN,)),
    ("POST", f"/v1/sessions/{ANY}/cancel", (PLAN,)),
    ("POST", f"/v1/sessions/{ANY}/invitations", (PLAN,)),
    ("GET", f"/v1/sessions/{ANY}/invitations", (READ,)),
    ("POST", f"/v1/sessions/{ANY}/invitations/{GP}/answer", (ATTEND,)),
    ("POST", f"/v1/sessions/{ANY}/invitations/{GP}/withdraw", (PLAN,)),
    ("POST", f"/v1/sessions/{ANY}/attendance", (PLAN,)),
    ("GET", f"/v1/sessions/{ANY}/attendance", (PLAN,)),
    ("POST", f"/v1/sessions/{ANY}/documents", (PLAN,)),
    ("GET", f"/v1/sessions/{ANY}/documents", (READ,)),
    ("GET", f"/v1/sessions/{ANY}/documents/{ANY}/file", (READ,)),
    ("POST", f"/v1/sessions/{ANY}/documents/{ANY}/withdraw", (PLAN,)),
    ("GET", f"/v1/sessions/{ANY}/sheet.pdf", (PLAN,)),
    ("GET", f"/v1/sessions/{ANY}/attendance/{ANY}/certificate.pdf", (ATTEND,)),
    ("GET", "/v1/questionnaires", (RESULTS,)),
    ("POST", "/v1/surveys", (ASK,)),
    ("GET", "/v1/surveys", (RESULTS,)),
    ("GET", f"/v1/surveys/{ANY}", (RESULTS,)),
    ("POST", f"/v1/surveys/{ANY}/links", (ASK,)),
    ("POST", f"/v1/surveys/{ANY}/close", (ASK,)),
    ("GET", f"/v1/surveys/{ANY}/results", (RESULTS,)),
    ("POST", "/v1/prevention-campaigns", (PLAN,)),
    ("GET", "/v1/prevention-campaigns", (READ,)),
    ("GET", f"/v1/prevention-campaigns/{ANY}", (READ,)),
    ("POST", f"/v1/prevention-campaigns/{ANY}/counts", (PLAN,)),
    ("GET", f"/v1/prevention-campaigns/{ANY}/counts", (READ,)),
    ("POST", f"/v1/prevention-campaigns/{ANY}/counts/{ANY}/withdraw", (PLAN,)),
    ("POST", f"/v1/prevention-campaigns/{ANY}/close", (PLAN,)),
    ("POST", "/v1/synthesis-sheets", (PLAN,)),
    ("GET", "/v1/synthesis-sheets", (READ,)),
    ("GET", f"/v1/synthesis-sheets/{ANY}", (READ,)),
    ("PUT", f"/v1/synthesis-sheets/{ANY}", (PLAN,)),
    ("POST", f"/v1/synthesis-sheets/{ANY}/publish", (PLAN,)),
    ("POST", f"/v1/synthesis-sheets/{ANY}/withdraw", (PLAN,)),
    ("GET", "/v1/sheet-visits?first=2026-11-01&last=2026-11-30", (PLAN,)),
    ("POST", f"/v1/patients/{ANY}/expert-roles", ("patients:team",)),
    ("POST", f"/v1/expert-roles/{ANY}/end", ("patients:team",)),
    ("GET", "/v1/expert-roles", ("pathways:read",)),
)
"""Routes of group activities, each with the scopes it wants."""
PUBLIC = (
    "/v1/survey-answers/{territory}~{secret}",
    "/v1/my-care/{territory}~{secret}",
    "/v1/telemonitoring-alarms/{territory}~{platform_id}",
)
"""Answered without a token: the address itself is the secret."""
SCOPES = (PLAN, READ, ATTEND, ASK, RESULTS)
TENANT = (
    *("session", "session_invitation", "attendance", "session_document"),
    *("survey", "survey_link", "survey_answer"),
    *("prevention_campaign", "campaign_entry", "synthesis_sheet", "sheet_version", "document_visit", "expert_role"),
)

EPU: dict[str, Any] = {
    "kind": "epu",
    "theme": "chemotherapy-at-home",
    "title": "Suites de chimiothérapie en ville",
    "starts_at": "2026-11-23T08:00:00Z",
    "ends_at": "2026-11-23T10:00:00Z",
    "place": "Salle des conférences",
}
"""Began an hour before NOW."""


SURVEY: dict[str, Any] = {
    "questionnaire": "pathway-patient",
    "respondent": "patient",
    "subject": "pathway",
    "topic": "oncology",
    "opens_on": "2026-11-23",
    "closes_on": "2026-12-31",
}


CAMPAIGN: dict[str, Any] = {
    "kind": "colorectal-screening",
    "title": "Mars bleu",
    "aimed_at": "Habitants de 50 à 74 ans",
    "population": 9500,
    "population_source": "Assurance maladie",
    "opens_on": "2026-11-01",
    "closes_on": "2026-12-31",
}
SHEET = {"title": "Signes d'alerte", "theme": "warning-signs", "body": "Deux kilos en trois jours : appeler."}


@dataclass
class Desk:
    """A client of the service with the scopes of a role."""

    http: httpx.AsyncClient
    _keys: Iterator[int] = field(default_factory=itertools.count)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        options = {"json": {} if body is None else body} | options if "files" not in options else options
        return await self.http.post(path, headers={"Idempotency-Key": f"a{next(self._keys)}"}, **options)

    async def made(self, path: str, body: Any = None, status: int = 201, **options: Any) -> Any:
        answer = await self.post(path, body, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def held(self, lines: list[dict[str, Any]], **changes: Any) -> Any:
        """A session that took place, with these lines."""
        session = await self.made("/v1/sessions", EPU | changes)
        await self.made(f"/v1/sessions/{session['id']}/attendance", {"lines": lines}, status=200)
        return session


@asynccontextmanager
async def coordinating(care: Care, *more: str, **claims: Any) -> AsyncIterator[Desk]:
    """The coordinator's client."""
    claims = {"role": "coordinator", "sub": "coordinator-1"} | claims
    async with care.connect(*SCOPES, *more, **claims) as http:
        http.event_hooks["request"] = care.http.event_hooks["request"]
        yield Desk(http)


@asynccontextmanager
async def practising(care: Care, rpps: str = GP) -> AsyncIterator[Desk]:
    """A professional's client."""
    async with care.connect(READ, ATTEND, role="practitioner", sub=f"p-{rpps}", rpps=rpps) as http:
        http.event_hooks["request"] = care.http.event_hooks["request"]
        yield Desk(http)
