"""A hospital tells of an emergency visit or a stay; the same stay again corrects or cancels it.

Who is compared with is whoever is on a pathway, by exact traits. What is told of anybody else is kept without any of
them: figures count it, and nothing leads to who it was.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from contracts.coordination import StayCancelled, StayEnded, StayRecorded
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.dating import local_day
from pathways.domain.hospital import Contact, Days, Hospital, StayTold, readmissions
from pathways.store import accesses, enrolments, patients, standing, stays
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.follow_discharge import follow_discharge
from pathways.usecases.raise_alert import raise_alerts

Outcome = Literal["added", "changed", "unchanged"]
_FINESS = re.compile(r"^[0-9AB]{9}$")
_COMPARED = ("kind", "motive", "entry", "arrived_on", "left_on", "destination", "cancelled")


@dataclass(frozen=True)
class Town:
    """Who is to be called in town. `rpps` and `role` of a member of the care team, whom the directory names."""

    contact: Contact
    rpps: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of it, for the hospital. `followed` is true only for one of the patient's care team."""

    stay_id: UUID
    outcome: Outcome
    followed: bool
    town: Town


@dataclass(frozen=True)
class Telling:
    """Who tells, for which establishment, and by which rules and keys."""

    caller: Caller
    finess: str
    seal: Seal
    rules: Hospital
    access: AccessRules


def establishment_of(caller: Caller) -> str:
    """The FINESS number of the caller's token. Raises Problem 403 `establishment_unknown`."""
    if not caller.organisation or not _FINESS.match(caller.organisation):
        raise Problem(403, "establishment_unknown", "The token names no establishment: `organisation` is its FINESS")
    return caller.organisation


async def record_stay(work: Work, access: Access, seal: Seal, rules: Hospital, told: StayTold) -> Recorded:
    """Raises Problem 403 `establishment_unknown` or 422."""
    for field, code, detail in told.faults(rules, local_day(work.now)):
        raise field_problem(field, code, detail)
    finess = establishment_of(access.caller)
    await stays.lock(work)
    row, outcome = await keep_stay(work, Telling(access.caller, finess, seal, rules, access.rules), told)
    followed = row["patient_id"] is not None and await access.allows(row["patient_id"], "pathway")
    town = await _town(work, rules, row["patient_id"]) if followed else Town(rules.contact)
    return Recorded(row["id"], outcome, followed, town)


async def keep_stay(work: Work, telling: Telling, told: StayTold) -> tuple[Record, Outcome]:
    """Adds, corrects or leaves a stay as it is, under the lock of stays. Whose it is does not count as a change."""
    by, number_index = telling.caller.subject, telling.seal.stay_index(telling.finess, told.number)
    known = await stays.by_number(work, telling.finess, number_index)
    patient_id = await _patient(work, telling.seal, told, known["patient_id"] if known else None)
    said = {name: getattr(told, name) for name in _COMPARED}
    whose = {"patient_id": patient_id, "readmission": None if patient_id is None else False}
    if known is None:
        row = await rows.add(
            work,
            stays.TABLE,
            by,
            finess=telling.finess,
            number_index=number_index,
            rules_version=telling.rules.version,
            **said,
            **whose,
        )
        await _told(work, telling, None, row)
        return row, "added"
    same = all(known[name] == value for name, value in said.items())
    if same and known["patient_id"] == patient_id:
        return known, "unchanged"
    if known["patient_id"] == patient_id:
        whose = {}
    row = await rows.change(work, stays.TABLE, known["id"], by, **said, **whose)
    await _told(work, telling, known, row)
    return row, "unchanged" if same else "changed"


