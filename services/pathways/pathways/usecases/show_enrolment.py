"""An enrolment with its steps, the bookings of the dispatch and the timeline."""

from dataclasses import dataclass
from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.timeline import Moment, in_order
from pathways.store import bookings, consents, enrolments, pauses, steps, timelines, visits
from pathways.usecases.access import Access


@dataclass(frozen=True)
class EnrolmentDetail:
    """Rows of one enrolment; `moments` are its timeline in order."""

    enrolment: Record
    consent: Record | None
    steps: list[Record]
    bookings: list[Record]
    visits: list[Record]
    pauses: list[Record]
    moments: list[Moment]


async def show_enrolment(work: Work, access: Access, enrolment_id: UUID) -> EnrolmentDetail:
    """Raises Problem 403 or 404 `enrolment_unknown`."""
    enrolment = await enrolments.find(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    await access.check(enrolment["patient_id"], "pathway", enrolment_id=enrolment_id)
    return await enrolment_detail(work, enrolment_id)


async def enrolment_detail(work: Work, enrolment_id: UUID) -> EnrolmentDetail:
    """For who may see it: the use case has asked. Raises Problem 404 `enrolment_unknown`."""
    enrolment = await enrolments.find(work, enrolment_id)
    if enrolment is None:
        raise unknown_enrolment()
    consent = await consents.of_enrolment(work, enrolment_id)
    todo = await steps.of_enrolment(work, enrolment_id)
    booked = await bookings.of_enrolment(work, enrolment_id)
    asked = await visits.of_enrolment(work, enrolment_id)
    rests = await pauses.of_enrolment(work, enrolment_id)
    found = await timelines.of_enrolment(work, enrolment_id)
    moments = in_order(Moment(it["at"], it["kind"], it["subject_id"], it["label"]) for it in found)
    return EnrolmentDetail(enrolment, consent, todo, booked, asked, rests, moments)


def unknown_enrolment() -> Problem:
    return Problem(404, "enrolment_unknown", "No such enrolment on this territory")
