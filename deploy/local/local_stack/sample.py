"""The sample territory, loaded over HTTP like any client would: professionals, who takes part, free slots.

Safe to repeat at every start: it looks first and adds only what is missing.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local_stack.checkout import DEPLOY
from local_stack.ports import StackError
from local_stack.terminal import Terminal
from local_stack.token import mint

TERRITORY, CENTRE, RADIUS_KM = "pays-de-redon", "35236", 30
DAY_EFFECTORS, NIGHT_EFFECTORS = 40, 4
"""General practitioners with slots; the territory has 52, and at least ten stay without any."""
RPPS_FILE = DEPLOY / "reference" / "rpps_sample.txt"
PATIENCE = 120.0
"""Seconds for the import, and for the dispatch to hear of the professionals."""
_NOT_HEARD_YET = {"effector_unknown", "not_participating"}


@dataclass(frozen=True)
class Hours:
    """Half an hour of each hour, every day of the week, local time."""

    starts: str
    ends: str


DAY, NIGHT = Hours("08:00", "20:00"), Hours("20:00", "08:00")


async def load_sample(gateway_url: str, run_dir: Path, terminal: Terminal) -> None:
    """Raises StackError with what the gateway answered when it refuses."""
    token = mint(run_dir, "coordinator", TERRITORY)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=gateway_url, headers=headers, timeout=60) as client:
        api = _Api(client)
        await _ensure_imported(api, terminal)
        practitioners = await api.all("/v1/professionals", **_PRACTITIONERS)
        await _take_part(api, practitioners)
        added = await _publish(api)
        terminal.say(
            f"stack: sample of {TERRITORY}: {len(practitioners)} general practitioners, {added} new availabilities"
        )


_PRACTITIONERS = {"profession": "10", "specialty": "general-practice", "territory": TERRITORY}


async def _ensure_imported(api: "_Api", terminal: Terminal) -> None:
    """Imports the sample file unless an import has completed; one that still runs is waited for."""
    runs = [await _settled(api, run) for run in await api.all("/v1/imports")]
    if any(run["state"] == "completed" for run in runs):
        return
    terminal.say("stack: importing the sample professionals")
    body = {"files": {"file": (RPPS_FILE.name, RPPS_FILE.read_bytes(), "text/plain")}}
    run = await api.send("POST", "/v1/imports/rpps", key=f"sample-import-{_today()}-{len(runs)}", **body)
    run = await _settled(api, run)
    if run["state"] != "completed":
        raise StackError(f"the import of the sample is {run['state']}: {run['failure']}")


async def _settled(api: "_Api", run: dict[str, Any]) -> dict[str, Any]:
    """The import when it has ended, or as it stands when patience has."""
    end = time.monotonic() + PATIENCE
    while run.get("state", "queued") in {"queued", "running"} and time.monotonic() < end:
        await asyncio.sleep(0.1)
        run = await api.send("GET", f"/v1/imports/{run['id']}")
    return run


async def _take_part(api: "_Api", practitioners: list[dict[str, Any]]) -> None:
    for person in practitioners:
        if not person["snp_participation"]:
            path = f"/v1/professionals/{person['rpps']}/participation"
            await api.send("PUT", path, json={"participates": True})


async def _publish(api: "_Api") -> int:
    """Completes the availabilities to the wanted number; returns how many were added."""
    existing = {(one["effector"].get("rpps"), one["starts"][:5]) async for one in api.each("/v1/availabilities")}
    near = await _places_near(api)
    added = 0
    for hours, wanted in ((DAY, DAY_EFFECTORS), (NIGHT, NIGHT_EFFECTORS)):
        for rpps in list(near)[:wanted]:
            if (rpps, hours.starts) not in existing:
                await _publish_hours(api, rpps, near[rpps], hours)
                added += 1
    return added


async def _places_near(api: "_Api") -> dict[str, str]:
    """RPPS -> commune where that general practitioner sees patients near the centre, the nearest first."""
    communes = {one["insee_code"] async for one in api.each("/v1/communes", near=CENTRE, max_distance_km=RADIUS_KM)}
    people = await api.all("/v1/professionals", **_PRACTITIONERS, near=CENTRE, max_distance_km=RADIUS_KM)
    places = {
        person["rpps"]: [a["place"]["commune"] for a in person["activities"] if a["place"]["commune"] in communes]
        for person in people
    }
    return {rpps: found[0] for rpps, found in places.items() if found}


async def _publish_hours(api: "_Api", rpps: str, commune: str, hours: Hours) -> None:
    """Waits until the dispatch has heard of the practitioner: events take their time."""
    body = {
        "effector": {"rpps": rpps},
        "place": {"commune": commune},
        "mode": "AMB",
        "audience": ["SNP", "CPTS"],
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": hours.starts,
        "ends": hours.ends,
        "slot_minutes": 30,
        "every_minutes": 60,
        "valid_from": _today(),
        "valid_until": None,
    }
    end = time.monotonic() + PATIENCE
    while True:
        try:
            await api.send("POST", "/v1/availabilities", key=f"sample-{rpps}-{hours.starts}-{_today()}", json=body)
            return
        except Refused as refusal:
            if refusal.code not in _NOT_HEARD_YET or time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


def _today() -> str:
    """The calendar day in France."""
    return datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()


class Refused(StackError):
    """An answer that is no success, with the code of its problem."""

    def __init__(self, request: str, answer: httpx.Response) -> None:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        self.code = problem.get("code")
        super().__init__(f"sample: {request} answers {answer.status_code} {self.code}: {problem.get('detail')}")


class _Api:
    """The gateway, with its conventions: pages, keys, "come back later"."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, method: str, path: str, *, key: str | None = None, **request: Any) -> Any:
        """The body of a success. Raises Refused."""
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            answer = await self._client.request(method, path, headers=headers, **request)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        if not answer.is_success:
            raise Refused(f"{method} {path}", answer)
        return answer.json()

    async def each(self, path: str, **filters: str | int) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        parameters: dict[str, str | int] = {**filters, "limit": 200}
        while True:
            page = await self.send("GET", path, params=parameters)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            parameters["cursor"] = page["next"]

    async def all(self, path: str, **filters: str | int) -> list[dict[str, Any]]:
        return [item async for item in self.each(path, **filters)]
