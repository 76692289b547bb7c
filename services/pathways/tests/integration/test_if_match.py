"""Whoever changes something may say which version they read; two who change it at once do not undo each other."""

import asyncio
from typing import Any

import httpx
import pytest
from activities import EPU, SHEET, coordinating
from enrolling import Care

GROUP = {"label": "Astreinte", "members": [{"rpps": "99000000016"}]}
CHANGED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("/v1/sessions", EPU, "title"),
    ("/v1/synthesis-sheets", SHEET, "title"),
    ("/v1/duty-groups", GROUP, "label"),
)


async def put(http: httpx.AsyncClient, path: str, body: dict[str, Any], version: str) -> httpx.Response:
    return await http.put(path, json=body, headers={"If-Match": version})


@pytest.mark.parametrize(("path", "body", "field"), CHANGED, ids=[it[0] for it in CHANGED])
async def test_who_read_an_older_version_does_not_overwrite(
    care: Care, path: str, body: dict[str, Any], field: str
) -> None:
    async with coordinating(care, "duties:write") as desk:
        own = f"{path}/{(await desk.made(path, body))['id']}"
        first = await put(desk.http, own, body | {field: "Un"}, '"1"')
        assert (first.status_code, first.headers["ETag"], first.json()["version"]) == (200, '"2"', 2)
        stale = await put(desk.http, own, body | {field: "Deux"}, '"1"')
        assert (stale.status_code, stale.json()["code"], stale.headers["ETag"]) == (412, "version_mismatch", '"2"')
        both = await asyncio.gather(*(put(desk.http, own, body | {field: it}, '"2"') for it in ("Trois", "Quatre")))
        assert sorted(it.status_code for it in both) == [200, 412]
        (kept,) = (it.json()[field] for it in both if it.status_code == 200)
        anyhow = await put(desk.http, own, body | {field: kept}, "*")
        assert (anyhow.status_code, anyhow.json()["version"]) == (200, 4)
