"""Ends an enrolment before its steps are done."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Work
from pathways.store import enrolments, steps
from pathways.usecases.show_enrolment import EnrolmentDetail, show_enrolment, unknown_enrolment


async def leave_pathway(work: Work, enrolment_id: UUID, reason: str) -> EnrolmentDetail:
    """Cancels what is left to do, so that nothing falls overdue any more. Raises Problem 404 or 409."""
    enrolment = await enrolments.lock(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    if enrolment["state"] != "active":
        raise Problem(409, "enrolment_closed", "This enrolment has ended", state=enrolment["state"])
    await steps.cancel_open(work, enrolment_id)
    await enrolments.leave(work, enrolment_id, reason)
    return await show_enrolment(work, enrolment_id)
