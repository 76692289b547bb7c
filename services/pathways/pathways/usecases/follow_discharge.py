"""A discharge gives the steps that wait for it their days, on each pathway that the patient is on, and ends a pause."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.hospital import Hospital, is_there, latest_discharge
from pathways.domain.template import Template
from pathways.store import enrolments, stays, steps, template_versions
from pathways.usecases.close_step import reopen_step
from pathways.usecases.pause_enrolment import end_stay_pause
from pathways.usecases.replan_steps import Situation, tell_situation


async def follow_discharge(work: Work, rules: Hospital, patient_id: UUID, by: str) -> None:
    """Takes the last discharge home of the patient's stays for the named days and facts that a discharge tells.

    The last one, whichever was told last: so a correction, a cancellation or a late file leads to the same plan.
    Steps that were done after an earlier discharge are to be done anew. A pause for the stay ends on that day, unless
    the patient is back there.
    """
    known = await stays.standing(work, patient_id)
    for enrolment in await enrolments.lock_running(work, patient_id):
        last = latest_discharge(known, enrolment["started_on"], rules.going_home)
        template = await template_versions.of(work, enrolment)
        if template is not None and _waits(template):
            await _tell(work, enrolment, template, last, by)
        if last is not None and not is_there(known, last["left_on"]):
            await end_stay_pause(work, by, enrolment, last["left_on"])


def _waits(template: Template) -> bool:
    told_by = [*(it.told_by for it in template.dates), *(it.told_by for it in template.facts)]
    return "discharge" in told_by


async def _tell(work: Work, enrolment: Record, template: Template, last: Mapping[str, Any] | None, by: str) -> None:
    """Without any discharge left (it was cancelled) what it said no longer holds; its day stays, as an assumed one."""
    codes = [it.code for it in template.dates if it.told_by == "discharge"]
    facts = {it.code: last is not None for it in template.facts if it.told_by == "discharge"}
    before, told = enrolments.days_of(enrolment), set(enrolment["told_dates"])
    days = dict.fromkeys(codes, last["left_on"]) if last else {}
    new = [code for code, day in days.items() if code not in told or before[code] != day]
    holds = {code: code in enrolment["facts"] for code in facts}
    if not new and holds == facts:
        return
    if last and [code for code in new if code in told and before[code] < last["arrived_on"]]:
        await _reopen(work, enrolment["id"], codes, last["arrived_on"], by)
    await tell_situation(work, by, enrolment["id"], Situation(days, facts), preview=False)


async def _reopen(work: Work, enrolment_id: UUID, codes: Iterable[str], before: date, by: str) -> None:
    """Steps that count from the discharge and were closed before the patient came back to the hospital."""
    rows = await steps.of_enrolment(work, enrolment_id, lock=True)
    hanging = {row["key"] for row in rows if row["anchor_date"] in set(codes)}
    while more := {row["key"] for row in rows if row["anchor"] in hanging} - hanging:
        hanging |= more
    for row in rows:
        closed_on = local_day(row["done_at"] or row["changed_at"])
        if row["key"] in hanging and row["state"] in ("done", "skipped") and closed_on <= before:
            await steps.forget_choice(work, row["id"])
            await reopen_step(work, by, row["id"])
