"""A visit or stay is added, corrected or left as it is, with what follows for whose it is.

Who is compared with is whoever is on a pathway, by exact traits. What is told of anybody else is kept without any of
them: figures count it, and nothing leads to who it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from contracts.coordination import StayCancelled, StayEnded, StayRecorded
from kit import rows
from kit.auth import Caller
from kit.work import Record, Work
from pathways.domain.access import AccessRules
from pathways.domain.dating import local_day
from pathways.domain.hospital import Days, Hospital, StayTold, readmissions
from pathways.store import accesses, enrolments, patients, standing, stays
from pathways.store.seal import Seal
from pathways.usecases.follow_discharge import follow_discharge
from pathways.usecases.raise_alert import raise_alerts

Outcome = Literal["added", "changed", "unchanged"]
_COMPARED = ("kind", "motive", "entry", "arrived_on", "left_on", "destination", "cancelled")


@dataclass(frozen=True)
class Telling:
    """Who tells, for which establishment, and by which rules and keys."""

    caller: Caller
    finess: str
    seal: Seal
    rules: Hospital
    access: AccessRules


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
