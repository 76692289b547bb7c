"""A coordinator at the desk of the association, on a clock that tests turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest_asyncio

SCOPES = ("association:read", "association:write", "association:vote", "directory:read", "directory:history")
KEYS = count(1)


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Desk:
    """A coordinator's client, with the verbs of the association."""

    def __init__(self, directory: Any, http: Any, calendar: Calendar, people: list[str]) -> None:
        self.directory, self.http, self.calendar = directory, http, calendar
        self._people = iter(people)

    def beside(self, directory_client: Any) -> "Desk":
        """The same verbs with the token of somebody else."""
        return Desk(self.directory, directory_client, self.calendar, ["99000000093"])

    async def post(self, path: str, **body: Any) -> Any:
        return await self.http.post(path, json=body, headers={"Idempotency-Key": str(next(KEYS))})

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def joins(self, category: str = "self-employed", kind: str = "adherent", **more: Any) -> dict[str, Any]:
        """Somebody new."""
        who = more or {"rpps": next(self._people)}
        body = {"kind": kind, "category": category, "joined_on": "2026-03-01", **who}
        answer = await self.post("/v1/members", **body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def seat(self, member: dict[str, Any], body: str, role: str = "member", on: str = "2026-03-01") -> Any:
        return await self.post("/v1/mandates", member_id=member["id"], body=body, role=role, started_on=on)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[Desk]:
    calendar = Calendar()
    settings = await new_settings(templates.sampled)
    token = {"role": "coordinator", "sub": "coordinator"}
    async with start(settings, issuer, calendar) as directory, directory.connect(*SCOPES, **token) as http:
        items = (await http.get("/v1/professionals", params={"limit": 200})).json()["items"]
        yield Desk(directory, http, calendar, [it["rpps"] for it in items])
