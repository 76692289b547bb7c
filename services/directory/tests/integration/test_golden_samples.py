"""Golden samples of the directory's events, made by the code that tells them (UPDATE_SAMPLES=1 writes them)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.directory import ImportCompleted, ParticipationChanged, ProfessionalUpdated, StructureUpdated
from contracts.envelope import NATIONAL
from contracts.registry import BY_PAYLOAD, EVENTS
from directory.usecases.change_participation import change_participation
from kit.auth import Caller
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.samples import check_sample

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
# The second row of the sample practises at two places, one of them found by postal code and name; the
# other practises at a health centre with a FINESS number.
PERSON, SALARIED = "99000000283", "990010001"
TOLD = (ProfessionalUpdated, StructureUpdated, ParticipationChanged, ImportCompleted)


@pytest.fixture
async def events(settings: Any, issuer: Any, start: Any, sample: Path) -> dict[str, dict[str, Any]]:
    """The first event of each type, by name."""
    header, *rows = sample.read_text(encoding="utf-8").splitlines()
    chosen = [row for row in rows if row.split("|")[1] == PERSON] + [row for row in rows if SALARIED in row][:1]
    async with start(settings, issuer, FixedClock(AT)) as directory:
        run = (await directory.upload("\n".join([header, *chosen]).encode())).json()
        current_trace.set(None)
        await directory.work_off()
        caller = Caller("coordinator", "pays-de-redon", frozenset(), role="coordinator")
        async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
            await change_participation(work, caller, PERSON, participates=True, if_match=None)
        async with directory.runtime.system.work(NATIONAL) as work:
            bodies = [json.loads(row["body"]) for row in await work.fetch("SELECT body FROM outbox ORDER BY seq DESC")]
    return {body["type"]: _with_fixed_ids(body, run["id"]) for body in bodies}


def _with_fixed_ids(body: dict[str, Any], import_id: str) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the file."""
    fixed: dict[str, Any] = json.loads(json.dumps(body).replace(import_id, _id(1)))
    return fixed | {"id": _id(2), "correlationid": _id(3)}


def _id(number: int) -> str:
    return f"019ab000-0000-7000-8000-{number:012d}"


async def test_every_event_of_the_directory_has_its_sample(events: dict[str, dict[str, Any]]) -> None:
    owned = [event for event in EVENTS if event.owner == "directory"]
    assert {event.payload for event in owned} == set(TOLD)
    for event in owned:
        body = events[event.name]
        check_sample(body)
        assert event.envelope.model_validate(body).data.model_dump(mode="json") == body["data"]


async def test_the_sample_of_a_professional_tells_its_whole_state(events: dict[str, dict[str, Any]]) -> None:
    told = events[BY_PAYLOAD[ProfessionalUpdated].name]
    assert (told["territory"], told["subject"], told["aggregateversion"]) == (NATIONAL, PERSON, 1)
    assert [activity["commune"] for activity in told["data"]["activities"]] == ["35236", "35294"]
