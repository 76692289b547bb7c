"""A doctor was found: the pathways that wait for it do their step and know the day."""

from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.replanning import UNDONE
from pathways.domain.template import Template
from pathways.store import enrolments, steps, template_versions
from pathways.usecases.close_step import Proof, complete_step
from pathways.usecases.replan_steps import Situation, tell_situation

FOUND = ("placed", "found_elsewhere")
"""Outcomes of a search after which the patient has a doctor."""
_TOLD = "doctor-found"


async def follow_search(work: Work, search: Record, by: str) -> None:
    """On each running pathway of the patient: steps with `done_by`, then named days with `told_by`, of today.

    A day that was told before stays. Called once the search is closed, by who may.
    """
    if search["outcome"] not in FOUND:
        return
    for enrolment in await enrolments.lock_running(work, search["patient_id"]):
        template = await template_versions.of(work, enrolment)
        if template is not None and enrolment["started_on"] <= local_day(work.now):
            await _do(work, enrolment["id"], template, search["id"], by)
            await _tell(work, enrolment, template, by)


async def _do(work: Work, enrolment_id: UUID, template: Template, search_id: UUID, by: str) -> None:
    waiting = {it.code for it in template.steps if it.done_by == _TOLD}
    for row in await steps.of_enrolment(work, enrolment_id, lock=True):
        if row["code"] in waiting and row["state"] in UNDONE:
            await complete_step(work, by, row["id"], work.now, Proof("declaration", search_id))


async def _tell(work: Work, enrolment: Record, template: Template, by: str) -> None:
    codes = [it.code for it in template.dates if it.told_by == _TOLD and it.code not in enrolment["told_dates"]]
    if codes and await enrolments.find_running(work, enrolment["patient_id"], enrolment["template"]):
        days = dict.fromkeys(codes, local_day(work.now))
        await tell_situation(work, by, enrolment["id"], Situation(days), preview=False)
