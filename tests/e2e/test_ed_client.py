"""The example of docs/integration-ed.md, run against a whole stack: what it shows is what works."""

import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest

from local_stack.stack import Stack
from tests.e2e.calls import Client, Token, keyed


@pytest.fixture(scope="module")
def example(pytestconfig: pytest.Config) -> ModuleType:
    path: Path = pytestconfig.rootpath / "docs" / "examples" / "ed_client.py"
    spec = importlib.util.spec_from_file_location("ed_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def department(example: ModuleType, stack: Stack, token: Token) -> Any:
    organisation = f"Hospital {uuid4().hex[:8]}"
    return example.DispatchClient(
        stack.gateway_url, lambda: token("ed", organisation=organisation, sub=organisation), timeout=30
    )


def some(events: Iterator[tuple[str, dict[str, Any]]], count: int) -> list[tuple[str, dict[str, Any]]]:
    """The next events, from a thread of its own: the client of the example waits."""
    found: list[tuple[str, dict[str, Any]]] = []
    reader = threading.Thread(target=lambda: found.extend(next(events) for _ in range(count)), daemon=True)
    reader.start()
    reader.join(20)
    return found


async def test_one_shot_then_its_story_with_a_break(department: Any, example: ModuleType, client: Client) -> None:
    ((ready_id, ready),) = some(department.follow(), 1)
    assert ready["event"] == "ready"
    key = uuid4().hex
    call = department.book(example.NEED, key)
    assert call["state"] == "booked"
    assert department.book(example.NEED, key) == call
    ((booked_id, booked),) = some(department._listen("/v1/events", ready_id), 2)[1:]
    assert (booked["event"], booked["call_id"]) == ("booked", call["id"])
    # The connection is gone; meanwhile the patient gives up.
    operator = client("operator")
    path = f"/v1/bookings/{call['booking']['id']}/cancel"
    answer = await operator.post(path, json={"reason": "recovered", "by": "patient"}, headers=keyed())
    assert answer.status_code == 200, answer.text
    resumed = department._listen("/v1/events", booked_id)
    ((_, again), (_, cancelled)) = some(resumed, 2)
    assert (again["event"], cancelled["event"], cancelled["by"]) == ("ready", "cancelled", "patient")
    assert department.state(call["id"]) == "cancelled"
    story = some(department.follow(path=f"/v1/calls/{call['id']}/events"), 3)
    assert [event["event"] for _, event in story] == ["ready", "booked", "cancelled"]


async def test_a_choice_of_which_the_first_is_taken(department: Any, example: ModuleType, client: Client) -> None:
    other = client("operator")
    picked: list[str] = []

    def pick(proposals: list[dict[str, Any]]) -> str:
        slot = str(proposals[0]["slot_id"])
        if not picked:
            headers = dict(other.headers)
            with httpx.Client(base_url=other.base_url, headers=headers, timeout=30) as rival:
                theirs = rival.post("/v1/calls", json={**example.NEED, "mode": "propose"}, headers=keyed()).json()
                held = rival.post(f"/v1/calls/{theirs['id']}/holds", json={"slot_id": slot}, headers=keyed())
                assert held.status_code == 201, held.text
        picked.append(slot)
        return slot

    booking = department.choose(example.NEED, pick)
    assert len(picked) == 2
    assert booking["slot_id"] == picked[1] != picked[0]
