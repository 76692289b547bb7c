"""An enrolment with its steps, the bookings of the dispatch and the timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.dating import midnight
from pathways.domain.timeline import Kind, Moment, in_order
from pathways.store import bookings, consents, enrolments, pauses, steps
from pathways.usecases.access import Access

_ENDS: dict[str, Kind] = {
    "cancelled": "booking_cancelled",
    "fulfilled": "booking_fulfilled",
    "missed": "booking_missed",
}


@dataclass(frozen=True)
class EnrolmentDetail:
    """Rows of one enrolment; `moments` are its timeline in order."""

    enrolment: Record
    consent: Record | None
    steps: list[Record]
    bookings: list[Record]
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
    visits = await bookings.of_enrolment(work, enrolment_id)
    rests = await pauses.of_enrolment(work, enrolment_id)
    moments = in_order(_moments(enrolment, todo, visits, rests))
    return EnrolmentDetail(enrolment, consent, todo, visits, rests, moments)


def unknown_enrolment() -> Problem:
    return Problem(404, "enrolment_unknown", "No such enrolment on this territory")


def _moments(enrolment: Record, todo: list[Record], visits: list[Record], rests: list[Record]) -> Iterator[Moment]:
    yield Moment(enrolment["created_at"], "enrolled", enrolment["id"], enrolment["label"])
    for step in todo:
        yield from _of_step(step)
    for visit in visits:
        yield from _of_booking(visit)
    for rest in rests:
        yield Moment(midnight(rest["from_on"]), "paused", rest["id"], rest["reason"])
        if rest["resumed_at"]:
            yield Moment(rest["resumed_at"], "resumed", rest["id"])
    if enrolment["closed_at"]:
        yield Moment(enrolment["closed_at"], "closed", enrolment["id"], enrolment["leave_reason"])


def _of_step(step: Record) -> Iterator[Moment]:
    if step["began_at"]:
        yield Moment(step["opens_at"], "step_opened", step["id"], step["label"])
    if step["state"] in ("planned", "due"):
        yield Moment(step["due_at"], "step_due", step["id"], step["label"])
    if step["overdue_at"]:
        yield Moment(step["due_at"], "step_overdue", step["id"], step["label"])
    if step["done_at"]:
        yield Moment(step["done_at"], "step_done", step["id"], step["label"])
    if step["state"] == "skipped":
        yield Moment(step["changed_at"], "step_skipped", step["id"], step["label"])


def _of_booking(visit: Record) -> Iterator[Moment]:
    if visit["confirmed_at"]:
        yield Moment(visit["confirmed_at"], "booking_confirmed", visit["booking_id"])
    if visit["state"] in _ENDS:
        yield Moment(visit["changed_at"], _ENDS[visit["state"]], visit["booking_id"])
