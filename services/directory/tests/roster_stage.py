"""A roster of a vaccination centre and calls on it, for tests."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

DOCTOR, OTHER_DOCTOR, NURSE = "99000000093", "99000000283", "99000002388"


class Rosters:
    """One roster of three days, opened at the first use; shifts begin `start` hours after it opens."""

    def __init__(self, directory: Any, http: Any, opens: datetime, *, told: int) -> None:
        self.directory, self.http, self.opens, self.roster = directory, http, opens, ""
        self._told = told

    async def open(self, **change: Any) -> Any:
        body = {"name": "Centre de vaccination", "kind": "vaccination", "commune": "35236"}
        day = self.opens.date()
        body |= {"starts_on": str(day), "ends_on": str(day + timedelta(days=2))} | change
        return await self.http.post("/v1/rosters", json=body, headers=_key())

    def path(self, *more: str) -> str:
        return "/".join(["/v1/rosters", self.roster, *more])

    def times(self, start: int = 1) -> dict[str, Any]:
        starts_at = self.opens + timedelta(hours=start)
        ends_at = starts_at + timedelta(hours=3 if start < 3 else 1)
        return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "seats": 30}

    async def shift(self, start: int = 1, **change: Any) -> str:
        self.roster = self.roster or (await self.open()).json()["id"]
        body = {"shifts": [self.times(start) | change]}
        answer = await self.http.post(self.path("shifts"), json=body, headers=_key())
        assert answer.status_code == 201, answer.text
        (created,) = answer.json()["ids"]
        return str(created)

    async def take(self, shift: str, rpps: str) -> Any:
        return await self.http.put(f"/v1/shifts/{shift}/sign-ups/{rpps}")

    async def refused(self, shift: str, rpps: str) -> tuple[int, str]:
        answer = await self.take(shift, rpps)
        return answer.status_code, answer.json()["code"]

    async def leave(self, shift: str, rpps: str) -> Any:
        return await self.http.post(f"/v1/shifts/{shift}/sign-ups/{rpps}/withdraw", headers=_key())

    async def note(self, shift: str, rpps: str, *, present: bool) -> Any:
        return await self.http.put(f"/v1/shifts/{shift}/presences/{rpps}", json={"present": present})

    async def shifts(self, **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.http.get(self.path("shifts"), params=params)).json()["items"]
        return items

    async def participation(self, **params: Any) -> list[dict[str, Any]]:
        answer = await self.http.get(self.path("participation"), params=params)
        counts: list[dict[str, Any]] = answer.json()["counts"]
        return counts

    async def people(self, number: int) -> list[str]:
        found = await self.directory.get("/v1/professionals", profession="10", territory="mine", limit=number)
        return [item["rpps"] for item in found["items"]]

    async def told(self, *names: str) -> list[str]:
        types = [event["type"] for event in (await self.directory.outbox())[self._told :]]
        short = [it.removeprefix("fr.cpts.directory.").removesuffix(".v1") for it in types]
        return [it for it in short if it in names]


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}
