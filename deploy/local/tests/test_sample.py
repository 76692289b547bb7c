"""The whole system, for real: it becomes ready with the sample that the documentation promises, and again."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from local_stack.sample import CENTRE, RADIUS_KM, TERRITORY
from local_stack.stack import Stack
from local_stack.token import mint

PRACTITIONERS = {"profession": "10", "specialty": "general-practice", "territory": TERRITORY}
DAYS = 14


async def test_the_sample_has_free_slots_in_every_hour_and_is_loaded_once(tmp_path: Path) -> None:
    async with Stack.on_free_ports(tmp_path / "run", sample=True) as stack, _client(stack) as client:
        people = await _all(client, "/v1/professionals", **PRACTITIONERS)
        assert len(people) == 52
        assert all(person["snp_participation"] for person in people)
        availabilities = await _all(client, "/v1/availabilities")
        with_slots = {one["effector"]["rpps"] for one in availabilities}
        assert with_slots <= {person["rpps"] for person in people}
        assert len(people) - len(with_slots) >= 10
        assert await _hours_without_a_slot(client) == []
        runs = [one["id"] for one in await _all(client, "/v1/imports")]
        assert runs
    async with Stack.on_free_ports(tmp_path / "run", sample=True) as stack, _client(stack) as client:
        assert len(await _all(client, "/v1/availabilities")) == len(availabilities)
        assert [one["id"] for one in await _all(client, "/v1/imports")] == runs


async def _hours_without_a_slot(client: httpx.AsyncClient) -> list[str]:
    """The hours of the next fourteen days, from the next one on, in which no free slot near the centre starts."""
    near = {one["insee_code"] for one in await _all(client, "/v1/communes", near=CENTRE, max_distance_km=RADIUS_KM)}
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    hours = [first + timedelta(hours=n) for n in range(DAYS * 24 - 1)]
    period = {"from": first.isoformat(), "to": (hours[-1] + timedelta(hours=1)).isoformat()}
    slots = await _all(client, "/v1/slots", state="free", **period)
    served = {datetime.fromisoformat(slot["starts_at"]).replace(minute=0) for slot in slots if _commune(slot) in near}
    return [hour.isoformat() for hour in hours if hour not in served]


def _commune(slot: dict[str, Any]) -> str:
    return str(slot["place"]["commune"])


def _client(stack: Stack) -> httpx.AsyncClient:
    token = mint(stack.run_dir, "coordinator", TERRITORY)
    return httpx.AsyncClient(base_url=stack.gateway_url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


async def _all(client: httpx.AsyncClient, path: str, **filters: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    parameters = {**filters, "limit": 200}
    while True:
        answer = await client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        page = json.loads(answer.text)
        items += page["items"]
        if page["next"] is None:
            return items
        parameters["cursor"] = page["next"]
