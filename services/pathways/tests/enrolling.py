"""A started service with the clock in hand, and made-up patients."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
from fastapi import FastAPI

from contracts.envelope import NATIONAL, Event, Payload
from contracts.registry import BY_PAYLOAD
from kit.clock import Clock, FixedClock
from kit.runtime import Runtime
from kit.testing.harness import Issuer, client, connected
from pathways.main import build
from pathways.settings import PathwaysSettings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TERRITORY, OTHER = "pays-de-redon", "haute-saintonge"
READ, WRITE, IDENTITY = "pathways:read", "pathways:write", "patients:identity"
TEAM, EMERGENCY, AUDIT = "patients:team", "patients:emergency", "patients:audit"

CAMILLE = {
    "family_name": "Exemplaire-Dupré",
    "given_name": "Camille",
    "birth_date": "1957-03-14",
    "commune": "35236",
    "sex": "female",
    "phone": "+33639980012",
    "ins": "257033523600190",
    "identity_status": "qualified",
}
"""Nobody: a made-up name, a telephone number kept for fiction (ARCEP), an identifier with a key that holds."""

CONSENT = {"given_on": "2026-11-20", "given_by": "patient", "channel": "written", "text_version": "2026-11"}


def anybody(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Another made-up patient for each number, without national identifier."""
    plain = {key: value for key, value in CAMILLE.items() if key not in ("ins", "identity_status")}
    return {**plain, "family_name": f"Patient{_letters(number)}", **changes}


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@dataclass
class Care:
    """A care team member's client of a started service."""

    app: FastAPI
    http: httpx.AsyncClient
    issuer: Issuer
    clock: FixedClock
    _keys: Iterator[int] = field(default_factory=itertools.count)

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    def connect(self, *scopes: str, **claims: Any) -> Any:
        """One more client, as a context manager."""
        return connected(self.app, self.issuer.token(*scopes, **claims))

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.http.post(path, json=body, headers={"Idempotency-Key": f"k{next(self._keys)}", **headers})

    async def made(self, path: str, body: dict[str, Any], status: int = 201, **headers: str) -> dict[str, Any]:
        """What a POST that must succeed answers."""
        answer = await self.post(path, body, **headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def patient(self, **changes: Any) -> dict[str, Any]:
        return await self.made("/v1/patients", {**CAMILLE, **changes})

    async def enrolment(self, patient_id: str | None = None, **changes: Any) -> dict[str, Any]:
        """A new enrolment in the lung cancer pathway, of Camille unless another patient is named."""
        patient_id = patient_id or (await self.patient())["id"]
        body = {"patient_id": patient_id, "template": "lung-cancer", "started_on": "2026-11-23", "consent": CONSENT}
        return await self.made("/v1/enrolments", {**body, **changes})

    async def outbox(self) -> list[dict[str, Any]]:
        """Every event told so far, the oldest first."""
        async with self.runtime.system.work(NATIONAL) as work:
            return [orjson.loads(row["body"]) for row in await work.fetch("SELECT body FROM outbox ORDER BY seq")]

    async def told(self, payload: type[Payload]) -> list[dict[str, Any]]:
        """What the events of one type said."""
        return [event["data"] for event in await self.outbox() if event["type"] == BY_PAYLOAD[payload].name]

    async def count(self, table: str) -> int:
        async with self.runtime.system.work(NATIONAL) as work:
            return int(await work.fetchval(f"SELECT count(*) FROM {table}"))


@asynccontextmanager
async def started(settings: PathwaysSettings, issuer: Issuer, clock: Clock | None = None) -> AsyncIterator[Care]:
    """The service, by default at the fixed instant NOW."""
    fixed = FixedClock(NOW)
    app = build(settings, clock or fixed)
    token = issuer.token(READ, WRITE, IDENTITY, TEAM, EMERGENCY, role="care", sub="nurse-1", organisation="CHIRC")
    async with client(app, token) as http:
        # Ids sort by time of creation, to the millisecond: two requests never come at the same one.
        http.event_hooks["request"] = [lambda _: _advance(fixed)]
        yield Care(app, http, issuer, fixed)


async def _advance(clock: FixedClock) -> None:
    clock.advance(timedelta(milliseconds=1))


def step(enrolment: dict[str, Any], key: str) -> dict[str, Any]:
    """A step of an enrolment by its key."""
    return next(item for item in enrolment["steps"] if item["key"] == key)


def event_of(payload: Payload, version: int, *, at: datetime = NOW, territory: str = TERRITORY) -> Event[Any]:
    """The payload in its envelope, as its owner's relay publishes it."""
    kind = BY_PAYLOAD[type(payload)]
    return kind.envelope(
        id=uuid4(),
        source=kind.source,
        type=kind.name,
        time=at,
        subject=str(getattr(payload, kind.aggregate_id)),
        territory=territory,
        aggregateversion=version,
        correlationid="test",
        data=payload,
    )