async def _patient(work: Work, seal: Seal, told: StayTold, known: UUID | None) -> UUID | None:
    """Whom it is about: by INS, else by name and birth date; nobody when two are alike. Once known, they stay so."""
    found = await patients.find_by_ins(work, seal.ins_index(told.ins)) if told.ins else []
    if not found:
        index = seal.name_index(told.family_name, told.given_name, told.birth_date)
        named = await patients.find_by_name(work, index)
        # Another INS than the one told is another person of the same name.
        found = [row for row in named if told.ins is None or row["ins_index"] is None]
    if len(found) != 1:
        return None
    patient_id: UUID = found[0]["id"]
    return patient_id if patient_id == known or await standing.may_be_told_of(work, patient_id) else None


async def _told(work: Work, telling: Telling, before: Record | None, row: Record) -> None:
    """Events, the record of accesses, and what follows for the pathways of whose stay it is, or was."""
    caller = telling.caller
    await _emit(work, telling.seal, before, row)
    whose = {it["patient_id"] for it in (before, row) if it is not None} - {None}
    for patient_id in sorted(whose):
        seen = accesses.Seen("record_stay", "clinical", "care", patient_id, None, None)
        await accesses.add(work, caller, seen)
        again = await _settle_readmissions(work, telling, patient_id)
        if await standing.may_be_told_of(work, patient_id):
            await follow_discharge(work, telling.rules, patient_id, caller.subject)
            await _raise_alerts(work, telling, patient_id, again)


async def _settle_readmissions(work: Work, telling: Telling, patient_id: UUID) -> list[Record]:
    """One stay more or less may make another a re-hospitalisation, or no more: that one is told anew.

    Answers those that have become one.
    """
    known, rules, by = await stays.standing(work, patient_id), telling.rules, telling.caller.subject
    home = rules.going_home
    days = [Days(it["id"], it["arrived_on"], it["left_on"], it["destination"] in home) for it in known]
    found = readmissions(days, rules.readmission_days)
    other = [row for row in known if row["readmission"] is not found[row["id"]]]
    for row in other:
        values = {"readmission": found[row["id"]], "rules_version": rules.version}
        await _emit(work, telling.seal, row, await rows.change(work, stays.TABLE, row["id"], by, **values))
    return [row for row in other if found[row["id"]]]


async def _raise_alerts(work: Work, telling: Telling, patient_id: UUID, again: list[Record]) -> None:
    """Of a re-hospitalisation on the pathway. One that is told long after it began is a matter of figures only."""
    if not again:
        return
    came = max(row["arrived_on"] for row in again)
    if local_day(work.now) - came <= timedelta(days=telling.rules.readmission_days):
        running = await enrolments.lock_running(work, patient_id)
        following = [it for it in running if it["started_on"] <= came]
        await raise_alerts(work, telling.access, following, "hospital", telling.caller.subject)


async def _emit(work: Work, seal: Seal, before: Record | None, row: Record) -> None:
    if row["cancelled"]:
        work.emit(StayCancelled(stay_id=row["id"], kind=row["kind"]), version=row["version"])
        return
    keys = await seal.keys(work, row["patient_id"]) if row["patient_id"] else None
    about = {name: row[name] for name in ("kind", "motive", "entry", "readmission")}
    pseudonym = keys.pseudonym("indicators") if keys else None
    told = StayRecorded(stay_id=row["id"], arrived_on=row["arrived_on"], patient=pseudonym, **about)
    work.emit(told, version=row["version"])
    if row["left_on"] is not None and (before is None or _end(before) != _end(row)):
        days = (row["left_on"] - row["arrived_on"]).days
        ended = StayEnded(stay_id=row["id"], left_on=row["left_on"], destination=row["destination"], days=days, **about)
        work.emit(ended, version=row["version"])


def _end(row: Mapping[str, Any]) -> tuple[date | None, str | None, bool]:
    return row["left_on"], row["destination"], row["cancelled"]


async def _town(work: Work, rules: Hospital, patient_id: UUID) -> Town:
    found = await stays.contact(work, patient_id, rules.contact_roles)
    return Town(rules.contact, found["rpps"], found["role"]) if found else Town(rules.contact)
