"""The job behind call-ups: the nearest are written to first; the next wave follows while too few are available."""

from datetime import timedelta

from contracts.envelope import NATIONAL
from directory.domain.call_ups import sends_wave
from directory.domain.french import french_time
from directory.domain.messages import Recipient
from directory.store import call_ups, communes
from directory.usecases.load_reference import Reference
from directory.usecases.run_call_up import TABLE
from directory.usecases.send_message import send_message
from kit import rows
from kit.crypto import Keyring
from kit.personal_token import token_of
from kit.work import Record, Work

BY, LINK_USE = "call-volunteers", "call-up"
_BATCH = 5


async def call_volunteers(work: Work, keyring: Keyring, reference: Reference, public_url: str) -> int:
    """Looks at the call-ups that are due, of every territory; answers how many."""
    found = await call_ups.due(work, _BATCH)
    for row in found:
        # The job sees every territory; what it tells belongs to that of the call-up.
        work.territory = row["territory"]
        await _look(work, keyring, reference, public_url, row)
    work.territory = NATIONAL
    return len(found)


async def _look(work: Work, keyring: Keyring, reference: Reference, public_url: str, row: Record) -> None:
    if row["needed_until"] <= work.now:
        over = {"state": "closed", "closed_at": work.now, "next_wave_at": None}
        await rows.change(work, TABLE, row["id"], BY, **over)
        return
    counts = await call_ups.state_of(work, row["id"])
    sent = 0
    if sends_wave(available=counts["available"], wanted=row["wanted"], waiting=counts["waiting"]):
        sent = await _send(work, keyring, reference, public_url, row)
    # Looked at again while there is somebody to ask, and at its end.
    again = work.now + timedelta(minutes=row["wave_minutes"])
    left = counts["waiting"] - sent > 0
    following = min(again, row["needed_until"]) if left else row["needed_until"]
    await rows.change(work, TABLE, row["id"], BY, wave=row["wave"] + bool(sent), next_wave_at=following)


async def _send(work: Work, keyring: Keyring, reference: Reference, public_url: str, row: Record) -> int:
    people = await call_ups.take_wave(work, row["id"], row["wave"] + 1, row["wave_size"], BY)
    place = await communes.find(work, row["commune"])
    shared = {
        "territory": reference.territories[work.territory].name,
        "title": row["title"],
        "place": place["name"] if place else row["commune"],
        "starts": french_time(row["needed_from"]),
        "ends": french_time(row["needed_until"]),
    }
    for person in people:
        token = token_of(keyring, LINK_USE, work.territory, person["id"])
        link = f"{public_url}/v1/call-up-answers/{work.territory}~{token}"
        message = reference.messages["call_up"].written(shared | {"name": person["name"], "link": link}, link=link)
        await send_message(work, keyring, Recipient("rpps", person["rpps"]), message, batch=row["id"], by=BY)
    return len(people)
