"""A started dispatch for tests: clients by role, what they send, what came of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from contracts.envelope import NATIONAL
from contracts.examples import an_ed_call
from kit.clock import FixedClock
from kit.runtime import Runtime
from kit.testing.harness import Issuer, client, connected
from kit.work import Work
from snp_dispatch.main import build
from snp_dispatch.settings import Settings
from snp_dispatch.store import effectors
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.fire_timers import fire_timers
from snp_dispatch.usecases.timed import handlers

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday, nine in the morning in France."""
HERE, ELSEWHERE = "pays-de-redon", "haute-saintonge"
DOCTOR, OTHER_DOCTOR, NURSE, STRANGER = "99000000093", "99000000101", "99000000119", "99000000127"
CLINIC = "990010001"
REDON, ALLAIRE, RENNES = "35236", "56001", "35238"

_OPEN = "directory:read slots:read calls:read"
_DESK = f"{_OPEN} waitlist:read"
ROLES = {
    "ed": f"{_OPEN} calls:write calls:contact bookings:write",
    "operator": f"{_DESK} calls:write calls:contact bookings:write bookings:outcome bookings:overbook "
    "assignments:write",
    "practitioner": f"{_OPEN} slots:write bookings:write bookings:outcome bookings:overbook calls:write calls:contact "
    "compensation:read",
    "coordinator": f"{_DESK} slots:write slots:write:any bookings:outcome bookings:overbook assignments:write "
    "policies:write grants:write compensation:read",
    "care": f"{_OPEN} calls:write bookings:write",
}


def a_call(**changes: Any) -> dict[str, Any]:
    """The body of the contract; a dict in `changes` merges into that member, anything else replaces it."""
    return an_ed_call(**changes)


def later(hours: float) -> str:
    """The instant `hours` from NOW."""
    return (NOW + timedelta(hours=hours)).isoformat()


def a_slot(hours: float = 4, **changes: Any) -> dict[str, Any]:
    """Half an hour, `hours` from now, in Redon."""
    starts = NOW + timedelta(hours=hours)
    return {
        "effector": {"rpps": DOCTOR},
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(minutes=30)).isoformat(),
        "place": {"commune": REDON},
        "mode": "AMB",
        "audience": ["SNP", "CPTS"],
        **changes,
    }


