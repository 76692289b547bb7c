"""What tests of periods share: the people who move them, and a quarter that is over."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

Q3 = "2026-Q3"
IN_Q3 = datetime(2026, 8, 12, 8, tzinfo=UTC)
BOARD = ("indicators:read", "periods:submit", "periods:approve")


async def move(http: httpx.AsyncClient, verb: str, period: str = Q3, **options: Any) -> httpx.Response:
    """Submits, approves, locks or reopens; a reason is given where one is asked for."""
    headers = {"Idempotency-Key": str(uuid4()), **options.pop("headers", {})}
    json = {"reason": "Présences saisies après coup"} if verb == "reopen" else None
    return await http.post(f"/v1/periods/{period}/{verb}", headers=headers, json=options.get("json", json))


async def moved(http: httpx.AsyncClient, *verbs: str, period: str = Q3) -> dict[str, Any]:
    """One after the other, all of them accepted; answers what the period is then."""
    body: dict[str, Any] = {}
    for verb in verbs:
        body = (await move(http, verb, period)).raise_for_status().json()
    return body
