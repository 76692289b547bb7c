"""A directory that brings webhooks to a receiver on this machine, and what plays events on it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from directory_receiver import Receiver, bring

from contracts.envelope import Event
from contracts.registry import BY_NAME
from directory.usecases.relay_event import relay_event
from kit.testing.samples import samples

HERE, ME = "pays-de-redon", "99000000093"
PARTNER = {"kind": "partner", "id": "CHIRC"}
SCOPES = ("webhooks:write", "channels:read", "channels:write", "calls:read", "directory:read", "directory:history")
BOOKED, NOT_SEEN = "fr.cpts.snp-dispatch.booking.confirmed.v1", "fr.cpts.snp-dispatch.call.not_seen.v1"


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def opened(http: Any, receiver: Receiver, **over: Any) -> Any:
    body = {"owner": PARTNER, "address": f"{receiver.url}/{uuid4().hex}", "events": ["snp-dispatch"]} | over
    return await http.post("/v1/webhooks", json=body, headers=key())


async def serving(stage: Any, http: Any, receiver: Receiver, **over: Any) -> dict[str, Any]:
    """A webhook that answered its test."""
    answer = await opened(http, receiver, **over)
    assert answer.status_code == 201, answer.text
    await bring(stage)
    assert [it["type"] for it in receiver.bodies()][-1:] == ["fr.cpts.directory.webhook.test.v1"]
    receiver.taken.clear()
    found: dict[str, Any] = answer.json()
    return found


def sample(name: str, territory: str = HERE, later: timedelta = timedelta(0), **data: Any) -> Event[Any]:
    """The golden sample of an event, as one that has not been seen yet."""
    (body,) = samples(BY_NAME[name].payload)
    time = (datetime.now(UTC) + later).isoformat()
    body = body | {"id": str(uuid4()), "time": time, "territory": territory, "data": body["data"] | data}
    event: Event[Any] = BY_NAME[name].envelope.model_validate(body)
    return event


async def happen(stage: Any, event: Event[Any]) -> int:
    async with stage.runtime.db.work(event.territory) as work:
        return await relay_event(work, stage.runtime.extras["reference"].relayed, event)


async def deliveries(http: Any, webhook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    answer = await http.get(f"/v1/webhooks/{webhook['id']}/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items
