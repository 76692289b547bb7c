"""Hospitals that tell of stays, in tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from enrolling import CAMILLE, Care

CHIRC, ELSEWHERE = "350000022", "440000289"

WHO = {name: CAMILLE[name] for name in ("family_name", "given_name", "birth_date")}

STAY: dict[str, Any] = {
    "number": "S-1",
    "kind": "stay",
    "motive": "heart-failure",
    "entry": "ed",
    "arrived_on": "2026-11-10",
}

HOME = {"left_on": "2026-11-23", "destination": "home"}


@asynccontextmanager
async def hospital(care: Care, finess: str | None = CHIRC, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An establishment's information system."""
    about = {"sub": f"hospital-{finess}", "role": "hospital", "client_class": "machine", "organisation": finess}
    async with care.connect("stays:write", **about | claims) as http:
        yield http


async def tell(http: httpx.AsyncClient, key: str, **stay: Any) -> httpx.Response:
    return await http.post("/v1/stays", json=STAY | WHO | stay, headers={"Idempotency-Key": key})


async def enrolled(care: Care, **changes: Any) -> dict[str, Any]:
    """Camille, with heart failure."""
    return await care.enrolment(template="heart-failure", **{"started_on": "2026-11-09"} | changes)


async def stays_of(care: Care, patient_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await care.get(f"/v1/patients/{patient_id}/stays"))["items"]
    return found