@dataclass
class Dispatch:
    """A started dispatch, and clients by role."""

    app: FastAPI
    settings: Settings
    issuer: Issuer
    clock: FixedClock
    stack: AsyncExitStack
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    @property
    def rules(self) -> Rules:
        rules: Rules = self.runtime.extras["rules"]
        return rules

    def token(self, role: str, **claims: Any) -> str:
        claims = {"role": role, "sub": role, **claims}
        return self.issuer.token(*ROLES[role].split(), **claims)

    async def client(self, role: str, **claims: Any) -> httpx.AsyncClient:
        name = f"{role} {sorted(claims.items())}"
        if name not in self._clients:
            found = await self.stack.enter_async_context(connected(self.app, self.token(role, **claims)))
            self._clients[name] = found
        return self._clients[name]

    async def post(
        self, path: str, body: Any = None, *, role: str = "ed", key: str | None = None, **claims: Any
    ) -> httpx.Response:
        http = await self.client(role, **claims)
        return await http.post(f"/v1{path}", json=body, headers={"Idempotency-Key": key or uuid4().hex})

    async def put(self, path: str, body: Any, *, role: str = "coordinator", **claims: Any) -> httpx.Response:
        http = await self.client(role, **claims)
        return await http.put(f"/v1{path}", json=body, headers={"Idempotency-Key": uuid4().hex})

    async def made(self, path: str, body: Any = None, *, role: str = "ed", status: int = 201, **claims: Any) -> Any:
        """The body of a POST that must succeed."""
        answer = await self.post(path, body, role=role, **claims)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def refused(self, path: str, body: Any = None, *, role: str = "ed", **claims: Any) -> tuple[int, str]:
        """Status and code of a POST."""
        answer = await self.post(path, body, role=role, **claims)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"]

    async def get(self, path: str, *, role: str = "ed", claims: dict[str, Any] | None = None, **params: Any) -> Any:
        http = await self.client(role, **(claims or {}))
        answer = await http.get(f"/v1{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def slot(self, hours: float = 4, **changes: Any) -> Any:
        return await self.made("/slots", a_slot(hours, **changes), role="coordinator")

    async def call(self, **changes: Any) -> Any:
        return await self.made("/calls", a_call(**changes))

    async def held(self, call: Any, slot: Any) -> Any:
        return await self.made(f"/calls/{call['id']}/holds", {"slot_id": slot["id"]})

    async def booked(self, hours: float = 4, **changes: Any) -> Any:
        """A booking of a new slot."""
        await self.slot(hours)
        call = await self.call(mode="book", **changes)
        assert call["state"] == "booked", call
        return call["booking"]

    async def system(self, run: Callable[[Work], Awaitable[Any]]) -> Any:
        """Runs a job once, as the worker's timer would do it."""
        async with self.runtime.system.work(NATIONAL) as work:
            return await run(work)

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """What the database holds, of all territories."""
        async with self.runtime.system.work(NATIONAL) as work:
            return [dict(row) for row in await work.fetch(sql, *args)]

    async def told(self, *kinds: str) -> list[dict[str, Any]]:
        """Events in the order in which they were told; `kinds` such as `hold.expired`."""
        rows = await self.rows("SELECT type, territory, body::text AS body FROM outbox ORDER BY seq")
        names = {f"fr.cpts.snp-dispatch.{kind}.v1" for kind in kinds}
        return [row for row in rows if not kinds or row["type"] in names]

    def advance(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    def rewind(self) -> None:
        self.clock.advance(NOW - self.clock.now())


async def fire(dispatch: Dispatch) -> int:
    """Fires the timers that are due, as the worker would do it."""

    async def run(work: Work) -> int:
        return await fire_timers(work, dispatch.runtime.db, handlers(dispatch.rules))

    return int(await dispatch.system(run))


async def seed(work: Work) -> None:
    """Two general practitioners and a nurse who take part, one practitioner who does not, a structure."""
    people = [
        (DOCTOR, "Nolwenn VALZEMERIC", "10", ("general-practice",)),
        (OTHER_DOCTOR, "Tangi KERZULIC", "10", ("general-practice",)),
        (NURSE, "Soazig PLOUZELEC", "60", ()),
        (STRANGER, "Malo TREVZENOC", "10", ("general-practice",)),
    ]
    for number, name, profession, specialties in people:
        await effectors.apply(
            work,
            number=number,
            kind="person",
            name=name,
            profession=profession,
            specialties=specialties,
            listed=True,
            version=1,
        )
    await effectors.apply(
        work,
        number=CLINIC,
        kind="structure",
        name="Centre de santé de Redon",
        profession=None,
        specialties=(),
        listed=True,
        version=1,
    )
    for number in (DOCTOR, OTHER_DOCTOR, NURSE):
        await effectors.apply_participation(work, rpps=number, participates=True, version=1)


async def seed_all(runtime: Runtime) -> None:
    """The people of the tests, in both territories."""
    for territory in (HERE, ELSEWHERE):
        async with runtime.db.work(territory) as work:
            await seed(work)


@asynccontextmanager
async def started(settings: Settings, issuer: Issuer) -> AsyncIterator[Dispatch]:
    """The web process on a seeded database, at NOW."""
    clock = FixedClock(NOW)
    async with AsyncExitStack() as stack:
        app = build(settings, clock)
        await stack.enter_async_context(client(app))
        dispatch = Dispatch(app, settings, issuer, clock, stack)
        await seed_all(dispatch.runtime)
        yield dispatch
