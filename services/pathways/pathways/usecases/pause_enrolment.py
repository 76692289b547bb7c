"""An enrolment rests and goes on: the days between do not count. A pause has an end, so that nobody is forgotten."""

from datetime import date, timedelta
from uuid import UUID

from contracts.pathways import EnrolmentPaused, EnrolmentResumed
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import enrolments, pauses, steps
from pathways.usecases.close_step import complete_when_over
from pathways.usecases.settle_steps import Who, lock_running, name_of, settle
from pathways.usecases.show_enrolment import EnrolmentDetail, enrolment_detail

LONGEST = timedelta(days=183)
HOSPITAL_STAY = "hospital_stay"
"""The reason of a pause that a discharge ends."""
_JOB = "end-pauses"


async def pause_enrolment(work: Work, who: Who, enrolment_id: UUID, reason: str, until_on: date) -> EnrolmentDetail:
    """Nothing falls due from today to the day before `until_on`. Raises Problem 404, 409 or 422."""
    today = local_day(work.now)
    if not today < until_on <= today + LONGEST:
        raise field_problem("until_on", "pause_implausible", "After today, within half a year: it can be renewed")
    enrolment, by = await lock_running(work, who, enrolment_id), name_of(who)
    if enrolment["state"] == "paused":
        raise Problem(409, "enrolment_paused", "This enrolment is paused already")
    await pauses.add(work, enrolment_id, by, reason=reason, from_on=today, until_on=until_on)
    enrolment = await enrolments.restate(work, enrolment_id, by, "paused")
    await steps.all_to(work, enrolment_id, by, "paused", "planned", "due", "overdue")
    await settle(work, by, enrolment)
    told = EnrolmentPaused(
        enrolment_id=enrolment_id, template=enrolment["template"], reason=reason, from_on=today, until_on=until_on
    )
    work.emit(told, version=enrolment["version"])
    return await enrolment_detail(work, enrolment_id)


async def resume_enrolment(work: Work, who: Who, enrolment_id: UUID) -> EnrolmentDetail:
    """Goes on today: what is left keeps its distance. Raises Problem 404 or 409 `enrolment_not_paused`."""
    enrolment, by = await lock_running(work, who, enrolment_id), name_of(who)
    if enrolment["state"] != "paused":
        raise Problem(409, "enrolment_not_paused", "This enrolment is not paused")
    await _resume(work, by, enrolment_id, local_day(work.now))
    return await enrolment_detail(work, enrolment_id)


async def end_stay_pause(work: Work, by: str, enrolment: Record, discharged_on: date) -> None:
    """A pause for a stay at the hospital ends on the day of the discharge. The enrolment is locked by the caller.

    Not a pause that began after that day: it is for another stay.
    """
    running = await pauses.running(work, enrolment["id"]) if enrolment["state"] == "paused" else None
    if running is not None and running["reason"] == HOSPITAL_STAY and running["from_on"] <= discharged_on:
        await _resume(work, by, enrolment["id"], discharged_on)


async def end_pauses(work: Work, limit: int) -> int:
    """Pauses whose last day has passed end by themselves, in every territory. Answers how many."""
    over = await pauses.over(work, local_day(work.now), limit)
    for row in over:
        await _resume(work, _JOB, row["enrolment_id"], row["until_on"])
    return len(over)


async def _resume(work: Work, by: str, enrolment_id: UUID, on: date) -> Record:
    await pauses.end(work, enrolment_id, by, on)
    enrolment = await enrolments.restate(work, enrolment_id, by, "active")
    await steps.all_to(work, enrolment_id, by, "planned", "paused")
    await settle(work, by, enrolment)
    told = EnrolmentResumed(enrolment_id=enrolment_id, template=enrolment["template"], resumed_on=on)
    work.emit(told, version=enrolment["version"], territory=enrolment["territory"])
    await complete_when_over(work, by, enrolment_id)
    return enrolment
