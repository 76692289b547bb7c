"""Calls: listed by filter, page by page."""

from typing import Any

import pytest
from dispatch_stage import Dispatch, later


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 3),
        ({"origin": "sas"}, 1),
        ({"state": "waiting"}, 2),
        ({"state": "redirected"}, 1),
        ({"from": later(1)}, 1),
        ({"to": later(1)}, 2),
        ({"limit": 2}, 2),
    ],
)
async def test_lists(dispatch: Dispatch, params: dict[str, Any], count: int) -> None:
    await dispatch.call()
    await dispatch.call(need={"red_flags": ["chest_pain"]})
    dispatch.advance(hours=1)
    latest = await dispatch.call(origin="sas")
    found = await dispatch.get("/calls", **params)
    assert len(found["items"]) == count
    if not params:
        assert found["items"][0]["id"] == latest["id"]


async def test_pages_of_calls(dispatch: Dispatch) -> None:
    made = [(await dispatch.call())["id"] for _ in range(5)]
    first = await dispatch.get("/calls", limit=3)
    second = await dispatch.get("/calls", limit=3, cursor=first["next"])
    assert {it["id"] for it in first["items"] + second["items"]} == set(made)
    assert second["next"] is None
