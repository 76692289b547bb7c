"""Golden samples of the directory's events, made by the code that tells them (UPDATE_SAMPLES=1 writes them)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.directory import (
    AcceptanceCounted,
    AcceptanceDeclared,
    AcceptanceLapsed,
    CrisisActivationEnded,
    CrisisActivationStarted,
    CrisisCommunicationSent,
    CrisisExerciseHeld,
    CrisisPlanAdopted,
    CrisisPlanWithdrawn,
    ImportCompleted,
    IndemnityApproved,
    InstallationAdvanced,
    ListPublished,
    ListSent,
    MeetingHeld,
    MemberJoined,
    MemberLeft,
    MinutesApproved,
    ParticipationChanged,
    PaymentsClosed,
    ProfessionalUpdated,
    ShiftLeft,
    ShiftPresenceNoted,
    ShiftTaken,
    StatementsChanged,
    StructureUpdated,
    TraineeHosted,
    VaccinationReported,
    WorkforceCounted,
)
from contracts.envelope import NATIONAL
from contracts.registry import BY_PAYLOAD, EVENTS
from directory.domain.attendance import Attendee
from directory.store import rosters
from directory.store.rosters import NewRoster, NewShift
from directory.usecases.change_participation import change_participation
from directory.usecases.convene_meeting import convene
from directory.usecases.end_meeting import end_meeting
from directory.usecases.follow_installations import Project, begin_installation
from directory.usecases.host_trainees import Hosting, host_trainee
from directory.usecases.join_association import Joining, join_association
from directory.usecases.leave_association import leave_association
from directory.usecases.make_statement import Subject, make_statement
from directory.usecases.sign_attendance import sign_attendance
from directory.usecases.take_shift import leave_shift, note_presence, take_shift
from kit import rows
from kit.auth import Caller
from kit.clock import FixedClock
from kit.context import current_trace
from kit.testing.samples import check_sample

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
# The second row of the sample practises at two places, one of them found by postal code and name; the
# other practises at a health centre with a FINESS number.
PERSON, SALARIED = "99000000283", "990010001"
SHIFTS = (ShiftTaken, ShiftLeft, ShiftPresenceNoted)
TOLD = (
    *(ProfessionalUpdated, StructureUpdated, ParticipationChanged, ImportCompleted, *SHIFTS),
    *(MemberJoined, MemberLeft, MeetingHeld, StatementsChanged, TraineeHosted, InstallationAdvanced),
)
# Made by the tests of their subject.
ELSEWHERE = (
    *(IndemnityApproved, AcceptanceCounted, AcceptanceDeclared, AcceptanceLapsed, ListPublished, ListSent),
    *(CrisisPlanAdopted, CrisisPlanWithdrawn, CrisisActivationStarted, CrisisActivationEnded),
    *(CrisisExerciseHeld, CrisisCommunicationSent, VaccinationReported, WorkforceCounted),
    *(MinutesApproved, PaymentsClosed),
)


@pytest.fixture
async def events(settings: Any, issuer: Any, start: Any, sample: Path) -> dict[str, dict[str, Any]]:
    """The first event of each type, by name."""
    header, *rows = sample.read_text(encoding="utf-8").splitlines()
    chosen = [row for row in rows if row.split("|")[1] == PERSON] + [row for row in rows if SALARIED in row][:1]
    clock = FixedClock(AT)
    async with start(settings, issuer, clock) as directory:
        run = (await directory.upload("\n".join([header, *chosen]).encode())).json()
        current_trace.set(None)
        await directory.work_off()
        caller = Caller("coordinator", "pays-de-redon", frozenset(), role="coordinator")
        async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
            await change_participation(work, caller, PERSON, participates=True, if_match=None)
            kinds = directory.runtime.extras["reference"].statements
            await make_statement(work, kinds, caller, Subject(PERSON, "languages"), ["br", "fr"])
        ids = [run["id"], *await _shifts_told(directory, clock, caller), *await _settling_told(directory, caller)]
        await _association(directory, caller)
        async with directory.runtime.system.work(NATIONAL) as work:
            bodies = [json.loads(row["body"]) for row in await work.fetch("SELECT body FROM outbox ORDER BY seq DESC")]
    return {body["type"]: _with_fixed_ids(body, ids) for body in bodies}


async def _shifts_told(directory: Any, clock: FixedClock, caller: Caller) -> list[str]:
    """Somebody takes a shift, leaves it, takes it again and comes; answers the ids of roster, shift and sign-up."""
    async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
        days = AT.date(), AT.date()
        new = NewRoster("Centre", "vaccination", "35236", None, *days)
        roster = await rows.add(work, "roster", caller.subject, **new._asdict())
        shift = NewShift(AT + timedelta(hours=1), AT + timedelta(hours=4), ["10", "70"], 1)
        (shift_id,) = await rosters.add_shifts(work, roster["id"], [shift], caller.subject)
        await take_shift(work, caller, shift_id, PERSON)
        await leave_shift(work, caller, shift_id, PERSON)
        taken = await take_shift(work, caller, shift_id, PERSON)
    clock.advance(timedelta(hours=1))
    async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
        await note_presence(work, caller, shift_id, PERSON, present=True)
    return [str(roster["id"]), str(shift_id), str(taken["id"])]


async def _settling_told(directory: Any, caller: Caller) -> list[str]:
    """A trainee is hosted and a project to settle is noted; answers their ids."""
    reference, stay = directory.runtime.extras["reference"], (AT.date(), AT.date() + timedelta(days=180))
    async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
        hosted = await host_trainee(work, reference, caller, Hosting(None, (PERSON,), "10", "third_cycle", *stay))
        project = Project("10", "general-practice", ("35236",), None)
        keyring = directory.runtime.keyring
        begun = await begin_installation(work, reference, keyring, caller, project=project, candidate=None)
    return [str(hosted["id"]), str(begun["id"])]


def _with_fixed_ids(body: dict[str, Any], ids: list[str]) -> dict[str, Any]:
    """Ids are drawn at random; everything else comes from the clock and the file."""
    text = json.dumps(body)
    for number, drawn in zip((1, 4, 5, 6, 7, 8), ids, strict=True):
        text = text.replace(drawn, _id(number))
    if len(body["subject"]) == len(_id(1)):
        text = text.replace(body["subject"], _id(1))
    return json.loads(text) | {"id": _id(2), "correlationid": _id(3)}


async def _association(directory: Any, caller: Caller) -> None:
    """What the association tells."""
    keyring, rules = directory.runtime.keyring, directory.runtime.extras["reference"].association(caller.territory)
    async with directory.runtime.db.work("pays-de-redon", caller=caller) as work:
        joining = Joining("adherent", "self-employed", AT.date(), rpps=PERSON)
        member = await join_association(work, caller, keyring, rules, joining)
        asked = {"kind": "ordinary-assembly", "title": "AG", "starts_at": AT, "place": None, "agenda": []}
        there = {"meeting_id": (await convene(work, caller, keyring, rules, asked)).row["id"]}
        await sign_attendance(work, caller, keyring, rules, sheet=[Attendee(member.id, "present")], **there)
        await end_meeting(work, caller, keyring, rules, held=True, **there)
        await leave_association(work, caller, keyring, member.id, left_on=AT.date(), reason="moved")


def _id(number: int) -> str:
    return f"019ab000-0000-7000-8000-{number:012d}"


async def test_every_event_of_the_directory_has_its_sample(events: dict[str, dict[str, Any]]) -> None:
    owned = [event for event in EVENTS if event.owner == "directory" and event.payload not in ELSEWHERE]
    assert {event.payload for event in owned} == set(TOLD)
    for event in owned:
        body = events[event.name]
        check_sample(body)
        assert event.envelope.model_validate(body).data.model_dump(mode="json") == body["data"]


async def test_the_sample_of_a_professional_tells_its_whole_state(events: dict[str, dict[str, Any]]) -> None:
    told = events[BY_PAYLOAD[ProfessionalUpdated].name]
    assert (told["territory"], told["subject"], told["aggregateversion"]) == (NATIONAL, PERSON, 1)
    assert [activity["commune"] for activity in told["data"]["activities"]] == ["35236", "35294"]
