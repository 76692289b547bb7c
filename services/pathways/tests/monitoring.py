"""A platform of telemonitoring that signs what it sends, and an on-call group that answers it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from enrolling import Care

from kit.standard_webhooks import key_of, signature


@dataclass
class Platform:
    """One that knows one patient."""

    care: Care
    path: str
    secret: str
    ref: str

    async def send(
        self, more: dict[str, str] | None = None, *, late: float = 0, secret: str | None = None, **said: Any
    ) -> httpx.Response:
        """An alarm, signed; `more` are headers that replace what would be sent, an empty one is left out."""
        body = json.dumps({"ref": self.ref, "code": "telemonitoring-alarm", "weight": 92.5, **said}).encode()
        key = key_of(secret or self.secret)
        sent, at = (more or {}).get("webhook-id", str(uuid4())), str(int(self.care.clock.now().timestamp() - late))
        headers = {
            "webhook-id": sent,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,AAAA {signature(key, sent, at, body)}",
            "content-type": "application/json",
        } | (more or {})
        given = {name: value for name, value in headers.items() if value}
        transport = httpx.ASGITransport(self.care.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://platform") as http:
            return await http.post(self.path, content=body, headers=given)


async def monitored(care: Care, desk: httpx.AsyncClient, enrolment_id: str, people: Iterable[str]) -> Platform:
    """The coordination opens a platform for a new group; the care team gives it a reference."""
    members = {"label": "Astreinte", "members": [{"rpps": it} for it in people]}

    async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await desk.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    group = await post("/v1/duty-groups", members)
    platform = await post("/v1/alarm-platforms", {"label": "Balance connectée", "group_id": group["id"]})
    ref = await care.made(f"/v1/enrolments/{enrolment_id}/alarm-refs", {"platform_id": platform["id"]}, 200)
    return Platform(care, platform["path"], platform["secret"], ref["ref"])
