"""One visit to come for a patient and a need: whoever asks twice is told of the first."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Work
from snp_dispatch.store import visits


async def refuse_second_visit(work: Work, call_id: UUID, patient_ref: str | None) -> None:
    """Called when the visit of `call_id` is written, before the commit: a refusal undoes it.

    Compared are visits to come, of the same `patient.ref`, profession and specialty. Patients without a
    reference are not compared: nothing says who they are. Raises Problem 409 `already_booked` with the
    `booking_id` of the other visit.
    """
    if patient_ref is None:
        return
    other = await visits.to_come(work, call_id, patient_ref)
    if other is not None:
        raise Problem(409, "already_booked", "This patient has a visit for this need already", booking_id=str(other))
