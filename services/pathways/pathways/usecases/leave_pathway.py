"""Ends an enrolment before its steps are done."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.store import enrolments, steps
from pathways.usecases.access import Access
from pathways.usecases.show_enrolment import EnrolmentDetail, enrolment_detail, unknown_enrolment


async def leave_pathway(work: Work, access: Access, enrolment_id: UUID, reason: str) -> EnrolmentDetail:
    """Cancels what is left to do, so that nothing falls overdue any more. Raises Problem 403, 404 or 409."""
    enrolment = await enrolments.lock(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    await access.check(enrolment["patient_id"], "pathway", "write", enrolment_id=enrolment_id)
    if enrolment["state"] != "active":
        raise Problem(409, "enrolment_closed", "This enrolment has ended", state=enrolment["state"])
    await end_enrolment(work, enrolment, reason)
    return await enrolment_detail(work, enrolment_id)


async def end_enrolment(work: Work, enrolment: Record, reason: str) -> None:
    """Ends an active enrolment that the caller has locked."""
    await steps.cancel_open(work, enrolment["id"])
    await enrolments.leave(work, enrolment["id"], reason)
