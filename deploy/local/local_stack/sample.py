"""The sample territory, loaded over HTTP like any client would: professionals, who takes part, free slots.

Safe to repeat at every start: it looks first and adds only what is missing.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from local_stack.api import Api, Refused
from local_stack.checkout import DEPLOY
from local_stack.clock import today_in_france
from local_stack.ports import StackError
from local_stack.terminal import Terminal
from local_stack.token import mint

TERRITORY, CENTRE, RADIUS_KM = "pays-de-redon", "35236", 30
DAY_EFFECTORS, NIGHT_EFFECTORS = 40, 4
"""General practitioners with slots; the territory has 52, and at least ten stay without any."""
RPPS_FILE = DEPLOY / "reference" / "rpps_sample.txt"
FILES = (
    ("rpps", "rpps", RPPS_FILE.name),
    ("finess", "finess-structures", "finess_geoloc_sample.csv"),
    ("finess", "finess-equipments", "finess_equipements_sample.csv"),
)
"""Route, source of the run, file in `deploy/reference`; in the order in which they are imported."""
PATIENCE = 120.0
"""Seconds for the import, and for the dispatch to hear of the professionals."""
_NOT_HEARD_YET = {"effector_unknown", "not_participating"}


@dataclass(frozen=True)
class Hours:
    """Half an hour of each hour, every day of the week, local time. A night belongs to the day on which it begins."""

    starts: str
    ends: str
    first_day: int
    """Days from today."""


DAY, NIGHT = Hours("08:00", "20:00", 0), Hours("20:00", "08:00", -1)
DAYS_AHEAD = 14


async def load_sample(gateway_url: str, run_dir: Path, terminal: Terminal) -> None:
    """Raises StackError with what the gateway answered when it refuses."""
    token = mint(run_dir, "coordinator", TERRITORY)
    async with httpx.AsyncClient(base_url=gateway_url, timeout=60) as client:
        api = Api(client, token)
        await _ensure_imported(api, terminal)
        practitioners = await api.all("/v1/professionals", **_PRACTITIONERS)
        await _take_part(api, practitioners)
        added = await _publish(api)
        made = "" if await _slots_made(api) else f"; their slots are not made for {DAYS_AHEAD} days yet"
        told = f"{len(practitioners)} general practitioners, {added} new availabilities{made}"
        terminal.say(f"stack: sample of {TERRITORY}: {told}")


_PRACTITIONERS = {"profession": "10", "specialty": "general-practice", "territory": TERRITORY}


async def _ensure_imported(api: Api, terminal: Terminal) -> None:
    """Imports each sample file unless its source was imported; a run that is under way is waited for."""
    runs = [await _settled(api, run) for run in await api.all("/v1/imports")]
    imported = {run["source"] for run in runs if run["state"] == "completed"}
    for route, source, name in FILES:
        if source in imported:
            continue
        terminal.say(f"stack: importing {name}")
        body = {"files": {"file": (name, (DEPLOY / "reference" / name).read_bytes(), "text/plain")}}
        run = await api.send("POST", f"/v1/imports/{route}", key=f"sample-{source}-{_day()}-{len(runs)}", **body)
        run = await _settled(api, run)
        if run["state"] != "completed":
            raise StackError(f"the import of {name} is {run['state']}: {run['failure']}")


async def _settled(api: Api, run: dict[str, Any]) -> dict[str, Any]:
    """The import when it has ended, or as it stands when patience has."""
    end = time.monotonic() + PATIENCE
    while run.get("state", "queued") in {"queued", "running"} and time.monotonic() < end:
        await asyncio.sleep(0.1)
        run = await api.send("GET", f"/v1/imports/{run['id']}")
    return run


async def _take_part(api: Api, practitioners: list[dict[str, Any]]) -> None:
    for person in practitioners:
        if not person["snp_participation"]:
            path = f"/v1/professionals/{person['rpps']}/participation"
            await api.send("PUT", path, json={"participates": True})


async def _publish(api: Api) -> int:
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


async def _places_near(api: Api) -> dict[str, str]:
    """RPPS -> commune where that general practitioner sees patients near the centre, the nearest first."""
    communes = {one["insee_code"] async for one in api.each("/v1/communes", near=CENTRE, max_distance_km=RADIUS_KM)}
    people = await api.all("/v1/professionals", **_PRACTITIONERS, near=CENTRE, max_distance_km=RADIUS_KM)
    places = {
        person["rpps"]: [a["place"]["commune"] for a in person["activities"] if a["place"]["commune"] in communes]
        for person in people
    }
    return {rpps: found[0] for rpps, found in places.items() if found}


async def _publish_hours(api: Api, rpps: str, commune: str, hours: Hours) -> None:
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
        "valid_from": _day(hours.first_day),
        "valid_until": None,
    }
    end = time.monotonic() + PATIENCE
    while True:
        try:
            await api.send("POST", "/v1/availabilities", key=f"sample-{rpps}-{hours.starts}-{_day()}", json=body)
            return
        except Refused as refusal:
            if refusal.code not in _NOT_HEARD_YET or time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


async def _slots_made(api: Api) -> bool:
    """Waits until the dispatch has made the slots of every availability as far ahead as promised."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        made = [one["materialised_until"] or "" async for one in api.each("/v1/availabilities")]
        if min(made) >= _day(DAYS_AHEAD):
            return True
        await asyncio.sleep(0.2)
    return False


def _day(offset: int = 0) -> str:
    return (today_in_france() + timedelta(days=offset)).isoformat()
