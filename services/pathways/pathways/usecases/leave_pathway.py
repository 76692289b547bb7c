"""Ends an enrolment before its steps are done."""

from uuid import UUID

from contracts.pathways import EnrolmentLeft
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.store import enrolments, pauses, steps
from pathways.usecases.settle_steps import Who, lock_running, name_of
from pathways.usecases.show_enrolment import EnrolmentDetail, enrolment_detail


async def leave_pathway(work: Work, who: Who, enrolment_id: UUID, reason: str) -> EnrolmentDetail:
    """Cancels what is left to do, so that nothing falls overdue any more. Raises Problem 403, 404 or 409."""
    enrolment = await lock_running(work, who, enrolment_id)
    await end_enrolment(work, who, enrolment, reason)
    return await enrolment_detail(work, enrolment_id)


async def end_enrolment(work: Work, who: Who, enrolment: Record, reason: str) -> None:
    """Ends a running enrolment that the caller has locked, and tells it."""
    by, today = name_of(who), local_day(work.now)
    await steps.cancel_open(work, enrolment["id"], by)
    await pauses.end(work, enrolment["id"], by, today)
    left = await enrolments.leave(work, enrolment["id"], by, reason)
    told = EnrolmentLeft(enrolment_id=left["id"], template=left["template"], reason=reason, left_on=today)
    work.emit(told, version=left["version"], territory=left["territory"])
