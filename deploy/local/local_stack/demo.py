"""`make demo`: the main job over HTTP, told step by step: import, slots, an ED call, its booking, the indicators;
then what a CPTS does together (demo_activities.py), and patients followed between town and hospital (demo_pathways.py).

Uses the stack that runs on `.run/`, or starts one of its own for the length of the play.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from contracts.examples import an_ed_call
from local_stack.api import Api
from local_stack.checkout import ROOT, run_dir
from local_stack.clock import PARIS, hour
from local_stack.demo_activities import Activities
from local_stack.demo_pathways import play_pathways
from local_stack.demo_play import Play
from local_stack.ports import StackError
from local_stack.sample import CENTRE, RPPS_FILE, TERRITORY
from local_stack.stack import Stack
from local_stack.state import read_report
from local_stack.terminal import Terminal
from local_stack.token import mint

INDICATORS = ("I-06", "I-07", "I-08", "I-09", "I-10")
PATIENCE = 30.0
"""Seconds for what was just done to show elsewhere; it takes less than one or two."""


class Demo:
    """One run of the play. Every request carries a key of this run, so a repeated run is a new story."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self._run, self._step = client, uuid4().hex[:8], 0
        self.coordinator, self.ed = self._caller("coordinator"), self._caller("ed", organisation="CHIRC")

    async def play(self) -> None:
        await self._import()
        before = await self._figures()
        effector = await self._effector()
        slot = await self._publish(effector)
        call = await self._call(slot)
        booking = await self._book(call, slot)
        await self._fulfil(booking)
        await self._moved(before)
        play = Play(self._client, self._caller, self._say, self._run, PATIENCE)
        await Activities(play).play()
        await play_pathways(play)

    def _caller(self, role: str, **claims: str) -> Api:
        return Api(self._client, mint(run_dir(), role, TERRITORY, **claims))  # type: ignore[arg-type]

    def _say(self, title: str, *lines: str) -> None:
        self._step += 1
        print(f"\n{self._step}. {title}", *(f"   {line}" for line in lines), sep="\n", flush=True)

    def _key(self, what: str) -> str:
        return f"demo-{self._run}-{what}"

    async def _import(self) -> None:
        files = {"file": (RPPS_FILE.name, RPPS_FILE.read_bytes(), "text/plain")}
        run = await self.coordinator.send("POST", "/v1/imports/rpps", key=self._key("import"), files=files)
        while run["state"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
            run = await self.coordinator.send("GET", f"/v1/imports/{run['id']}")
        if run["state"] != "completed":
            raise StackError(f"the import is {run['state']}")
        counts = [f"{name} {value}" for name, value in run["counts"].items() if isinstance(value, int) and value]
        self._say("The directory imports the RPPS extract of the territory", ", ".join(counts))

    async def _effector(self) -> dict[str, Any]:
        """A general practitioner who has no slot of their own in the next hour."""
        found = await self.coordinator.all(
            "/v1/professionals",
            profession="10",
            specialty="general-practice",
            near=CENTRE,
            max_distance_km=30,
            snp="true",
        )
        now = datetime.now(UTC)
        window = {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=2)).isoformat()}
        busy = {slot["effector"]["rpps"] for slot in await self.coordinator.all("/v1/slots", **window)}
        free = [person for person in found if person["rpps"] not in busy]
        if not free:
            raise StackError("every general practitioner is busy in the next hour; try again later")
        return free[0]

    async def _publish(self, effector: dict[str, Any]) -> dict[str, Any]:
        commune = next(one["place"]["commune"] for one in effector["activities"] if one["place"]["commune"])
        starts = datetime.now(PARIS).replace(microsecond=0) + timedelta(minutes=5)
        body = {
            "effector": {"rpps": effector["rpps"]},
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(minutes=15)).isoformat(),
            "place": {"commune": commune},
            "mode": "AMB",
            "audience": ["SNP", "CPTS"],
        }
        slot: dict[str, Any] = await self.coordinator.send("POST", "/v1/slots", key=self._key("slot"), json=body)
        self._say(
            "A practitioner opens a slot for the CPTS and the SAS",
            f"RPPS {effector['rpps']}, commune {commune}, {hour(slot['starts_at'])}, slot {slot['id']}",
        )
        return slot

    async def _call(self, slot: dict[str, Any]) -> dict[str, Any]:
        call: dict[str, Any] = await self.ed.send("POST", "/v1/calls", key=self._key("call"), json=an_ed_call())
        screening = call["screening"]
        self._say(
            "The emergency department calls: a patient who need not stay there",
            f"screened: {screening['outcome']} by policy {screening['policy_version']}",
            f"  {', '.join(one['code'] + ' ' + one['outcome'] for one in screening['conditions'])}",
            f"to be seen before {hour(call['deadline'])}; {len(call['proposals'])} proposals:",
            *(self._proposal(one, slot) for one in call["proposals"]),
        )
        return call

    def _proposal(self, proposal: dict[str, Any], slot: dict[str, Any]) -> str:
        mark = "*" if proposal["slot_id"] == slot["id"] else " "
        reasons = ", ".join(one if isinstance(one, str) else one["code"] for one in proposal["reasons"])
        return (
            f"{mark} {hour(proposal['starts_at'])}  RPPS {proposal['practitioner']['rpps']}"
            f"  {proposal['distance_km']:.1f} km  cost {proposal['cost']:.2f}  ({reasons})"
        )

    async def _book(self, call: dict[str, Any], slot: dict[str, Any]) -> dict[str, Any]:
        hold = await self.ed.send(
            "POST", f"/v1/calls/{call['id']}/holds", key=self._key("hold"), json={"slot_id": slot["id"]}
        )
        booking: dict[str, Any] = await self.ed.send(
            "POST", f"/v1/holds/{hold['id']}/confirm", key=self._key("confirm"), json={"token": hold["token"]}
        )
        self._say(
            "The slot is held, the patient agrees, the booking is confirmed",
            f"held until {hour(hold['expires_at'])}; booking {booking['id']} is {booking['state']}",
            f"RPPS {booking['practitioner_rpps']}, {hour(booking['starts_at'])}",
        )
        return booking

    async def _fulfil(self, booking: dict[str, Any]) -> None:
        practitioner = self._caller("practitioner", rpps=booking["practitioner_rpps"])
        done = await practitioner.send("POST", f"/v1/bookings/{booking['id']}/fulfil", key=self._key("fulfil"), json={})
        self._say("The practitioner marks the visit as honoured", f"booking {done['id']} is {done['state']}")

    async def _figures(self) -> dict[str, Any]:
        found = [await self.coordinator.send("GET", f"/v1/indicators/{one}") for one in INDICATORS]
        return {figure["id"]: figure for figure in found}

    async def _moved(self, before: dict[str, Any]) -> None:
        """The call and the booking show in the figures, with their evidence."""
        async with asyncio.timeout(PATIENCE):
            while not _grew(before, after := await self._figures()):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)
        lines = [
            f"{name}  {_figure(before[name])} -> {_figure(after[name])}  {after[name]['label_fr']}" for name in after
        ]
        evidence = await self.coordinator.send("GET", "/v1/indicators/I-10/evidence", params={"limit": 1})
        self._say("The indicators have moved", *lines, f"with their evidence, for instance {evidence['items'][0]}")


def _grew(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return all(after[name]["numerator"] > before[name]["numerator"] for name in ("I-08", "I-09", "I-10"))


def _figure(figure: dict[str, Any]) -> str:
    over = f"/{figure['denominator']}" if figure["denominator"] is not None else ""
    return f"{figure['numerator']}{over}"


async def run() -> None:
    """Raises StackError with what was refused."""
    report = read_report(run_dir())
    if report is not None:
        await _play(report["gateway_url"])
        return
    print("no stack runs here: starting one for the demo")
    async with Stack(run_dir(), os.environ, terminal=Terminal()) as stack:
        await _play(stack.gateway_url)


async def _play(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await Demo(client).play()
    print("\nThe line works from end to end.")


def main() -> int:
    os.chdir(ROOT)
    try:
        asyncio.run(run())
    except (StackError, httpx.HTTPError, TimeoutError) as error:
        print(f"make demo: {str(error) or type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
