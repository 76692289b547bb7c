"""The main job: an import, a slot, a call of the emergency department, its booking, the visit; a call of the SAS."""

import asyncio
from typing import Any

from contracts.examples import an_ed_call
from local_stack.clock import hour
from local_stack.demo.chapter import Chapter
from local_stack.demo.play import Play
from local_stack.ports import StackError
from local_stack.sample import RPPS_FILE


async def _play(play: Play) -> None:
    await _import(play)
    slot = await _publish(play)
    call = await _call(play, slot)
    booking = await _book(play, call, slot)
    await _fulfil(play, booking)
    await _sas(play)


CHAPTER = Chapter(
    "Unscheduled care: a call, a slot, a visit",
    ("I-06", "I-07", "I-08", "I-09", "I-10", "N-01", "N-02"),
    _play,
)


async def _import(play: Play) -> None:
    coordinator = play.caller("coordinator")
    files = {"file": (RPPS_FILE.name, RPPS_FILE.read_bytes(), "text/plain")}
    run = await play.make(coordinator, "/v1/imports/rpps", files=files)
    while run["state"] in {"queued", "running"}:
        await asyncio.sleep(0.1)
        run = await coordinator.send("GET", f"/v1/imports/{run['id']}")
    if run["state"] != "completed":
        raise StackError(f"the import is {run['state']}")
    counts = [f"{name} {value}" for name, value in run["counts"].items() if isinstance(value, int) and value]
    play.say("The directory imports the RPPS extract of the territory", ", ".join(counts))


async def _publish(play: Play) -> dict[str, Any]:
    slot = await play.slot(await play.doctors(snp="true"), minutes=15)
    play.say(
        "A practitioner opens a slot for the CPTS and the SAS",
        f"RPPS {slot['effector']['rpps']}, commune {slot['place']['commune']}, {hour(slot['starts_at'])}",
        f"slot {slot['id']}",
    )
    return slot


async def _call(play: Play, slot: dict[str, Any]) -> dict[str, Any]:
    call = await play.make(play.caller("ed", organisation="CHIRC"), "/v1/calls", an_ed_call())
    screening = call["screening"]
    play.say(
        "The emergency department calls: a patient who need not stay there",
        f"screened: {screening['outcome']} by policy {screening['policy_version']}",
        f"  {', '.join(one['code'] + ' ' + one['outcome'] for one in screening['conditions'])}",
        f"to be seen before {hour(call['deadline'])}; {len(call['proposals'])} proposals:",
        *(_proposal(one, slot) for one in call["proposals"]),
    )
    return call


def _proposal(proposal: dict[str, Any], slot: dict[str, Any]) -> str:
    mark = "*" if proposal["slot_id"] == slot["id"] else " "
    reasons = ", ".join(one if isinstance(one, str) else one["code"] for one in proposal["reasons"])
    return (
        f"{mark} {hour(proposal['starts_at'])}  RPPS {proposal['practitioner']['rpps']}"
        f"  {proposal['distance_km']:.1f} km  cost {proposal['cost']:.2f}  ({reasons})"
    )


async def _book(play: Play, call: dict[str, Any], slot: dict[str, Any]) -> dict[str, Any]:
    ed = play.caller("ed", organisation="CHIRC")
    hold = await play.make(ed, f"/v1/calls/{call['id']}/holds", {"slot_id": slot["id"]})
    booking = await play.make(ed, f"/v1/holds/{hold['id']}/confirm", {"token": hold["token"]})
    play.say(
        "The slot is held, the patient agrees, the booking is confirmed",
        f"held until {hour(hold['expires_at'])}; booking {booking['id']} is {booking['state']}",
        f"RPPS {booking['practitioner_rpps']}, {hour(booking['starts_at'])}",
    )
    return booking


async def _fulfil(play: Play, booking: dict[str, Any]) -> None:
    practitioner = play.caller("practitioner", rpps=booking["practitioner_rpps"])
    done = await play.make(practitioner, f"/v1/bookings/{booking['id']}/fulfil")
    play.say("The practitioner marks the visit as honoured", f"booking {done['id']} is {done['state']}")


async def _sas(play: Play) -> None:
    """In one shot, as software does: matched and booked by one request."""
    wanted = an_ed_call(origin="sas", caller={"organisation": "SAS 35"}, mode="book")
    call = await play.make(play.caller("operator"), "/v1/calls", wanted)
    booking = call["booking"]
    play.say(
        "The access-to-care service (SAS) asks too, and books the best slot at once",
        f"RPPS {booking['practitioner_rpps']}, {hour(booking['starts_at'])}, booking {booking['id']}",
    )
